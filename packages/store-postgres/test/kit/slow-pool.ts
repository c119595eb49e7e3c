import type { Pool } from 'pg'
import type { PgClient, PgPool } from '../../src/index.ts'

/** Between what a commit does and its end. */
const DAWDLE_SECONDS = 0.05

/** A pool whose commits stay open a while after they took their places. */
export function slowPool(pool: Pool): PgPool {
  return {
    get totalCount() {
      return pool.totalCount
    },
    options: { max: pool.options.max },
    on: pool.on.bind(pool) as PgPool['on'],
    listeners: (event) => pool.listeners(event),
    async connect() {
      const client = await pool.connect()
      const slow: PgClient = {
        query: async (query) => {
          if (!query.text.includes('commit"(')) return client.query(query as never)
          await client.query('BEGIN ISOLATION LEVEL READ COMMITTED')
          try {
            const answer = await client.query(query as { text: string; values: unknown[] })
            await client.query(`SELECT pg_sleep(${DAWDLE_SECONDS})`)
            await client.query('COMMIT')
            return answer
          } catch (error) {
            await client.query('ROLLBACK')
            throw error
          }
        },
        release: (error) => client.release(error),
        on: (event, listener) => client.on(event, listener),
        removeListener: (event, listener) => client.removeListener(event, listener),
      }
      return slow
    },
  }
}
