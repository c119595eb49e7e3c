import { randomBytes } from 'node:crypto'
import { Pool, type PoolConfig } from 'pg'
import { onTestFinished } from 'vitest'
import {
  postgresStore,
  type PostgresClient,
  type PostgresOptions,
  type PostgresStore,
} from '../../src/index.ts'
import { postgresUrl } from './server.ts'

/** A schema that nobody else uses. */
export function newSchema(): string {
  return `t_${randomBytes(6).toString('hex')}`
}

export interface RawDatabase {
  schema: string
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
}

let current: { schema: string } | undefined

/** A pool of the server of the tests, until the test is over. */
export async function openPool(options: PoolConfig = {}): Promise<Pool> {
  const pool = new Pool({ connectionString: await postgresUrl(), ...options })
  pool.on('error', () => {})
  onTestFinished(() => pool.end())
  return pool
}

/** The schema of the test that runs: made by the first who asks, dropped when it is over. */
export async function schemaOfTest(): Promise<string> {
  if (current) return current.schema
  const made = (current = { schema: newSchema() })
  const pool = new Pool({ connectionString: await postgresUrl(), max: 1 })
  onTestFinished(async () => {
    current = undefined
    await pool.query(`DROP SCHEMA IF EXISTS "${made.schema}" CASCADE`)
    await pool.end()
  })
  return made.schema
}

/** A store in the schema of the test, closed when it is over. */
export async function openStore(
  options: PostgresOptions & { client?: PostgresClient } = {},
): Promise<PostgresStore> {
  const { client, ...others } = options
  const schema = others.schema ?? (await schemaOfTest())
  const store = postgresStore(client ?? (await openPool()), { ...others, schema })
  onTestFinished(() => store.close())
  return store
}

/** The same schema as any tool sees it. */
export async function openRaw(): Promise<RawDatabase> {
  const schema = await schemaOfTest()
  const pool = await openPool({ max: 2, options: `-c search_path=${schema}` })
  return { schema, query: async (text, values) => (await pool.query(text, values)).rows }
}
