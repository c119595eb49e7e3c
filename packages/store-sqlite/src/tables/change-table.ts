import type { Connection } from '../connection.ts'

/** How many commits are kept for those who watch. */
const KEPT = 4096

/** The keys that the latest commits wrote, for other processes to hear of. */
export interface ChangeTable {
  add(keys: readonly string[]): void
  /** The number of the newest commit. */
  latest(): number
  /** The commits from that number on, itself among them where it is still held. */
  from(seq: number): { seq: number; keys: string[] }[]
}

/** Over the changes of an open file. */
export function createChangeTable({ query, command }: Connection): ChangeTable {
  const add = command('INSERT INTO pair_change (keys) VALUES (?)')
  const trim = command(
    `DELETE FROM pair_change WHERE seq <= (SELECT max(seq) FROM pair_change) - ${KEPT}`,
  )
  const latest = query<{ seq: number }>('SELECT max(seq) AS seq FROM pair_change')
  const from = query<{ seq: number; keys: string }>(
    'SELECT seq, keys FROM pair_change WHERE seq >= ? ORDER BY seq',
  )
  return {
    add(keys) {
      add(JSON.stringify(keys))
      trim()
    },
    latest: () => latest()[0]!.seq,
    from: (seq) => from(seq).map((row) => ({ ...row, keys: JSON.parse(row.keys) as string[] })),
  }
}
