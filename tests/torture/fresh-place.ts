import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { newPool } from '../../packages/store-postgres/test/kit/clients.ts'
import { newSchema } from '../../packages/store-postgres/test/kit/open.ts'
import { postgresUrl } from '../../packages/store-postgres/test/kit/server.ts'
import { newPrefix, openServer } from '../../packages/store-redis/test/kit/open.ts'
import type { Place } from './place.ts'

export type PostgresPlace = Extract<Place, { kind: 'postgres' }>

/** A place of that kind that nobody else uses, until the test has finished. */
export async function freshPlace(kind: Place['kind']): Promise<Place> {
  switch (kind) {
    case 'sqlite':
      return { kind, file: join(freshFolder(), 'pair.db') }
    case 'file':
      return { kind, file: join(freshFolder(), 'pair.json') }
    case 'redis': {
      // what it answered is on its disk
      const { url } = await openServer({ appendonly: 'yes', appendfsync: 'always' })
      return { kind, url, prefix: newPrefix() }
    }
    case 'postgres':
      return freshSchema(await postgresUrl())
  }
}

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pair-torture-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
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
