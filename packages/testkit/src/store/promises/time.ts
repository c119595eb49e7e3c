import { equal, ok } from 'node:assert/strict'
import { breath } from '../race.ts'
import { handlesOf, type StorePromise } from '../subject.ts'

/** Less than the smallest step between time zones. */
const TEN_MINUTES = 10 * 60_000

/** Instances compare their clocks with the store's. Stores without one keep this by having none. */
export const timePromises: readonly StorePromise[] = [
  {
    id: 'STO-01',
    name: 'a store that tells the time tells milliseconds since 1970 in UTC, and they go on',
    async holds(subject) {
      for (const store of handlesOf(subject)) {
        if (!store.time) continue
        const first = await store.time()
        equal(typeof first, 'number')
        const away = Math.abs(first - Date.now())
        ok(away < TEN_MINUTES, `it is ${away} ms away from the clock of this test`)
        let last = first
        // Some stores know whole seconds only.
        for (let turns = 150; turns > 0 && last === first; turns--) {
          await breath(10)
          last = await store.time()
        }
        ok(last > first, 'it does not go on')
      }
    },
  },
]
