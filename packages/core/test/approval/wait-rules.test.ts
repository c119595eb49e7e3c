import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { createWaitService, type WaitService } from '../../src/approval/wait-service.ts'
import type { Key } from '../../src/ports/store.ts'
import type { Space } from '../../src/storage/space.ts'

/** A wait service whose changes are told by hand, and whose time stands still. */
function open(): {
  waits: WaitService
  tell(keys: Key[] | null): void
  listeners(): number
} {
  const heard = new Set<(keys: readonly Key[] | null) => void>()
  const feed = {
    isLive: () => true,
    listen(hear: (keys: readonly Key[] | null) => void) {
      heard.add(hear)
      return () => void heard.delete(hear)
    },
  }
  const timers = { elapsed: () => 0, after: () => () => {}, hold: () => () => {} }
  return {
    waits: createWaitService({ space: { feed } as unknown as Space, timers }),
    tell: (keys) => heard.forEach((hear) => hear(keys)),
    listeners: () => heard.size,
  }
}

test('APP-08 a change of the mode stirs all, also where it came with others', async () => {
  const { waits, tell } = open()
  const waiting = waits.wait('apr_one', 1, null)!
  tell([['session', 'ses_one', 'record'], ['admission']])
  expect(await waiting.changed()).toBe('look')
  tell([['epoch'], ['session', 'ses_one', 'record']])
  expect(await waiting.changed()).toBe('look')
})

test('APP-08 who has no time left does not wait', () => {
  const { waits, listeners } = open()
  for (const ms of [0, -1]) expect(waits.wait('apr_one', ms, null)).toBeNull()
  expect(listeners()).toBe(0)
})

test('APP-08 who was displaced stays so, whatever ends later', async () => {
  const { waits } = open()
  const first = waits.wait('apr_one', 1, null)!
  waits.wait('apr_one', 1, null)
  first.end()
  expect(await first.changed()).toBe('displaced')
})

test('APP-08 changes are listened to as long as anybody waits, and no longer', () => {
  const { waits, listeners } = open()
  const going = new AbortController()
  const [one, two] = [waits.wait('apr_one', 1, going.signal)!, waits.wait('apr_two', 1, null)!]
  expect([listeners(), getEventListeners(going.signal, 'abort').length]).toEqual([1, 1])
  one.end()
  expect([listeners(), getEventListeners(going.signal, 'abort').length]).toEqual([1, 0])
  two.end()
  expect(listeners()).toBe(0)
  const again = waits.wait('apr_one', 1, null)!
  expect(listeners()).toBe(1)
  again.end()
  expect(listeners()).toBe(0)
})
