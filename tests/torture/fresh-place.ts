import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { newPool } from '../../packages/store-postgres/test/kit/clients.ts'
import { newSchema } from '../../packages/store-postgres/test/kit/open.ts'
import { postgresUrl } from '../../packages/store-postgres/test/kit/server.ts'
import type { Place } from './place.ts'

export type PostgresPlace = Extract<Place, { kind: 'postgres' }>

/** A place of that kind that nobody else uses, until the test has finished. */
export async function freshPlace(kind: Place['kind']): Promise<Place> {
  return kind === 'sqlite' ? freshFile() : freshSchema(await postgresUrl())
}

function freshFile(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'pair-torture-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return { kind: 'sqlite', file: join(folder, 'pair.db') }
}

/** A schema of that server. */
export function freshSchema(url: string): PostgresPlace {
  const schema = newSchema()
  onTestFinished(async () => {
    const pool = newPool({ connectionString: url, max: 1 })
    await pool.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
    await pool.end()
  })
  return { kind: 'postgres', url, schema, name: schema }
}
