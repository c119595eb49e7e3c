import type { Names } from './names.ts'

/** What the steps build their SQL from. Frozen with them: a change here would change a step. */

/** The column of a field: `life.slidingMs` is `life_sliding_ms`. */
export const columnOf = (path: string): string =>
  path.replaceAll('.', '_').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** A field of an object: `life.slidingMs` is `it -> 'life' -> 'slidingMs'`. */
export const valueOf = (object: string, path: string): string =>
  [object, ...path.split('.').map((part) => `'${part}'`)].join(' -> ')

/** The same as text; null where JSON says null. */
export const textOf = (object: string, path: string): string =>
  valueOf(object, path).replace(/-> ('\w+')$/, '->> $1')

// of all JSON values only numbers lie between two numbers: a field that holds anything else must not fail the whole view
const toTime = (value: string): string =>
  `CASE WHEN ${value} BETWEEN '0' AND '8640000000000000' THEN to_timestamp((${value})::float8 / 1000) END`

const ofType = (json: string, sql: string, value: string): string =>
  `CASE jsonb_typeof(${value}) WHEN '${json}' THEN (${value})::${sql} END`

const named = (path: string, value: string): string => `${value} AS "${columnOf(path)}"`

/** A field of the record as text. */
export const text = (path: string): string => named(path, textOf('it', path))

/** A field of the record as a number. */
export const number = (path: string): string =>
  named(path, ofType('number', 'numeric', valueOf('it', path)))

/** A field of the record as yes or no. */
export const flag = (path: string): string =>
  named(path, ofType('boolean', 'boolean', valueOf('it', path)))

/** A field of the record as a time that people read. */
export const instant = (path: string): string => named(path, toTime(valueOf('it', path)))

/** A list or an object of the record as it stands there. */
export const json = (path: string): string => named(path, `NULLIF(${valueOf('it', path)}, 'null')`)

/** A part of the key, counted from the namespace, which is the first. */
export const part = (number: number, name: string): string =>
  `split_part(r.key, ' ', ${number}) AS "${name}"`

/** When and why it was revoked, where it was. */
export const revoked: readonly string[] = [
  `${toTime(valueOf('m.record', 'revocation.at'))} AS revoked_at`,
  `${textOf('m.record', 'revocation.reason')} AS revoked_reason`,
]

/** The view of a kind of record. Nothing can be written or deleted through it, since it reads from more than one table. */
export const view = (at: Names, name: string, kind: string, columns: readonly string[]): string => `
CREATE VIEW ${at(name)} AS SELECT
  ${[part(1, 'namespace'), ...columns].join(',\n  ')}
FROM ${at('record')} AS r
CROSS JOIN LATERAL (SELECT r.record -> '${kind}') AS o (it)${
  columns.includes(revoked[0] ?? '')
    ? `\nLEFT JOIN ${at('record')} AS m ON m.key = left(r.key, -6) || 'revoked' -- the mark beside the record`
    : ''
}
WHERE it IS NOT NULL;
`
