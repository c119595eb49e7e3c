import { PairError } from '@pair/core'

/** What is bound to a statement. */
export type D1Value = string | number | null

/** What is used of a prepared statement. */
export interface D1Statement {
  bind(...values: D1Value[]): D1Statement
}

/** What is used of the binding of a database. */
export interface D1Binding {
  prepare(sql: string): D1Statement
  batch(statements: D1Statement[]): Promise<{ results: unknown[] }[]>
}

/** A statement and what is bound to it. */
export type Sql = readonly [text: string, ...values: D1Value[]]

/** Runs statements as one transaction, in one round trip, and answers the rows of each. */
export type Transact = (statements: readonly Sql[]) => Promise<unknown[][]>

/** A statement takes no more than 100 values. */
const MOST_VALUES = 100

/** @throws PairError `config_invalid` where this is no binding of a database, or one that reads replicas */
export function createTransact(database: D1Binding): Transact {
  if (typeof database?.prepare !== 'function' || typeof database.batch !== 'function')
    throw new PairError('config_invalid', {
      message: 'd1Store: this is no D1 database.',
      hint: 'Give it the binding, such as env.DB, that `d1_databases` in wrangler.jsonc names.',
    })
  if ('getBookmark' in database)
    throw new PairError('config_invalid', {
      message: 'd1Store: a session of D1 may read a replica, which lets in what was just revoked.',
      hint: 'Give it the binding itself, env.DB, and not what withSession() answers.',
    })
  return async (statements) => {
    const prepared = statements.map(([text, ...values]) => database.prepare(text).bind(...values))
    return (await database.batch(prepared)).map(({ results }) => results)
  }
}

/** One statement for as many rows as it can take: each row has that many values, beside those that are always there. */
export function inRows(
  rows: readonly (readonly D1Value[])[],
  toSql: (table: string, values: D1Value[]) => Sql,
  beside = 1,
): Sql[] {
  const width = rows[0]?.length ?? 1
  const most = Math.floor((MOST_VALUES - beside) / width)
  const row = `(${Array(width).fill('?').join(', ')})`
  return Array.from({ length: Math.ceil(rows.length / most) }, (_, at) => {
    const part = rows.slice(at * most, (at + 1) * most)
    return toSql(`(VALUES ${part.map(() => row).join(', ')})`, part.flat())
  })
}
