import { ok } from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { storePromises } from './store-promises.ts'
import { isAble, type StoreAbility, type StoreSubject } from './subject.ts'

export interface DescribeStoreOptions {
  /**
   * What the subject is without, said aloud: promises that need it are left out of the suite. One that lacks it
   * silently fails. Default: nothing.
   */
  lacks?: readonly StoreAbility[]
  /** How long one promise may take, in milliseconds. Default 30,000: disks and networks are slow. */
  timeoutMs?: number
}

/**
 * A vitest suite that shows that a store keeps the promises of the port. `make` answers a fresh, empty store each time.
 *
 * @example
 * describeStore('memory', () => ({ store: memoryStore() }), { lacks: ['reopen', 'dropWatch'] })
 */
export function describeStore(
  name: string,
  make: () => StoreSubject | Promise<StoreSubject>,
  options: DescribeStoreOptions = {},
): void {
  const { lacks = [], timeoutMs = 30_000 } = options
  describe(`the store contract (${name})`, () => {
    let subject: StoreSubject
    beforeEach(async () => {
      subject = await make()
    }, timeoutMs)
    afterEach(() => subject.close?.(), timeoutMs)
    for (const { id, name, needs, holds } of storePromises) {
      if (needs && lacks.includes(needs)) continue
      it(
        `${id} ${name}`,
        () => {
          ok(
            !needs || isAble(subject, needs),
            `The subject has no \`${needs}\`: give it one, or say \`lacks: ['${needs}']\`.`,
          )
          return holds(subject)
        },
        timeoutMs,
      )
    }
  })
}
