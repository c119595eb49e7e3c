// Carries a commit out and never ends it.
import { Pool } from 'pg'
import { postgresStore, type PgClient, type PgPool } from '../../src/index.ts'

const [, , connectionString, schema] = process.argv
const pool = new Pool({ connectionString })
const stuck: PgPool = {
  totalCount: 0,
  on: () => {},
  listeners: () => [],
  async connect() {
    const client = await pool.connect()
    const query: PgClient['query'] = async (asked) => {
      if (!asked.text.includes('commit"(')) return client.query(asked as never)
      await client.query('BEGIN ISOLATION LEVEL READ COMMITTED')
      await client.query(asked as { text: string; values: unknown[] })
      process.send!('carried out')
      return new Promise<never>(() => {})
    }
    return { query, release: () => client.release(), on: () => {}, removeListener: () => {} }
  },
}
setInterval(() => {}, 1_000)
await postgresStore(stuck, { schema: schema!, listen: false }).commit(
  [{ key: ['stuck'], version: null }],
  [
    { key: ['stuck'], value: 'x', purgeAt: null },
    { append: ['s'], value: 'stuck', purgeAt: null },
  ],
)
