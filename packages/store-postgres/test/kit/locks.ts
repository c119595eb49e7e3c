import { onTestFinished } from 'vitest'
import type { PoolClient } from 'pg'
import { openPool, schemaOfTest } from './open.ts'

/** A transaction of somebody else, until it is let go or the test is over. */
export interface Holder {
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  letGo(): Promise<void>
}

export async function openHolder(): Promise<Holder> {
  const client: PoolClient = await (await openPool({ max: 1 })).connect()
  await client.query('BEGIN')
  let held = true
  async function letGo(): Promise<void> {
    if (!held) return
    held = false
    await client.query('ROLLBACK')
    client.release()
  }
  onTestFinished(letGo)
  return {
    query: async (text, values) => (await client.query(text, values)).rows as never,
    letGo,
  }
}

/** Holds the lock of a key of the schema of the test, as a commit that writes it does. */
export async function holdKey(key: string, prefix = 'pair_'): Promise<Holder> {
  const holder = await openHolder()
  const place = `"${await schemaOfTest()}"."${prefix}record"`
  await holder.query(
    'SELECT pg_advisory_xact_lock(hashtextextended($1, hashtextextended($2, 0)))',
    [key, place],
  )
  return holder
}
