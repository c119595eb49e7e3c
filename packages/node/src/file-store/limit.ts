import { PairError } from '@pair/core'

/** Each commit writes the whole file: what holds more than this wants a database. */
export const MAX_RECORDS = 5_000
/**
 * Beyond the others, for a commit that makes one record and tells the journal of it: a revoke goes on where nothing else does.
 */
export const RESERVE = 500
/** Of all streams together: what the journal still keeps. */
export const MAX_ITEMS = 20_000
/** Strangers may make counters; beyond this those that counted least make room. */
export const MAX_COUNTERS = 10_000
/** Bytes of the file. */
export const MAX_BYTES: number = 64 * 1024 * 1024

/** There is no room for what a commit wants to add. */
export function limitReached(what: string, most: number): PairError {
  const message = `fileStore: the file holds ${most.toLocaleString('en')} ${what}, and takes no more.`
  return new PairError('store_unavailable', {
    message,
    hint: 'Use sqliteStore of @pair/store-sqlite, which has no such limit. What is due to be forgotten goes with pair.sweep().',
    reason: message,
  })
}
