import { PairError, type Millis, type Position, type Tail } from '@pair/core'
import { fromKeyText } from '@pair/core/store'
import type { Connection } from '../connection.ts'

/** Streams of items, numbered from 1 each. */
export interface StreamTable {
  append(stream: string, value: string, keys: readonly string[], purgeAt: Millis | null): void
  tail(stream: string, after: Position | null, limit: number): Tail
  /** Forgets at most `limit` items that are due; answers how many. */
  purge(before: Millis, limit: number): number
}

interface TailRow {
  latest: number
  oldest: number | null
  number: number | null
  value: string
  keys: string
}

/** Over the streams of an open file. */
export function createStreamTable({ query, command }: Connection): StreamTable {
  const advance = query<{ latest: number }>(
    `INSERT INTO pair_stream (stream, latest) VALUES (?, 1) ON CONFLICT (stream) DO UPDATE
     SET latest = latest + 1 RETURNING latest`,
  )
  const add = command(
    'INSERT INTO pair_item (stream, number, value, keys, purge_at) VALUES (?, ?, ?, ?, ?)',
  )
  // one statement, so that no commit of another process comes between items and ends
  const tail = query<TailRow>(
    `SELECT s.latest, i.number, i.value, i.keys,
       (SELECT number FROM pair_item WHERE stream = s.stream AND number > s.purged ORDER BY number LIMIT 1) AS oldest
     FROM pair_stream AS s LEFT JOIN
       (SELECT number, value, keys FROM pair_item WHERE stream = ? AND number > ? ORDER BY number LIMIT ?) AS i ON TRUE
     WHERE s.stream = ? ORDER BY i.number`,
  )
  const purge = query<{ stream: string; number: number }>(
    `DELETE FROM pair_item WHERE (stream, number) IN
     (SELECT stream, number FROM pair_item WHERE purge_at < ? ORDER BY purge_at LIMIT ?) RETURNING stream, number`,
  )
  const markPurged = command('UPDATE pair_stream SET purged = max(purged, ?) WHERE stream = ?')

  // positions of a file that was made anew come behind those of the old one, so that an old cursor shows as old
  const [meta] = query<{ birth: string }>(
    "SELECT value AS birth FROM pair_meta WHERE name = 'birth'",
  )()
  if (!meta)
    throw new PairError('config_invalid', {
      message: 'sqliteStore: the file was edited by hand: it no longer says when it was made.',
      hint: 'Restore a copy, or begin with a new file: every device then pairs anew.',
    })
  const life = `${meta.birth}-`
  const toPosition = (number: number): Position => life + number.toString(36).padStart(9, '0')
  const toNumber = (position: Position): number => {
    if (!position.startsWith(life)) return position < life ? 0 : Number.MAX_SAFE_INTEGER
    const number = Number.parseInt(position.slice(life.length), 36)
    return Number.isSafeInteger(number) ? number : 0
  }

  return {
    append(stream, value, keys, purgeAt) {
      const number = advance(stream)[0]!.latest
      add(stream, number, value, JSON.stringify(keys), purgeAt)
    },
    tail(stream, after, limit) {
      const rows = tail(stream, after === null ? 0 : toNumber(after), limit, stream)
      const [first] = rows
      return {
        items: rows.flatMap(({ number, value, keys }) =>
          number === null
            ? []
            : [{ position: toPosition(number), value, keys: toKeys(keys).map(fromKeyText) }],
        ),
        oldest: first && first.oldest !== null ? toPosition(first.oldest) : null,
        latest: first ? toPosition(first.latest) : null,
        settled: true,
      }
    },
    purge(before, limit) {
      const gone = purge(before, limit)
      const newest = new Map<string, number>()
      for (const { stream, number } of gone)
        newest.set(stream, Math.max(newest.get(stream) ?? 0, number))
      for (const [stream, number] of newest) markPurged(number, stream)
      return gone.length
    },
  }
}

function toKeys(text: string): string[] {
  return JSON.parse(text) as string[]
}
