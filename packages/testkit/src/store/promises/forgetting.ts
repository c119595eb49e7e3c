import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Store } from '@pair/core'
import { race, ROUNDS } from '../race.ts'
import type { StorePromise } from '../subject.ts'
import { absent, append, namesOf, put, remove, T0, valueOf, versionOf } from '../writes.ts'

async function purgeAll(store: Store, before: number, limit: number): Promise<number[]> {
  const batches: number[] = []
  for (;;) {
    const purged = await store.purge(before, limit)
    if (purged === 0) return batches
    ok(purged <= limit, 'more was purged than asked')
    batches.push(purged)
  }
}

const names = async (store: Store): Promise<string> => namesOf(await store.list([], { limit: 100 }))

/** `purgeAt` is when a thing may be forgotten, never when it stops to count. */
export const forgettingPromises: readonly StorePromise[] = [
  {
    id: 'STO-05',
    name: 'nothing is forgotten before its purgeAt, and nothing at all that has none',
    async holds({ store }) {
      await store.commit([], [put(['a'], 'x', T0), put(['b'], 'x', T0 + 1), put(['keep'])])
      await store.commit([], [append(['s'], 'x', T0)])
      await store.increment(['c'], 5, T0)
      equal(await store.purge(T0, 100), 0)
      equal(await names(store), 'a b keep')
      equal(await store.increment(['c'], 0, T0), 5)
      equal((await store.tail(['s'], null, 5)).items.length, 1)
      await purgeAll(store, T0 + 1, 100)
      ok((await names(store)).includes('b keep'))
      await purgeAll(store, Number.MAX_SAFE_INTEGER, 100)
      ok((await names(store)).includes('keep'))
    },
  },
  {
    id: 'STO-05',
    name: 'at its purgeAt a thing still counts: it is read, listed and checked until it is purged',
    async holds({ store }) {
      await store.commit([], [put(['a'], 'x', 1)])
      equal(await valueOf(store, ['a']), 'x')
      equal(await names(store), 'a')
      equal(await store.commit([absent(['a'])], [put(['a'])]), false)
      equal(await store.increment(['c'], 1, 1), 1)
      equal(await store.increment(['c'], 1, 1), 2)
    },
  },
  {
    id: 'STO-05',
    name: 'records, counters and stream items that are due go in batches no larger than asked',
    async holds({ store, forgetsByItself }) {
      if (forgetsByItself) return
      const due = Array.from({ length: 25 }, (_, n) => put(['due', String(n)], 'x', T0 + n))
      const items = Array.from({ length: 13 }, (_, n) => append(['s'], String(n), T0 + n))
      await store.commit([], [...due, ...items, put(['later'], 'x', T0 + 1000), put(['keep'])])
      for (let n = 0; n < 11; n++) await store.increment(['c', String(n)], 1, T0 + n)
      const batches = await purgeAll(store, T0 + 100, 10)
      equal(
        batches.reduce((total, batch) => total + batch, 0),
        49,
      )
      equal(await names(store), 'keep later')
      deepEqual((await store.tail(['s'], null, 5)).items, [])
      equal(await store.increment(['c', '3'], 0, T0), 0)
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
      await store.commit([], [remove(['again'])])
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
      equal((await names(store)).replace(' shorter', ''), 'again kept longer')
      equal(await store.increment(['c'], 0, T0), 2)
      if (forgetsByItself) return
      equal(await store.read(['shorter']), null)
      await purgeAll(store, T0 + 51, 100)
      equal(await names(store), 'kept')
      equal(await store.increment(['c'], 0, T0), 0)
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
      equal(versions.size, 10)
    },
  },
  {
    id: 'STO-05',
    name: 'purging, committing and counting at once lose nothing that is kept, and no total comes twice, in each of 8 rounds',
    async holds(subject) {
      for (let round = 0; round < ROUNDS; round++) {
        const old = (n: number): string[] => ['old', String(round), String(n)]
        const fresh = ['new', String(round)]
        await subject.store.commit(
          [],
          Array.from({ length: 40 }, (_, n) => put(old(n), 'x', T0)),
        )
        for (let n = 0; n < 10; n++) await subject.store.increment(old(n), 5, T0)
        const totals = await race(subject, async (store, rival) => {
          if (rival % 2) {
            await store.purge(T0 + 1, 10)
            return []
          }
          const kept = [put(old(rival), 'y', T0 + 9), put([...fresh, String(rival)], 'x', T0 + 9)]
          await store.commit([], kept)
          const raise = (): Promise<number> => store.increment(old(rival >> 2), 1, T0 + 9)
          return [await raise(), await raise()]
        })
        await purgeAll(subject.store, T0 + 1, 50)
        equal((await subject.store.list(fresh, { limit: 100 })).length, 20)
        const kept = await subject.store.list(['old', String(round)], { limit: 100 })
        equal(kept.filter((entry) => entry.value === 'y').length, 20)
        for (let n = 0; n < 10; n++) {
          const last = await subject.store.increment(old(n), 0, T0)
          ok(last === 4 || last === 9, 'a counter that was raised begins anew')
          deepEqual(
            totals
              .slice(n * 4, n * 4 + 4)
              .flat()
              .toSorted((a, b) => a - b),
            [last - 3, last - 2, last - 1, last],
          )
        }
      }
    },
  },
]
