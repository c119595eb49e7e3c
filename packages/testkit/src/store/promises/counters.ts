import { deepEqual, equal } from 'node:assert/strict'
import { race, ROUNDS } from '../race.ts'
import type { StorePromise } from '../subject.ts'
import { absent, append, put, remove, T0 } from '../writes.ts'

/** Counters hand out each total once. */
export const counterPromises: readonly StorePromise[] = [
  {
    id: 'STO-01',
    name: 'a counter hands out each total once to 40 rivals, in each of 8 rounds',
    async holds(subject) {
      const counter = ['limit', 'a']
      const totals: number[] = []
      for (let round = 0; round < ROUNDS; round++)
        totals.push(...(await race(subject, (store) => store.increment(counter, 1, T0))))
      deepEqual(
        totals.toSorted((a, b) => a - b),
        Array.from({ length: 40 * ROUNDS }, (_, n) => n + 1),
      )
      equal(await subject.store.increment(counter, 0, T0), 40 * ROUNDS)
    },
  },
  {
    id: 'STO-01',
    name: 'steps of different size never hand out one total twice',
    async holds(subject) {
      const steps = Array.from({ length: 40 }, (_, rival) => 1 + (rival % 4))
      const totals = await race(subject, (store, rival) =>
        store.increment(['c'], steps[rival]!, T0),
      )
      equal(new Set(totals).size, 40)
      equal(
        Math.max(...totals),
        steps.reduce((total, step) => total + step, 0),
      )
    },
  },
  {
    id: 'STO-01',
    name: 'by 0 a counter is read and nothing is made, counters apart from each other',
    async holds({ store }) {
      equal(await store.increment(['a'], 0, T0), 0)
      equal(await store.increment(['a'], 3, T0), 3)
      equal(await store.increment(['a'], 0, T0), 3)
      equal(await store.increment(['a', 'b'], 1, T0), 1)
      equal(await store.increment(['A'], 1, T0), 1)
      equal(await store.increment(['a'], 0, T0), 3)
    },
  },
  {
    id: 'STO-01',
    name: 'counters are a keyspace of their own: never read, listed, checked or overwritten as records',
    async holds({ store }) {
      await store.increment(['k'], 7, T0)
      equal(await store.read(['k']), null)
      deepEqual(await store.list([], { limit: 5 }), [])
      equal(await store.commit([absent(['k'])], [put(['k'])]), true)
      await store.commit([], [remove(['k']), append(['k'], 'x')])
      equal(await store.increment(['k'], 1, T0), 8)
    },
  },
]
