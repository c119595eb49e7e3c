import type { Millis } from '@pair/core'
import { toEndText } from '@pair/core/store'
import type { Connection } from '../connection.ts'

/** A row, named by the text of its key. */
export interface RecordRow {
  key: string
  value: string
  version: string
}

/** What stands under keys. */
export interface RecordTable {
  read(key: string): RecordRow | undefined
  /** Those whose key begins with `start`, from just behind `bound`, in order. */
  page(start: string, bound: string, limit: number): RecordRow[]
  put(key: string, value: string, version: string, purgeAt: Millis | null): void
  remove(key: string): void
  /** Forgets at most `limit` that are due; answers how many. */
  purge(before: Millis, limit: number): number
}

/** Over the records of an open file. */
export function createRecordTable({ query, command }: Connection): RecordTable {
  const read = query<RecordRow>('SELECT key, value, version FROM pair_record WHERE key = ?')
  const page = query<RecordRow>(
    'SELECT key, value, version FROM pair_record WHERE key > ? AND key < ? ORDER BY key LIMIT ?',
  )
  const put = command(
    `INSERT INTO pair_record (key, value, version, purge_at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE
     SET value = excluded.value, version = excluded.version, purge_at = excluded.purge_at`,
  )
  const remove = command('DELETE FROM pair_record WHERE key = ?')
  const purge = query(
    `DELETE FROM pair_record WHERE rowid IN
     (SELECT rowid FROM pair_record WHERE purge_at < ? ORDER BY purge_at LIMIT ?) RETURNING 1`,
  )
  return {
    read: (key) => read(key)[0],
    page: (start, bound, limit) => page(bound > start ? bound : start, toEndText(start), limit),
    put,
    remove,
    purge: (before, limit) => purge(before, limit).length,
  }
}
