import { expect } from 'vitest'
import { absent, put, race, T0, type StorePromise } from './promise.ts'

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0)

/** Counters hand out each total once. */
export const counterPromises: readonly StorePromise[] = [
  {
    id: 'STO-01',
    name: 'a counter hands out each total once to 40 rivals, in each of 8 rounds',
    async holds(subject) {
      const counter = ['limit', 'a']
      const totals: number[] = []
      for (let round = 0; round < 8; round++)
        totals.push(...(await race(subject, (store) => store.increment(counter, 1, T0))))
      expect(totals.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 320 }, (_, n) => n + 1))
      expect(await subject.store.increment(counter, 0, T0)).toBe(320)
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
      expect(new Set(totals).size).toBe(40)
      expect(Math.max(...totals)).toBe(sum(steps))
    },
  },
  {
    id: 'STO-01',
    name: 'by 0 a counter is read and nothing is made, counters apart from each other',
    async holds({ store }) {
      expect(await store.increment(['a'], 0, T0)).toBe(0)
      expect(await store.increment(['a'], 3, T0)).toBe(3)
      expect(await store.increment(['a'], 0, T0)).toBe(3)
      expect(await store.increment(['a', 'b'], 1, T0)).toBe(1)
      expect(await store.increment(['A'], 1, T0)).toBe(1)
      expect(await store.increment(['a'], 0, T0)).toBe(3)
    },
  },
  {
    id: 'STO-01',
    name: 'counters are a keyspace of their own: never read, listed, checked or overwritten as records',
    async holds({ store }) {
      await store.increment(['k'], 7, T0)
      expect(await store.read(['k'])).toBeNull()
      expect(await store.list([], { limit: 5 })).toEqual([])
      expect(await store.commit([absent(['k'])], [put(['k'])])).toBe(true)
      await store.commit(
        [],
        [
          { key: ['k'], value: null },
          { append: ['k'], value: 'x', purgeAt: null },
        ],
      )
      expect(await store.increment(['k'], 1, T0)).toBe(8)
    },
  },
]
