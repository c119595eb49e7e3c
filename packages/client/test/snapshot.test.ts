import { expect, test } from 'vitest'
import { PairClientError } from '../src/client-error.ts'
import { createSnapshotStore } from '../src/snapshot.ts'

const server = { version: 1, time: '2026-01-01T00:00:00Z', admission: 'code' } as const

test('a snapshot is the same frozen object until something changes', () => {
  const store = createSnapshotStore()
  const first = store.get()
  expect(first).toEqual({ status: 'unknown', linkCode: false, linkOwner: false })
  expect(Object.isFrozen(first)).toBe(true)
  store.set({ status: 'unknown', linkCode: false, linkOwner: false })
  expect(store.get()).toBe(first)
  store.set({ status: 'unpaired', linkCode: false, linkOwner: false, server })
  const second = store.get()
  expect(second).not.toBe(first)
  store.set({
    status: 'unpaired',
    linkCode: false,
    linkOwner: false,
    server: { ...server, time: '2026-01-01T00:00:09Z' },
  })
  expect(store.get()).toBe(second)
  store.set({
    status: 'unpaired',
    linkCode: false,
    linkOwner: false,
    server,
    problem: new PairClientError('code_missing'),
  })
  expect(store.get()).not.toBe(second)
})

test('listeners hear each change once, until they leave; one given twice leaves twice', () => {
  const store = createSnapshotStore()
  let heard = 0
  const listener = (): void => void heard++
  const leave = store.subscribe(listener)
  const leaveToo = store.subscribe(listener)
  store.set({ status: 'unpaired', linkCode: false, linkOwner: false })
  expect(heard).toBe(2)
  leave()
  leave()
  store.set({ status: 'unpaired', linkCode: true, linkOwner: false })
  expect(heard).toBe(3)
  leaveToo()
  store.set({ status: 'unpaired', linkCode: false, linkOwner: false })
  expect(heard).toBe(3)
})

test('a listener that leaves while it is told does not keep others from hearing', () => {
  const store = createSnapshotStore()
  let heard = 0
  const leave = store.subscribe(() => leave())
  store.subscribe(() => void heard++)
  store.set({ status: 'unpaired', linkCode: false, linkOwner: false })
  expect(heard).toBe(1)
})

test('a closed store changes no more', () => {
  const store = createSnapshotStore()
  store.close()
  store.set({ status: 'unpaired', linkCode: false, linkOwner: false })
  expect(store.get().status).toBe('unknown')
})
