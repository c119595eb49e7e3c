import { Pool } from 'pg'
import { afterAll, onTestFinished } from 'vitest'
import { postgresStore, type PostgresOptions, type PostgresStore } from '../../src/index.ts'
import { newSchema } from './open.ts'
import { postgresUrl } from './server.ts'

const url = await postgresUrl()
const TABLES = ['record', 'counter', 'stream', 'item'].map((name) => `pair_${name}`)

/** Schemas that were used and emptied: to make one takes longer than most tests. */
const free: string[] = []
const made = new Set<string>()
let pool: Pool | undefined

/** The pool of this process. It ends with it. */
function sharedPool(): Pool {
  pool ??= new Pool({ connectionString: url, max: 12, allowExitOnIdle: true })
  return pool
}

/** A store of its own, empty, and what makes room for the next. */
export interface Borrowed {
  store: PostgresStore
  giveBack(): Promise<void>
}

export function borrowPostgres(options: Omit<PostgresOptions, 'schema'> = {}): Borrowed {
  const schema = free.pop() ?? newSchema()
  made.add(schema)
  const store = postgresStore(sharedPool(), { ...options, schema })
  return {
    store,
    async giveBack() {
      await store.close()
      await empty(schema)
      free.push(schema)
    },
  }
}

/** An empty store until the test is over. */
export function lendPostgres(options: Omit<PostgresOptions, 'schema'> = {}): PostgresStore {
  const { store, giveBack } = borrowPostgres(options)
  onTestFinished(giveBack)
  return store
}

async function empty(schema: string): Promise<void> {
  const deletes = TABLES.map((name) => `DELETE FROM "${schema}"."${name}";`).join(' ')
  // a few rows are deleted sooner than a table is truncated; what was never used has no tables
  await sharedPool()
    .query(`SET synchronous_commit = off; ${deletes} RESET synchronous_commit`)
    .catch(() => {})
}

// whoever borrows leaves nothing behind in the database
afterAll(dropLent)

async function dropLent(): Promise<void> {
  for (const schema of made) await sharedPool().query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
  made.clear()
  await pool?.end()
}
