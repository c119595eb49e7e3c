import { commitPromises } from './promises/commits.ts'
import { counterPromises } from './promises/counters.ts'
import { forgettingPromises } from './promises/forgetting.ts'
import { keyPromises } from './promises/keys.ts'
import { listPromises } from './promises/lists.ts'
import { streamPromises } from './promises/streams.ts'
import { timePromises } from './promises/time.ts'
import { versionPromises } from './promises/versions.ts'
import { visibilityPromises } from './promises/visibility.ts'
import { watchPromises } from './promises/watching.ts'
import type { StorePromise } from './subject.ts'

/**
 * All that @pair relies on in a store, one by one; for a runner other than vitest. Each promise wants a fresh, empty
 * store, throws where it does not hold (an AssertionError, or what the store itself threw), and needs no runner.
 *
 * @example
 * for (const promise of storePromises)
 *   test(`${promise.id} ${promise.name}`, async () => promise.holds({ store: await emptyStore() }))
 */
export const storePromises: readonly StorePromise[] = [
  ...commitPromises,
  ...visibilityPromises,
  ...versionPromises,
  ...keyPromises,
  ...listPromises,
  ...counterPromises,
  ...streamPromises,
  ...forgettingPromises,
  ...watchPromises,
  ...timePromises,
]
