import { describe, expect, it, onTestFinished } from 'vitest'
import { migratePostgres, type PostgresStore } from '../src/index.ts'
import { openPg, openPostgresJs } from './kit/clients.ts'
import { becomes, listen } from './kit/ears.ts'
import { openPool, openRaw, openStore, schemaOfTest } from './kit/open.ts'
import { openRole } from './kit/roles.ts'
import { postgresUrl } from './kit/server.ts'
import { absent, append, put, T0 } from './kit/writes.ts'

const ODD = `'"\\ \\\\ {a,NULL} ; -- $1 %s \u00fc\u{1f511}\n\t`

async function exercise(store: PostgresStore): Promise<void> {
  const ear = listen(store)
  await becomes(ear, true)
  const writes = [
    put(['a'], ODD, T0),
    put(['b'], 'NULL'),
    append(['s'], ODD),
    append(['s'], 'NULL', T0),
  ]
  expect(await store.commit([absent(['a'])], writes)).toBe(true)
  expect(await store.commit([absent(['a'])], [put(['c'])])).toBe(false)
  const read = await store.read(['a'])
  expect(read?.value).toBe(ODD)
  expect(
    await store.commit([{ key: ['a'], version: read!.version }], [{ key: ['b'], value: null }]),
  ).toBe(true)
  expect(await store.list([], { limit: 5 })).toEqual([read])
  const { items, settled } = await store.tail(['s'], null, 5)
  expect([items.map(({ value }) => value), settled]).toEqual([[ODD, 'NULL'], true])
  expect(items[0]?.keys).toEqual([['a'], ['b']])
  expect(await Promise.all([1, 2].map((by) => store.increment(['c'], by, T0)))).toEqual([1, 3])
  expect(Math.abs((await store.time!()) - Date.now())).toBeLessThan(3_600_000)
  expect(await store.purge(T0 + 1, 10)).toBe(3)
  expect(await store.list([], { limit: 5 })).toEqual([])
  expect(await store.increment(['c'], 0, T0)).toBe(0)
  await expect.poll(() => ear.heard).toContain('s')
}

/** As an operator may have set them for a role or a database, for reasons of other applications. */
const settings: Record<string, Record<string, string>> = {
  'old ways of writing texts': {
    standard_conforming_strings: 'off',
    escape_string_warning: 'off',
    backslash_quote: 'off',
    array_nulls: 'off',
    transform_null_equals: 'on',
    quote_all_identifiers: 'on',
  },
  'other languages and formats': {
    client_encoding: 'LATIN1',
    datestyle: 'German, DMY',
    intervalstyle: 'sql_standard',
    timezone: 'Pacific/Kiritimati',
    extra_float_digits: '0',
    bytea_output: 'escape',
  },
  'a search path that leads elsewhere': { search_path: 'elsewhere' },
  'short waits and strict transactions': {
    lock_timeout: '1',
    default_transaction_isolation: 'serializable',
    default_transaction_deferrable: 'on',
    idle_in_transaction_session_timeout: '1000',
  },
  'odd plans': {
    plan_cache_mode: 'force_generic_plan',
    enable_indexscan: 'off',
    enable_seqscan: 'off',
    jit_above_cost: '0',
    work_mem: '64kB',
    synchronous_commit: 'off',
  },
}

describe.each([
  ['pg', openPg],
  ['postgres', openPostgresJs],
] as const)('on %s', (_, open) => {
  it.each(Object.entries(settings))('%s change nothing', async (name, own) => {
    const raw = await openRaw()
    const elsewhere = `${raw.schema}_else`
    if (own['search_path']) {
      await raw.query(`CREATE SCHEMA "${elsewhere}"`)
      onTestFinished(
        async () => void (await (await openPool()).query(`DROP SCHEMA "${elsewhere}" CASCADE`)),
      )
      await raw.query(
        `CREATE TABLE "${elsewhere}".pair_record AS SELECT 'a' AS key, 'trap' AS value, 'v' AS version`,
      )
    }
    const { client, end } = open(
      await postgresUrl(),
      own['search_path'] ? { search_path: elsewhere } : own,
    )
    onTestFinished(async () => void (await end()))
    await migratePostgres(client, { schema: raw.schema })
    await exercise(await openStore({ client, migrate: false }))
  })
})

it('what a role has set holds for nobody else on its lines', async () => {
  const role = await openRole({ lock_timeout: '777', synchronous_commit: 'off' })
  const raw = await openRaw()
  await raw.query(`CREATE SCHEMA "${raw.schema}" AUTHORIZATION ${role.name}`)
  const store = await openStore({ client: role.pool, listen: false })
  await store.commit([], [put(['a'], 'x', T0)])
  await store.increment(['c'], 1, T0)
  await store.purge(T0 + 1, 5)
  for (const [setting, value] of [
    ['lock_timeout', '777ms'],
    ['synchronous_commit', 'off'],
    ['enable_seqscan', 'on'],
    ['default_transaction_isolation', 'read committed'],
  ])
    for (let line = 0; line < role.pool.totalCount; line++)
      expect((await role.pool.query(`SELECT current_setting('${setting}') AS value`)).rows).toEqual(
        [{ value }],
      )
})

it('where nothing may be written the error says so, and reading goes on', async () => {
  await (await openStore()).commit([], [put(['a'])])
  const client = await openPool({ options: '-c default_transaction_read_only=on' })
  const store = await openStore({ client, listen: false })
  expect(await store.read(['a'])).toMatchObject({ value: 'x' })
  for (const call of [
    () => store.commit([], [put(['b'])]),
    () => store.increment(['c'], 1, T0),
    () => store.purge(T0, 1),
  ])
    await expect(call()).rejects.toThrow('read-only transaction')
  // a schema that is not there yet can't be made there
  const other = await openStore({ client, prefix: 'other_', schema: await schemaOfTest() })
  await expect(other.read(['a'])).rejects.toThrow('read-only transaction')
})
