import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import type { Key, Store } from '../../src/ports/store.ts'
import { createChangeFeed, type ChangeFeed } from '../../src/storage/change-feed.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { NOON } from '../kit/clock.ts'
import { handTimers, settled, type HandTimers } from '../kit/workshop.ts'

interface Ears {
  feed: ChangeFeed
  timers: HandTimers
  /** What was heard, as text; `any`: any key may have changed. */
  heard: string[]
}

/** A listener on a store without a watch: all that it hears it finds in the stream. */
function listenTo(store: Store): Ears {
  const { watch: _, ...deaf } = store
  const timers = handTimers(fixedClock(NOON))
  const feed = createChangeFeed({
    store: deaf,
    namespace: 'x',
    stream: ['journal'],
    timers,
    deadlineMs: 2_000,
  })
  const heard: string[] = []
  feed.listen((keys) => heard.push(...(keys?.map((key) => key.join('/')) ?? ['any'])))
  return { feed, timers, heard }
}

async function change(store: Store, ...keys: Key[]): Promise<void> {
  const writes = keys.map((key) => ({ key: ['x', ...key], value: 'v', purgeAt: null }))
  await store.commit([], [...writes, { append: ['x', 'journal'], value: 'told', purgeAt: NOON }])
}

describe('the stream of changes', () => {
  test('tells the keys of each change once, in the order of the changes', async () => {
    const store = memoryStore()
    await change(store, ['before'])
    const { timers, heard } = listenTo(store)
    await settled()
    // what was before is not known: any may have changed
    expect(heard).toEqual(['any'])
    await change(store, ['a', '1'], ['b'])
    await change(store, ['c'])
    await timers.pass(200)
    expect(heard.slice(1).filter((key) => key !== 'journal')).toEqual(['a/1', 'b', 'c'])
    await timers.pass(1_000)
    expect(heard.filter((key) => key === 'c')).toEqual(['c'])
  })

  test('EVT-01 tells the stream too, which is none of the keys of its items: who follows it need not look by itself', async () => {
    const store = memoryStore()
    await change(store, ['before'])
    const { timers, heard } = listenTo(store)
    await settled()
    heard.length = 0
    await change(store, ['a'])
    await timers.pass(200)
    expect(heard).toEqual(['journal', 'a'])
  })

  test('is followed through a storm of 1,000 changes between two looks', async () => {
    const store = memoryStore()
    await change(store, ['before'])
    const { timers, heard, feed } = listenTo(store)
    await settled()
    for (let n = 0; n < 1_000; n++) await change(store, [`k${n}`])
    await timers.pass(200)
    expect(heard.filter((key) => key.startsWith('k'))).toHaveLength(1_000)
    expect(feed.isLive()).toBe(true)
  })

  test('says that anything may have changed where items went unseen, and goes on behind them', async () => {
    const store = memoryStore()
    const { timers, heard } = listenTo(store)
    await settled()
    await change(store, ['a'])
    await timers.pass(200)
    heard.length = 0
    await change(store, ['b'])
    await change(store, ['c'])
    // forgotten before anybody looked
    await store.purge(NOON + 1, 10)
    await timers.pass(200)
    expect(heard).toEqual(['any'])
    await change(store, ['d'])
    await timers.pass(200)
    await change(store, ['e'])
    await timers.pass(200)
    expect(heard).toContain('e')
  })

  test('is not live before the first look, nor half a second after the last, and says so', async () => {
    const real = memoryStore()
    let down = false
    const { feed, timers, heard } = listenTo({
      ...real,
      tail: (...asked) => (down ? Promise.reject(new Error('gone')) : real.tail(...asked)),
    })
    expect(feed.isLive()).toBe(false)
    await settled()
    expect(feed.isLive()).toBe(true)
    heard.length = 0
    down = true
    await timers.pass(499)
    expect([feed.isLive(), heard]).toEqual([true, []])
    await timers.pass(1)
    expect([feed.isLive(), heard]).toEqual([false, ['any']])
    down = false
    await timers.pass(200)
    expect(feed.isLive()).toBe(true)
  })

  test('is looked at where the store can not be watched', async () => {
    const real = memoryStore()
    const timers = handTimers(fixedClock(NOON))
    const watch = (): never => {
      throw new Error('no more connections')
    }
    const store = { ...real, watch }
    const ports = { store, namespace: 'x', stream: ['journal'], timers, deadlineMs: 2_000 }
    const feed = createChangeFeed(ports)
    expect(feed.keepLive()).toBe(false)
    await settled()
    expect(feed.keepLive()).toBe(true)
  })

  test('stays closed, also where a look is on its way', async () => {
    const { feed } = listenTo(memoryStore())
    feed.close()
    await settled()
    expect(feed.keepLive()).toBe(false)
  })

  test('goes on for who asks when the last listener leaves', async () => {
    const { feed } = listenTo(memoryStore())
    const leave = feed.listen(() => {})
    await settled()
    expect(feed.keepLive()).toBe(true)
    leave()
    expect(feed.keepLive()).toBe(true)
  })

  test('is left alone when nobody listens, and when it is closed', async () => {
    const { feed, timers } = listenTo(memoryStore())
    await settled()
    feed.close()
    expect(timers.waiting()).toBe(0)
    expect(feed.isLive()).toBe(false)
    expect(timers.waiting()).toBe(0)
  })
})
