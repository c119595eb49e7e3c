import { PairError } from '@pair/core'
import { isPg, pgDriver, type PgPool } from './drivers/pg.ts'
import { isPglite, pgliteDriver, type Pglite } from './drivers/pglite.ts'
import { isPostgresJs, postgresJsDriver, type PostgresJs } from './drivers/postgres-js.ts'

/** A row by the names of its columns. The statements of the store answer texts and booleans only. */
export type Row = Record<string, unknown>

/** What is bound to a statement. */
export type Value = string | number | null

/** A statement. Drivers that prepare statements keep it under that name, which no other text ever has. */
export interface Statement {
  name: string
  text: string
}

/** One transaction. */
export interface Transaction {
  /** Several statements at once, with nothing bound. */
  script(text: string): Promise<void>
  query(text: string, values?: readonly Value[]): Promise<Row[]>
}

/** A line on which notifications are heard. */
export interface Line {
  query(statement: Statement, values: readonly Value[]): Promise<Row[]>
  close(): void
}

/** What a line tells. */
export interface LineListener {
  heard(channel: string, payload: string): void
  /** It is of no use any more. */
  ended(): void
}

/** What the store needs of a driver. */
export interface Driver {
  /** On any line, in a transaction of its own. What takes longer than `patienceMs` is given up: nobody knows what came of it. */
  query(statement: Statement, values: readonly Value[], patienceMs: number): Promise<Row[]>
  /** Each statement may take `patienceMs`. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>, patienceMs: number): Promise<T>
  listen(channels: readonly string[], listener: LineListener, patienceMs: number): Promise<Line>
  /** How many lines there are at most. */
  lines: number
  /** Whether one of them is taken while it listens. */
  listensOnOne: boolean
}

/** A `Pool` of pg, what `postgres()` answers, or a `PGlite`. */
export type PostgresClient = PgPool | PostgresJs | Pglite

/** The driver of that client. @throws PairError `config_invalid` for what is none. */
export function toDriver(client: PostgresClient): Driver {
  if (isPostgresJs(client)) return postgresJsDriver(client)
  if (isPglite(client)) return pgliteDriver(client)
  if (isPg(client)) return pgDriver(client)
  throw new PairError('config_invalid', {
    message: 'postgresStore: this is no client of Postgres that it knows.',
    hint: "import { Pool } from 'pg', then postgresStore(new Pool({ connectionString })). Or give what postgres() answers, or a PGlite.",
  })
}
