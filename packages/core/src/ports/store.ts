import type { Millis } from '../time.ts'

/** ASCII parts without control characters. Keys are ordered by the bytes of their parts, part after part. */
export type Key = readonly string[]

/** A place in an append stream: printable ASCII, and of two places of one stream the later has the greater bytes. */
export type Position = string

export interface Entry {
  key: Key
  value: string
  /** Never comes back: not after delete and re-create, not after a restart. */
  version: string
}

/** Holds when the key is at that version; `null` holds when there is no such key. */
export interface Check {
  key: Key
  version: string | null
}

export interface Put {
  key: Key
  value: string
  /** Housekeeping: the store may forget the entry after this instant, never before. `null`: keep. */
  purgeAt: Millis | null
}

export interface Remove {
  key: Key
  value: null
}

export interface Append {
  /** The stream to append to. Positions become visible in order. */
  append: Key
  value: string
  purgeAt: Millis | null
}

export type Write = Put | Remove | Append

export interface StreamItem {
  position: Position
  value: string
  /** The keys that the same commit wrote. */
  keys: readonly Key[]
}

export interface Tail {
  items: StreamItem[]
  /** From here on nothing is missing. A reader whose cursor is before it may have missed items. */
  oldest: Position | null
  /** The newest position ever appended, also where it was purged since. */
  latest: Position | null
  /** `false`: items may be waiting behind the reader's horizon. */
  settled: boolean
}

export interface StoreWatcher {
  /** These keys may have changed; `null`: any may have. */
  changed(keys: readonly Key[] | null): void
  /** Whether changes are being heard at this moment. */
  live(isLive: boolean): void
}

export type Unsubscribe = () => void

/**
 * What core asks of persistence: checks and writes that are one step, counters, an ordered stream.
 *
 * A `commit` that answers `false` changed nothing. One that throws has an unknown outcome, unless its error, as a
 * `PairError` may, says `undone: true`: then it is certain that nothing was done, nor will be.
 */
export interface Store {
  read(key: Key): Promise<Entry | null>
  /** Entries below a prefix in key order, from just behind `after`. The prefix's own key is not below it. */
  list(prefix: Key, page: { after?: Key; limit: number }): Promise<Entry[]>
  /** All or nothing, and no key written twice. `false`: a check did not hold. */
  commit(checks: readonly Check[], writes: readonly Write[]): Promise<boolean>
  /** Adds to a counter of a keyspace of its own and answers the total; by ≥ 1 each total is handed out once, 0 reads. */
  increment(counter: Key, by: number, purgeAt: Millis): Promise<number>
  /** Items behind `after` (`null`: from the oldest), in order. */
  tail(stream: Key, after: Position | null, limit: number): Promise<Tail>
  /** Forgets at most `limit` things whose `purgeAt` is before that instant; answers how many. */
  purge(before: Millis, limit: number): Promise<number>
  /** The store's clock, for comparison only. */
  time?(): Promise<Millis>
  watch?(prefix: Key, on: StoreWatcher): Unsubscribe
}
