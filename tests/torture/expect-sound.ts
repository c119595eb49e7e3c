import type { TortureRow } from '@pair/testkit/torture'
import { expect, onTestFinished } from 'vitest'
import type { StartedStore } from './stores.ts'

/** Nothing was wrong; what was seen is printed. */
export async function expectSound(running: Promise<TortureRow>): Promise<void> {
  const { count, what, figures, faults } = await running
  console.log(`${count} ${what}: ${figures}`)
  expect(faults).toEqual([])
}

/** Its server ends with the test. */
export function untilTested(store: StartedStore): StartedStore {
  onTestFinished(() => store.end())
  return store
}
