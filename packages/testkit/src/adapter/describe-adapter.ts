import { describe, it } from 'vitest'
import { runCase } from './adapter-case.ts'
import { adapterCases } from './scenario.ts'
import type { AdapterHarness } from './harness.ts'

/** Some cases race 40 clients, 8 times over, and the machine may have other work. */
const TIMEOUT_MS = 60_000

/**
 * Holds an adapter to what every adapter does: one HTTP and socket scenario over the network, each case a test.
 * `name` is the framework's.
 *
 * @example
 * ```ts
 * import { describeAdapter, type AdapterHarness } from '@pair/testkit'
 * declare const harness: AdapterHarness
 * describeAdapter('express', harness)
 * ```
 */
export function describeAdapter(name: string, harness: AdapterHarness): void {
  describe(`the adapter (${name})`, () => {
    for (const one of adapterCases)
      it(`${one.name}`, async () => void (await runCase(harness, one)), TIMEOUT_MS)
  })
}
