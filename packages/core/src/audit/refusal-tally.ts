import type { Millis } from '../time.ts'
import { SLICE_MS, type RefusalCount } from './refusal-count.ts'

/** Refusals of one slice as they come, at the same small cost each. */
export interface RefusalTally {
  note(code: string, address: string | null): void
  count(): RefusalCount
}

/** So many addresses are told apart before the rest is one number. */
const APART = 1_024

export function createTally(from: Millis): RefusalTally {
  const counts = new Map<string, number>()
  const addresses = new Map<string, number>()
  let elsewhere = 0
  return {
    note(code, address) {
      counts.set(code, (counts.get(code) ?? 0) + 1)
      if (address !== null && (addresses.has(address) || addresses.size < APART))
        addresses.set(address, (addresses.get(address) ?? 0) + 1)
      else elsewhere++
    },
    count: () => ({
      from,
      until: from + SLICE_MS,
      counts: Object.fromEntries(counts),
      addresses: [...addresses].map(([address, count]) => ({ address, count })),
      elsewhere,
    }),
  }
}
