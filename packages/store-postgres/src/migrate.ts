import { PairError } from '@pair/core'
import type { Driver, Row } from './driver.ts'
import { isForbidden, isMissing } from './outcome.ts'
import type { Place } from './place.ts'
import { migrations, type Migration } from './migrations/index.ts'

/** A step may have to wait for those that still use what it changes. */
export const STEP_MS = 60_000

type Applied = Pick<Migration, 'number' | 'name'>

/** What the schema says of itself. */
export interface Schema {
  /** When it was made, and something random: streams of another one have other positions. */
  birth: string
}

/**
 * What the schema says of itself, brought up to date before where it is older and `mayChange`. Any number of processes may ask at
 * once.
 *
 * @throws PairError `config_invalid` where it is missing or too old and must not be changed, or a later version has written it.
 */
export async function openSchema(
  driver: Driver,
  place: Place,
  mayChange: boolean,
  patienceMs: number,
): Promise<Schema> {
  try {
    return await open(driver, place, mayChange, patienceMs)
  } catch (error) {
    if (!isForbidden(error)) throw error
    throw new PairError('config_invalid', {
      message: `postgresStore: this role may not ${mayChange ? 'make or use' : 'use'} the tables of @pair in the schema "${place.schema}".`,
      hint: mayChange
        ? `GRANT USAGE, CREATE ON SCHEMA "${place.schema}" TO the role. Or run migratePostgres(client) with a role that may, and give this one USAGE, its tables and its sequence, and \`migrate: false\`.`
        : `GRANT USAGE ON SCHEMA "${place.schema}", SELECT, INSERT, UPDATE, DELETE ON its tables, and USAGE, SELECT ON its sequence TO the role.`,
      cause: error,
    })
  }
}

async function open(
  driver: Driver,
  place: Place,
  mayChange: boolean,
  patienceMs: number,
): Promise<Schema> {
  const ask = (text: string): Promise<Row[]> => driver.query({ name: '', text }, [], patienceMs)
  const applied = await ledgerOf(ask, place)
  if (nextAfter(applied)) {
    if (!mayChange)
      throw new PairError('config_invalid', {
        message: `postgresStore: the schema "${place.schema}" has ${applied.length} of ${migrations.length} steps of the tables of @pair.`,
        hint: 'Run migratePostgres(client) with a role that may create tables, or leave out `migrate: false`.',
      })
    await bringUpToDate(driver, place)
  }
  const [meta] = await ask(
    `SELECT current_setting('server_encoding') AS encoding, (SELECT value FROM ${place.at('meta')} WHERE name = 'birth') AS birth`,
  )
  if (meta?.['encoding'] !== 'UTF8')
    throw new PairError('config_invalid', {
      message: `postgresStore: this database keeps texts as ${String(meta?.['encoding'])}, which not every text can be.`,
      hint: "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
    })
  if (typeof meta?.['birth'] === 'string') return { birth: meta['birth'] }
  throw new PairError('config_invalid', {
    message:
      'postgresStore: the tables were edited by hand: they no longer say when they were made.',
    hint: 'Restore a copy, or begin with another `schema`: every device then pairs anew.',
  })
}

async function ledgerOf(ask: (text: string) => Promise<Row[]>, { at }: Place): Promise<Applied[]> {
  try {
    return toApplied(await ask(`SELECT number, name FROM ${at('migration')} ORDER BY number`))
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

async function bringUpToDate(driver: Driver, { schema, at }: Place): Promise<void> {
  await driver.transaction(async ({ query, script }) => {
    await script('SET LOCAL search_path = pg_catalog, pg_temp')
    // others that start now wait here, and find nothing left to do
    await query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 1))::text`, [at('migration')])
    const [known] = await query('SELECT to_regnamespace($1) IS NOT NULL AS here', [`"${schema}"`])
    if (known?.['here'] !== true) await script(`CREATE SCHEMA "${schema}"`)
    await script(`CREATE TABLE IF NOT EXISTS ${at('migration')} (
      number integer PRIMARY KEY,
      name text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`)
    const applied = toApplied(
      await query(`SELECT number, name FROM ${at('migration')} ORDER BY number`),
    )
    for (let next = nextAfter(applied); next; next = nextAfter(applied)) {
      await script(next.sql(at))
      await query(`INSERT INTO ${at('migration')} (number, name) VALUES ($1, $2)`, [
        next.number,
        next.name,
      ])
      applied.push(next)
    }
  }, STEP_MS)
}

function toApplied(rows: readonly Row[]): Applied[] {
  return rows.map(({ number, name }) => ({ number: Number(number), name: String(name) }))
}

function nextAfter(applied: readonly Applied[]): Migration | undefined {
  for (const [at, { number, name }] of applied.entries()) {
    const ours = migrations[at]
    if (number !== ours?.number || name !== ours.name)
      throw new PairError('config_invalid', {
        message: `postgresStore: this version does not know step ${number} (${name}) of the schema.`,
        hint: 'A later version of @pair/store-postgres has changed the tables: install that one, or restore a copy from before.',
      })
  }
  return migrations[applied.length]
}
