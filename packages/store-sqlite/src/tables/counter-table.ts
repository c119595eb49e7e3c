import type { Millis } from '@pair/core'
import type { Connection } from '../connection.ts'

/** Totals under keys of their own. */
export interface CounterTable {
  read(key: string): number
  raise(key: string, by: number, purgeAt: Millis): number
  /** Forgets at most `limit` that are due; answers how many. */
  purge(before: Millis, limit: number): number
}

/** Over the counters of an open file. */
export function createCounterTable({ query }: Connection): CounterTable {
  const read = query<{ total: number }>('SELECT total FROM pair_counter WHERE key = ?')
  const raise = query<{ total: number }>(
    `INSERT INTO pair_counter (key, total, purge_at) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE
     SET total = total + excluded.total, purge_at = max(purge_at, excluded.purge_at) RETURNING total`,
  )
  const purge = query(
    `DELETE FROM pair_counter WHERE key IN
     (SELECT key FROM pair_counter WHERE purge_at < ? ORDER BY purge_at LIMIT ?) RETURNING 1`,
  )
  return {
    read: (key) => read(key)[0]?.total ?? 0,
    raise: (key, by, purgeAt) => raise(key, by, purgeAt)[0]!.total,
    purge: (before, limit) => purge(before, limit).length,
  }
}
