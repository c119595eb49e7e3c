import type { Pool } from 'pg'
import { onTestFinished } from 'vitest'
import { newPool } from './clients.ts'
import { newSchema, openPool } from './open.ts'
import { postgresUrl } from './server.ts'

export interface Role {
  name: string
  /** As that role. */
  pool: Pool
}

/** A role that may log in and nothing more, until the test is over. `settings`: name to value, as an operator sets them. */
export async function openRole(settings: Record<string, string> = {}): Promise<Role> {
  const admin = await openPool({ max: 1 })
  const name = newSchema()
  await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}'`)
  for (const [setting, value] of Object.entries(settings))
    await admin.query(`ALTER ROLE ${name} SET ${setting} = '${value}'`)
  const url = new URL(await postgresUrl())
  url.username = name
  url.password = name
  const pool = newPool({ connectionString: url.href })
  onTestFinished(async () => {
    await pool.end()
    await admin.query(`DROP OWNED BY ${name} CASCADE`)
    await admin.query(`DROP ROLE ${name}`)
  })
  return { name, pool }
}
