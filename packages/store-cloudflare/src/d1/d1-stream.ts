import { PairError, type Position, type Tail } from '@pair/core'
import { fromKeyText } from '@pair/core/store'
import type { Sql } from './d1-database.ts'

interface TailRow {
  birth: string | null
  latest: number
  oldest: number | null
  number: number | null
  value: string
  keys: string
}

/** Positions begin with the birth of the database: a cursor of one that was there before shows as old. */
export function toTail(stream: string, after: Position | null, limit: number): Sql {
  const number = Number.parseInt(after?.slice(after.indexOf('-') + 1) ?? '', 36)
  return [
    `WITH life AS (SELECT (SELECT value FROM pair_meta WHERE name = 'birth') AS birth)
     SELECT life.birth, s.latest, i.number, i.value, i.keys,
       (SELECT number FROM pair_item WHERE stream = s.stream AND number > s.purged ORDER BY number LIMIT 1) AS oldest
     FROM life JOIN pair_stream AS s ON s.stream = ?1 LEFT JOIN
       (SELECT number, value, keys FROM pair_item WHERE stream = ?1 AND number >
          (SELECT CASE WHEN substr(?2, 1, length(birth) + 1) = birth || '-' THEN ?3
             WHEN ?2 < birth THEN 0 ELSE ${Number.MAX_SAFE_INTEGER} END FROM life)
        ORDER BY number LIMIT ?4) AS i ON TRUE
     ORDER BY i.number`,
    stream,
    after ?? '',
    Number.isSafeInteger(number) ? number : 0,
    limit,
  ]
}

/** What those rows tell. */
export function readTail(rows: readonly TailRow[]): Tail {
  const [first] = rows
  if (!first) return { items: [], oldest: null, latest: null, settled: true }
  const { birth, oldest, latest } = first
  if (birth === null)
    throw new PairError('config_invalid', {
      message: 'd1Store: the database was edited by hand: it no longer says when it was made.',
      hint: 'Restore it to an instant before, or begin with a new one: every device then pairs anew.',
    })
  const toPosition = (number: number): Position =>
    `${birth}-${number.toString(36).padStart(9, '0')}`
  return {
    items: rows.flatMap(({ number, value, keys }) =>
      number === null
        ? []
        : [
            {
              position: toPosition(number),
              value,
              keys: (JSON.parse(keys) as string[]).map(fromKeyText),
            },
          ],
    ),
    oldest: oldest === null ? null : toPosition(oldest),
    latest: toPosition(latest),
    settled: true,
  }
}

/** Forgets items that are due, and writes down up to where. */
export function toPurgeItems(before: number, limit: number): Sql[] {
  const due =
    '(SELECT stream, number FROM pair_item WHERE purge_at < ?1 ORDER BY purge_at, stream, number LIMIT ?2)'
  return [
    [
      `UPDATE pair_stream SET purged = max(purged, due.newest)
       FROM (SELECT stream, max(number) AS newest FROM ${due} GROUP BY stream) AS due
       WHERE due.stream = pair_stream.stream`,
      before,
      limit,
    ],
    [`DELETE FROM pair_item WHERE (stream, number) IN ${due} RETURNING 1`, before, limit],
  ]
}
