import { describeStore } from '@pair/testkit'
import { describe, expect, it } from 'vitest'
import type { Key } from '../../../src/ports/store.ts'
import { memoryStore } from '../../../src/storage/memory/memory-store.ts'

describeStore(
  'memory',
  () => {
    const store = memoryStore()
    return { store, others: [store] }
  },
  { lacks: ['reopen', 'dropWatch'] },
)

const T0 = 1_800_000_000_000
const put = (key: Key, purgeAt: number | null = null) => ({ key, value: 'x', purgeAt })

describe('the memory store', () => {
  it('tells the time of the clock that it was given', async () => {
    expect(await memoryStore({ clock: () => T0 }).time?.()).toBe(T0)
  })

  it('refuses blanks in keys, values that are no text and instants that are none, and keeps nothing of such a commit', async () => {
    const store = memoryStore()
    for (const bad of [
      put(['a b']),
      put(['a'], Number.NaN),
      put(['a'], Infinity),
      put(['a'], -1),
      { ...put(['a']), value: 1 as unknown as string },
    ]) {
      await expect(store.commit([], [put(['good']), bad])).rejects.toThrow(TypeError)
    }
    for (const by of [-1, 0.5, Number.NaN, Infinity])
      await expect(store.increment(['c'], by, T0)).rejects.toThrow(TypeError)
    await expect(store.increment(['c'], 1, Number.NaN)).rejects.toThrow(TypeError)
    expect(await store.increment(['c'], 0, T0)).toBe(0)
    expect(await store.list([], { limit: 5 })).toEqual([])
  })

  it('forgets a fraction of a millisecond late rather than early', async () => {
    const store = memoryStore()
    await store.commit([], [put(['a'], T0 + 0.5)])
    expect(await store.purge(T0 + 0.6, 5)).toBe(0)
    expect(await store.purge(T0 + 2, 5)).toBe(1)
  })

  it('tells its watchers before a commit answers, and once for each commit', async () => {
    const store = memoryStore()
    const heard: string[] = []
    store.watch?.([], {
      live: (isLive) => heard.push(`live ${isLive}`),
      changed: (keys) => heard.push(String(keys)),
    })
    const done = store.commit(
      [],
      [put(['a']), put(['a']), { append: ['s'], value: 'x', purgeAt: null }],
    )
    expect(heard).toEqual(['live true', 'a,s'])
    expect(await done).toBe(true)
  })

  it('a watcher that an earlier one stopped is not told of the same change', async () => {
    const store = memoryStore()
    const stops: (() => void)[] = []
    let told = 0
    for (const other of [1, 0]) {
      stops.push(
        store.watch!([], { live: () => {}, changed: () => ((told += 1), stops[other]!()) }),
      )
    }
    await store.commit([], [put(['a'])])
    expect(told).toBe(1)
  })

  it('a watcher that subscribes anew at each change is told once', async () => {
    const store = memoryStore()
    let told = 0
    const subscribe = (): void => {
      const stop = store.watch?.([], {
        live: () => {},
        changed: () => {
          told += 1
          stop?.()
          subscribe()
        },
      })
    }
    subscribe()
    await store.commit([], [put(['a'])])
    await store.commit([], [put(['b'])])
    expect(told).toBe(2)
  })

  it('positions and versions of a later store are none of an earlier one, and its positions come behind', async () => {
    const made: { position: string; version: string }[] = []
    for (let n = 0; n < 3; n++) {
      const store = memoryStore({ clock: () => T0 + n })
      for (let round = 0; round <= 40 - n * 20; round++)
        await store.commit([], [put(['a']), { append: ['s'], value: 'x', purgeAt: null }])
      made.push({
        position: (await store.tail(['s'], null, 1)).latest!,
        version: (await store.read(['a']))!.version,
      })
    }
    const positions = made.map(({ position }) => position)
    expect(positions).toEqual(positions.toSorted())
    expect(new Set(made.map(({ version }) => version)).size).toBe(3)
  })

  it('counters that are raised for ever leave nothing behind but themselves', async () => {
    const store = memoryStore()
    for (let n = 0; n < 1000; n++) await store.increment(['c'], 1, T0 + n)
    expect(await store.purge(T0 + 999, 1000)).toBe(0)
    expect(await store.purge(T0 + 1000, 1000)).toBe(1)
  })

  it('keeps 1,024 to 100,000,000 counters, and says so where it is asked for others', async () => {
    for (const counters of [1_024, 100_000_000])
      expect(await memoryStore({ counters }).increment(['c'], 1, T0)).toBe(1)
    for (const counters of [0, 1_023, 100_000_001, 2_000.5, Number.NaN, Infinity, '5000', null]) {
      const open = () => memoryStore({ counters: counters as number })
      expect(open, String(counters)).toThrow(
        expect.objectContaining({
          code: 'config_invalid',
          message: expect.stringContaining('`counters`'),
        }),
      )
    }
  })

  it('LIM-05 keeps about as many counters as it is told, and those that counted more', async () => {
    const store = memoryStore({ counters: 1_024 })
    for (let n = 0; n < 10; n++) await store.increment(['locked', String(n)], 10, T0)
    for (let n = 0; n < 10_240; n++) await store.increment(['stranger', String(n)], 1, T0 + 90_000)
    for (let n = 0; n < 10; n++)
      expect(await store.increment(['locked', String(n)], 0, T0)).toBe(10)
    expect(await store.purge(Infinity, 10_000)).toBeLessThanOrEqual(1_127)
  })
})
