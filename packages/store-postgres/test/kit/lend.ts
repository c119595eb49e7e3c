import { afterAll } from 'vitest'
import { postgresStore, type PostgresOptions, type PostgresStore } from '../../src/index.ts'
import { newPool } from './clients.ts'
import { newSchema } from './open.ts'
import { postgresUrl } from './server.ts'

const url = await postgresUrl()
const TABLES = ['record', 'counter', 'stream', 'item'].map((name) => `pair_${name}`)

/** Schemas that were used and emptied: to make one takes longer than most tests. */
const free: string[] = []
const made = new Set<string>()
let pool: ReturnType<typeof newPool> | undefined

/** The pool of this process. It ends with it. */
function sharedPool(): ReturnType<typeof newPool> {
  pool ??= newPool({ connectionString: url, max: 30, allowExitOnIdle: true })
  return pool
}

/** An empty schema that any number of stores may be opened on, and what makes room for the next. */
export interface Borrowed {
  open(): PostgresStore
  giveBack(): Promise<void>
}

export function borrowPostgres(options: Omit<PostgresOptions, 'schema'> = {}): Borrowed {
  const schema = free.pop() ?? newSchema()
  made.add(schema)
  const stores: PostgresStore[] = []
  return {
    open() {
      const store = postgresStore(sharedPool(), { ...options, schema })
      stores.push(store)
      return store
    },
    async giveBack() {
      for (const store of stores) await store.close()
      await empty(schema)
      free.push(schema)
    },
  }
}

async function empty(schema: string): Promise<void> {
  const deletes = TABLES.map((name) => `DELETE FROM "${schema}"."${name}";`).join(' ')
  // a few rows are deleted sooner than a table is truncated; what was never used has no tables
  await sharedPool()
    .query(`SET synchronous_commit = off; ${deletes} RESET synchronous_commit`)
    .catch(() => {})
}

// whoever borrows leaves nothing behind in the database
afterAll(dropMade)

async function dropMade(): Promise<void> {
  for (const schema of made) await sharedPool().query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
  made.clear()
  await pool?.end()
}
