import { MINUTE, type Millis } from '../time.ts'

/** How many were refused in one slice of time, and why. */
export interface RefusalCount {
  from: Millis
  /** The first instant that is not of it. */
  until: Millis
  /** By the code of the error. */
  counts: Readonly<Record<string, number>>
  /** Where most came from, the busiest first; 32 at most. */
  addresses: readonly { address: string; count: number }[]
  /** How many came from other places, or from none that is known. */
  elsewhere: number
}

/** The same as it is stored: a list, so that each part of it is as it was written or the row is none. */
export interface RefusalRow extends Omit<RefusalCount, 'counts'> {
  counts: readonly { code: string; count: number }[]
}

export function toRow({ counts, ...rest }: RefusalCount): RefusalRow {
  return { ...rest, counts: Object.entries(counts).map(([code, count]) => ({ code, count })) }
}

export function toCount({ counts, ...rest }: RefusalRow): RefusalCount {
  return { ...rest, counts: Object.fromEntries(counts.map(({ code, count }) => [code, count])) }
}

/** So much time is counted together. */
export const SLICE_MS: Millis = 10 * MINUTE

/** So many addresses are kept of a slice. */
export const ADDRESSES = 32

/** When the slice began that an instant is of. */
export function sliceOf(at: Millis): Millis {
  return Math.floor(at / SLICE_MS) * SLICE_MS
}

/** Nothing was refused yet since then. */
export function noRefusals(from: Millis): RefusalCount {
  return { from, until: from + SLICE_MS, counts: {}, addresses: [], elsewhere: 0 }
}

/** Both counts of one slice together; of the addresses those that came most. */
export function addRefusals(one: RefusalCount, other: RefusalCount): RefusalCount {
  const counts: Record<string, number> = { ...one.counts }
  for (const [code, count] of Object.entries(other.counts))
    counts[code] = (counts[code] ?? 0) + count
  const byAddress = new Map(one.addresses.map(({ address, count }) => [address, count]))
  for (const { address, count } of other.addresses)
    byAddress.set(address, (byAddress.get(address) ?? 0) + count)
  const busiest = [...byAddress]
    .map(([address, count]) => ({ address, count }))
    .sort((a, b) => b.count - a.count)
  const left = busiest.splice(ADDRESSES).reduce((sum, { count }) => sum + count, 0)
  return { ...one, counts, addresses: busiest, elsewhere: one.elsewhere + other.elsewhere + left }
}
