import type { Statement } from './driver.ts'
import type { Names } from './migrations/names.ts'

/** All that is asked of the database once its schema stands. */
export interface Statements {
  commit: Statement
  raise: Statement
  purge: Statement
  read: Statement
  list: Statement
  total: Statement
  horizon: Statement
  tail: Statement
  time: Statement
  tell: Statement
}

export function toStatements(at: Names): Statements {
  const texts: Record<keyof Statements, string> = {
    commit: `CALL ${at('commit')}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, NULL)`,
    raise: `CALL ${at('raise')}($1, $2, $3, $4, NULL)`,
    purge: `CALL ${at('purge')}($1, $2, $3, NULL)`,
    read: `SELECT value, version FROM ${at('record')} WHERE key OPERATOR(pg_catalog.=) $1`,
    list: `SELECT key, value, version FROM ${at('list')}($1, $2, $3)`,
    total: `SELECT total FROM ${at('total')}($1)`,
    horizon: `SELECT upto::text AS upto, newest::text AS newest, settled FROM ${at('horizon')}()`,
    tail: `SELECT oldest, latest, place, value, keys FROM ${at('tail')}($1, $2, $3, $4)`,
    time: 'SELECT floor(extract(epoch FROM pg_catalog.clock_timestamp()) OPERATOR(pg_catalog.*) 1000)::text AS now',
    tell: 'SELECT pg_catalog.pg_notify($1, told)::text FROM pg_catalog.unnest($2::text[]) AS told',
  }
  const named = Object.entries(texts).map(([name, text]) => [
    name,
    { name: `pair_${name}_${digest(text)}`, text },
  ])
  return Object.fromEntries(named) as Record<keyof Statements, Statement>
}

/** FNV-1a. A pooler may hand a line on to another version of this package: the same name must not mean two texts. */
export function digest(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(36)
}
