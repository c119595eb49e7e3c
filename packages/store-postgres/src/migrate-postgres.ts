import { toDriver, type PostgresClient } from './driver.ts'
import { openSchema, STEP_MS } from './migrate.ts'
import { toPlace } from './place.ts'
import type { PostgresOptions } from './postgres-options.ts'

/**
 * Makes the tables, or brings them up to date: for a deployment whose servers start with `migrate: false` and a role that may
 * only read and write. Any number may run at once.
 *
 * @throws PairError `config_invalid` where a later version has written the tables.
 * @example
 * await migratePostgres(new Pool({ connectionString: process.env['MIGRATE_URL'] }))
 */
export async function migratePostgres(
  client: PostgresClient,
  { schema = 'public', prefix = 'pair_' }: Pick<PostgresOptions, 'schema' | 'prefix'> = {},
): Promise<void> {
  await openSchema(toDriver(client), toPlace(schema, prefix), true, STEP_MS)
}
