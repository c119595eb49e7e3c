import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import {
  createWaitService,
  WAITERS_CAP,
  type Waiter,
  type WaitService,
} from '../../src/approval/wait-service.ts'
import type { ApprovalId } from '../../src/ids.ts'
import { createChangeFeed, type ChangeFeed } from '../../src/storage/change-feed.ts'
import type { Space } from '../../src/storage/space.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import type { Store, StoreWatcher } from '../../src/ports/store.ts'
import { NOON } from '../kit/clock.ts'
import { handTimers, settled, type HandTimers } from '../kit/workshop.ts'

const id = (name: string | number): ApprovalId => `apr_${name}`

interface Bench {
  waits: WaitService
  timers: HandTimers
  feed: ChangeFeed
  /** The store's own watch, as another process would be heard. `null`: nobody listens. */
  watcher(): StoreWatcher | null
}

async function bench({ heard = true } = {}): Promise<Bench> {
  const timers = handTimers(fixedClock(NOON))
  let watcher: StoreWatcher | null = null
  const real = memoryStore()
  const store: Store = {
    ...real,
    watch(_prefix, on) {
      watcher = on
      on.live(true)
      return () => void (watcher = null)
    },
    tail: (...asked) => (heard ? real.tail(...asked) : Promise.reject(new Error('gone'))),
  }
  const feed = createChangeFeed({
    store,
    namespace: 'pair',
    stream: ['journal'],
    timers,
    deadlineMs: 2_000,
  })
  // heard from the start: that it begins to be heard stirs whoever waits
  feed.listen(() => {})
  await settled()
  const waits = createWaitService({ space: { feed } as Space, timers })
  return { waits, timers, feed, watcher: () => watcher }
}

/** What `changed` came to by now; `undefined`: it still waits. */
async function outcome(changed: ReturnType<Waiter['changed']>): Promise<string | undefined> {
  await settled()
  return Promise.race([changed, Promise.resolve(undefined)])
}

describe('APP-08 a wait', () => {
  test('APP-08 is over when its time is, not a moment before', async () => {
    const { waits, timers, feed } = await bench()
    const waiting = waits.wait(id('a'), 3_000, null)!
    const changed = waiting.changed()
    await timers.pass(2_999)
    expect(await outcome(changed)).toBeUndefined()
    await timers.pass(1)
    expect(await outcome(changed)).toBe('over')
    feed.close()
    expect(timers.waiting()).toBe(0)
  })

  test('APP-08 is stirred by what it hangs on, by this process or by another, and by nothing of others', async () => {
    const { waits, feed, watcher } = await bench()
    const stir = async (act: () => void): Promise<string | undefined> => {
      const waiting = waits.wait(id('a'), 3_000, null)!
      const changed = waiting.changed()
      act()
      const told = await outcome(changed)
      waiting.end()
      return told
    }
    const own = ['approval', id('a'), 'record']
    const other = ['approval', id('b'), 'record']
    expect(await stir(() => feed.announce([other, own]))).toBe('look')
    expect(await stir(() => watcher()!.changed([['pair', ...own]]))).toBe('look')
    expect(await stir(() => watcher()!.changed(null))).toBe('look')
    // what every request hangs on stirs them all
    expect(await stir(() => feed.announce([['admission']]))).toBe('look')
    expect(await stir(() => feed.announce([['epoch']]))).toBe('look')
    expect(await stir(() => feed.announce([other]))).toBeUndefined()
    expect(await stir(() => watcher()!.changed([['pair', ...other]]))).toBeUndefined()
  })

  test('APP-08 does not miss what happened while its request was looked at', async () => {
    const { waits, feed } = await bench()
    const waiting = waits.wait(id('a'), 3_000, null)!
    feed.announce([['approval', id('a'), 'record']])
    expect(await outcome(waiting.changed())).toBe('look')
    expect(await outcome(waiting.changed())).toBeUndefined()
    waiting.end()
  })

  test.each([
    [true, 5_000],
    [false, 400],
  ])('APP-08 looks by itself (changes are heard: %s) each %i ms', async (heard, every) => {
    const { waits, timers, feed } = await bench({ heard })
    const waiting = waits.wait(id('a'), 25_000, null)!
    for (let times = 0; times < 3; times++) {
      const changed = waiting.changed()
      await timers.pass(every - 1)
      expect(await outcome(changed)).toBeUndefined()
      await timers.pass(1)
      expect(await outcome(changed)).toBe('look')
    }
    waiting.end()
    feed.close()
    expect(timers.waiting()).toBe(0)
  })

  test('APP-08 is one for a claim, and the one before is let go', async () => {
    const { waits, feed } = await bench()
    const [one, two] = [waits.wait(id('a'), 3_000, null)!, waits.wait(id('b'), 3_000, null)!]
    const [first, beside] = [one.changed(), two.changed()]
    const later = waits.wait(id('a'), 3_000, null)!
    expect([await outcome(first), await outcome(beside)]).toEqual(['displaced', undefined])
    // the end of the one before is not the end of the one that came later
    one.end()
    const changed = later.changed()
    feed.announce([['approval', id('a'), 'record']])
    expect(await outcome(changed)).toBe('look')
  })

  test('APP-08 is one of 256 at most; whoever waits already keeps his place, and each that ends makes room', async () => {
    const { waits } = await bench()
    const all = Array.from({ length: WAITERS_CAP }, (_, n) => waits.wait(id(n), 3_000, null))
    expect([all.length, all.includes(null)]).toEqual([256, false])
    expect(waits.wait(id('more'), 3_000, null)).toBeNull()
    expect(waits.wait(id(7), 3_000, null)).not.toBeNull()
    expect(waits.wait(id('more'), 3_000, null)).toBeNull()
    all[9]!.end()
    expect(waits.wait(id('more'), 3_000, null)).not.toBeNull()
    expect(waits.wait(id('another'), 3_000, null)).toBeNull()
  })

  test('APP-08 ends when whoever waits goes away, and is not begun for who is gone', async () => {
    const { waits, timers, feed } = await bench()
    const going = new AbortController()
    const waiting = waits.wait(id('a'), 3_000, going.signal)!
    const changed = waiting.changed()
    going.abort()
    expect(await outcome(changed)).toBe('over')
    feed.close()
    expect(timers.waiting()).toBe(0)
    expect(waits.wait(id('a'), 3_000, going.signal)).toBeNull()
  })

  test('APP-08 ends when all is closed, and none begins after that', async () => {
    const { waits, timers, feed } = await bench()
    const all = [1, 2, 3].map((n) => waits.wait(id(n), 3_000, null)!.changed())
    waits.close()
    expect(await Promise.all(all.map(outcome))).toEqual(['over', 'over', 'over'])
    feed.close()
    expect(timers.waiting()).toBe(0)
    expect(waits.wait(id(1), 3_000, null)).toBeNull()
  })
})
