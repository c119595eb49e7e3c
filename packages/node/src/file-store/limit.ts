import { PairError } from '@pair/core'

/**
 * Of the records that the journal is told of when they are made: codes, devices, sessions, requests. Each commit writes the whole
 * file: what holds more than this wants a database.
 */
export const MAX_RECORDS = 5_000
/**
 * Of all others: spent proofs, tickets, locks. Strangers can have these made. Refusals alone may come to 12,960, one each ten minutes
 * of 90 days.
 */
export const MAX_MARKS = 15_000
/** Of all streams together: what the journal still keeps, 111 a day for 90 days. */
export const MAX_ITEMS = 10_000
/**
 * So many more of each, for commits that make no record but of what is known: a revoke of what stands there, a proof of a key that
 * is paired. No stranger can use these up.
 */
export const RESERVE = 2_000
/** Strangers may make counters; beyond this those that counted least make room. */
export const MAX_COUNTERS = 10_000
/** Bytes of a file. */
export const MAX_BYTES: number = 64 * 1024 * 1024

/** There is no room for what a commit wants to add. */
export function limitReached(what: string, most: number): PairError {
  const message = `fileStore: the file holds ${most.toLocaleString('en')} ${what}, and takes no more.`
  return new PairError('store_unavailable', {
    message,
    hint: 'Use sqliteStore of @pair/store-sqlite, which has no such limit. What is due to be forgotten goes with pair.sweep().',
    reason: message,
    undone: true,
  })
}
