import { expect } from 'vitest'
import type { Store, Write } from '../../src/ports/store.ts'
import { put, race, T0, versionOf, type StorePromise } from './promise.ts'

async function purgeAll(store: Store, before: number, limit: number): Promise<number[]> {
  const batches: number[] = []
  for (;;) {
    const purged = await store.purge(before, limit)
    if (purged === 0) return batches
    expect(purged).toBeLessThanOrEqual(limit)
    batches.push(purged)
  }
}

const names = async (store: Store): Promise<string> =>
  (await store.list([], { limit: 100 })).map((entry) => entry.key.join('/')).join(' ')

/** `purgeAt` is when a thing may be forgotten, never when it stops to count. */
export const forgettingPromises: readonly StorePromise[] = [
  {
    id: 'STO-05',
    name: 'nothing is forgotten before its purgeAt, and nothing at all that has none',
    async holds({ store }) {
      await store.commit([], [put(['a'], 'x', T0), put(['b'], 'x', T0 + 1), put(['keep'])])
      await store.commit([], [{ append: ['s'], value: 'x', purgeAt: T0 }])
      await store.increment(['c'], 5, T0)
      expect(await store.purge(T0, 100)).toBe(0)
      expect(await names(store)).toBe('a b keep')
      expect(await store.increment(['c'], 0, T0)).toBe(5)
      expect((await store.tail(['s'], null, 5)).items).toHaveLength(1)
      await purgeAll(store, T0 + 1, 100)
      expect(await names(store)).toContain('b keep')
      await purgeAll(store, Number.MAX_SAFE_INTEGER, 100)
      expect(await names(store)).toContain('keep')
    },
  },
  {
    id: 'STO-05',
    name: 'at its purgeAt a thing still counts: it is read, listed and checked until it is purged',
    async holds({ store }) {
      await store.commit([], [put(['a'], 'x', 1)])
      expect(await store.read(['a'])).toMatchObject({ value: 'x' })
      expect(await store.commit([{ key: ['a'], version: null }], [put(['a'])])).toBe(false)
      expect(await store.increment(['c'], 1, 1)).toBe(1)
      expect(await store.increment(['c'], 1, 1)).toBe(2)
    },
  },
  {
    id: 'STO-05',
    name: 'records, counters and stream items that are due go in batches no larger than asked',
    async holds({ store, forgetsByItself }) {
      if (forgetsByItself) return
      const due = Array.from({ length: 25 }, (_, n) => put(['due', String(n)], 'x', T0 + n))
      const items: Write[] = Array.from({ length: 13 }, (_, n) => ({
        append: ['s'],
        value: String(n),
        purgeAt: T0 + n,
      }))
      await store.commit([], [...due, ...items, put(['later'], 'x', T0 + 1000), put(['keep'])])
      for (let n = 0; n < 11; n++) await store.increment(['c', String(n)], 1, T0 + n)
      const batches = await purgeAll(store, T0 + 100, 10)
      expect(batches.reduce((total, batch) => total + batch, 0)).toBe(49)
      expect(await names(store)).toBe('keep later')
      expect((await store.tail(['s'], null, 5)).items).toEqual([])
      expect(await store.increment(['c', '3'], 0, T0)).toBe(0)
    },
  },
  {
    id: 'STO-05',
    name: 'what was written again is forgotten by its last purgeAt, a counter by its latest',
    async holds({ store, forgetsByItself }) {
      await store.commit(
        [],
        ['longer', 'kept', 'again'].map((name) => put([name], 'x', T0)),
      )
      await store.commit([], [{ key: ['again'], value: null }])
      await store.commit(
        [],
        [
          put(['longer'], 'x', T0 + 50),
          put(['kept']),
          put(['again'], 'y', T0 + 50),
          put(['shorter']),
        ],
      )
      await store.commit([], [put(['shorter'], 'x', T0)])
      await store.increment(['c'], 1, T0 + 50)
      await store.increment(['c'], 1, T0)
      await store.increment(['c'], 0, T0 + 900)
      await purgeAll(store, T0 + 50, 100)
      expect((await names(store)).replace(' shorter', '')).toBe('again kept longer')
      expect(await store.increment(['c'], 0, T0)).toBe(2)
      if (forgetsByItself) return
      expect(await store.read(['shorter'])).toBeNull()
      await purgeAll(store, T0 + 51, 100)
      expect(await names(store)).toBe('kept')
      expect(await store.increment(['c'], 0, T0)).toBe(0)
    },
  },
  {
    id: 'STO-05',
    name: 'what is made anew after it was forgotten has a version that never was',
    async holds({ store }) {
      const versions = new Set<string | null>()
      for (let round = 0; round < 10; round++) {
        await store.commit([], [put(['a'], 'same', T0)])
        versions.add(await versionOf(store, ['a']))
        await purgeAll(store, T0 + 1, 10)
      }
      expect(versions.size).toBe(10)
    },
  },
  {
    id: 'STO-05',
    name: 'purging and committing at once lose nothing that is kept',
    async holds(subject) {
      await subject.store.commit(
        [],
        Array.from({ length: 200 }, (_, n) => put(['old', String(n)], 'x', T0)),
      )
      await race(subject, async (store, rival) => {
        if (rival % 2) await store.purge(T0 + 1, 10)
        else
          await store.commit(
            [],
            [put(['old', String(rival)], 'y', T0 + 9), put(['new', String(rival)], 'x', T0 + 9)],
          )
      })
      await purgeAll(subject.store, T0 + 1, 50)
      expect(await subject.store.list(['new'], { limit: 100 })).toHaveLength(20)
      const kept = await subject.store.list(['old'], { limit: 300 })
      expect(kept.filter((entry) => entry.value === 'y')).toHaveLength(20)
    },
  },
]
