import { afterEach, beforeEach, describe, it } from 'vitest'
import { commitPromises } from './store-contract/commits.ts'
import { counterPromises } from './store-contract/counters.ts'
import { forgettingPromises } from './store-contract/forgetting.ts'
import { listPromises } from './store-contract/lists.ts'
import type { StorePromise, StoreSubject } from './store-contract/promise.ts'
import { streamPromises } from './store-contract/streams.ts'
import { versionPromises } from './store-contract/versions.ts'
import { watchPromises } from './store-contract/watching.ts'

export type { StorePromise, StoreSubject } from './store-contract/promise.ts'

/** All that core relies on, one by one. */
export const storePromises: readonly StorePromise[] = [
  ...commitPromises,
  ...versionPromises,
  ...listPromises,
  ...counterPromises,
  ...streamPromises,
  ...forgettingPromises,
  ...watchPromises,
]

/**
 * A suite that shows that a store keeps the promises of the port. `make` answers a fresh, empty store each time.
 *
 * @example
 * describeStoreContract('memory', async () => ({ store: memoryStore() }))
 */
export function describeStoreContract(name: string, make: () => Promise<StoreSubject>): void {
  describe(`the store contract (${name})`, () => {
    let subject: StoreSubject
    beforeEach(async () => {
      subject = await make()
    })
    afterEach(() => subject.close?.())
    for (const promise of storePromises) {
      // oxlint-disable-next-line vitest/expect-expect -- each promise holds its own
      it(`${promise.id} ${promise.name}`, () => promise.holds(subject))
    }
  })
}
