/** What the steps build their SQL from. Frozen with them: a change here would change a step. */

/** The column of a field: `life.slidingMs` is `life_sliding_ms`. */
export const columnOf = (path: string): string =>
  path.replaceAll('.', '_').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const toTime = (milliseconds: string): string =>
  `strftime('%Y-%m-%dT%H:%M:%fZ', ${milliseconds} / 1000.0, 'unixepoch')`

/** A field of the record as it stands there. */
export const field = (path: string): string =>
  `json_extract(record, '$.${path}') AS "${columnOf(path)}"`

/** A field of the record as a time that people read. */
export const instant = (path: string): string =>
  `${toTime(`json_extract(record, '$.${path}')`)} AS "${columnOf(path)}"`

/** From the mark beside the record, where there is one. */
const ofMark = (value: string): string =>
  `(SELECT ${value} FROM pair_record AS m WHERE m.key = substr(r.key, 1, length(r.key) - 6) || 'revoked')`

/** When and why it was revoked, where it was. */
export const revoked: readonly string[] = [
  `${ofMark(toTime("json_extract(m.record, '$.at')"))} AS revoked_at`,
  `${ofMark("json_extract(m.record, '$.reason')")} AS revoked_reason`,
]

/** The view of a kind of record. */
export const view = (name: string, kind: string, columns: readonly string[]): string => `
CREATE VIEW ${name} AS SELECT
  ${['namespace', ...columns].join(',\n  ')}
FROM pair_record AS r WHERE kind = '${kind}' AND record IS NOT NULL;
`
