import { createHash } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { migratePostgres } from '../src/index.ts'
import { migrations } from '../src/migrations/index.ts'
import { toPlace } from '../src/place.ts'
import { openPool, openRaw, openStore, schemaOfTest } from './kit/open.ts'
import { remoteStore } from './kit/remote-store.ts'
import { openRole } from './kit/roles.ts'
import { postgresUrl } from './kit/server.ts'
import { absent, append, put, T0 } from './kit/writes.ts'

const config = (message: RegExp, hint: RegExp) =>
  expect.objectContaining({
    code: 'config_invalid',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  })

it('STO-06 8 processes that start at once on an empty database make one schema, and all of them work', async () => {
  const schema = await schemaOfTest()
  const url = await postgresUrl()
  const stores = Array.from({ length: 8 }, () => remoteStore(url, { schema }))
  onTestFinished(async () => void (await Promise.all(stores.map((store) => store.close()))))
  const totals = await Promise.all(stores.map((store) => store.increment(['opened'], 1, T0)))
  expect(totals.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  const raw = await openRaw()
  const ledger = await raw.query('SELECT number, name FROM pair_migration ORDER BY number')
  expect(ledger).toEqual(migrations.map(({ number, name }) => ({ number, name })))
  expect(await raw.query('SELECT name FROM pair_meta')).toEqual([{ name: 'birth' }])
}, 60_000)

it('STO-06 40 stores of one process that start at once do so too, and what is up to date is not touched again', async () => {
  const pool = await openPool()
  const stores = await Promise.all(Array.from({ length: 40 }, () => openStore({ client: pool })))
  await Promise.all(stores.map((store, n) => store.commit([], [put(['a', String(n)])])))
  const raw = await openRaw()
  const stamps = (): Promise<unknown> => raw.query('SELECT number, applied_at FROM pair_migration')
  const before = await stamps()
  await migratePostgres(pool, { schema: raw.schema })
  await (await openStore()).read(['a'])
  expect(await stamps()).toEqual(before)
  expect(await stores[0]!.list(['a'], { limit: 50 })).toHaveLength(40)
})

it('STO-06 a schema that a later version has written is refused with the mend, and nothing is changed', async () => {
  const raw = await openRaw()
  await (await openStore()).commit([], [put(['a'])])
  for (const [number, name, mend] of [
    [99, 'later', 'DELETE FROM pair_migration WHERE number = 99'],
    [0, 'other', 'DELETE FROM pair_migration WHERE number = 0'],
  ] as const) {
    await raw.query('INSERT INTO pair_migration (number, name) VALUES ($1, $2)', [number, name])
    for (const migrate of [true, false]) {
      const store = await openStore({ migrate })
      await expect(store.read(['a'])).rejects.toEqual(config(/does not know step/, /later version/))
    }
    await expect(migratePostgres(await openPool(), { schema: raw.schema })).rejects.toEqual(
      config(/does not know step/, /install/),
    )
    await raw.query(mend)
  }
  expect(await (await openStore()).read(['a'])).toMatchObject({ value: 'x' })
})

it('STO-06 with `migrate: false` tables that are missing are refused with the mend; once they are made, the same store works', async () => {
  const schema = await schemaOfTest()
  const store = await openStore({ migrate: false })
  const missing = config(new RegExp(`"${schema}" has 0 of`), /migratePostgres/)
  await expect(store.read(['a'])).rejects.toEqual(missing)
  await expect(store.commit([], [put(['a'])])).rejects.toEqual(missing)
  const raw = await openRaw()
  expect(await raw.query(`SELECT to_regnamespace('${schema}') AS made`)).toEqual([{ made: null }])
  await migratePostgres(await openPool(), { schema })
  expect(await store.commit([absent(['a'])], [put(['a'])])).toBe(true)
})

it('STO-06 steps that failed halfway left nothing, and go well when what stood in the way is gone', async () => {
  const raw = await openRaw()
  await raw.query(`CREATE SCHEMA "${raw.schema}"`)
  await raw.query('CREATE TABLE pair_item (mine text)')
  await expect((await openStore()).read(['a'])).rejects.toThrow('already exists')
  const tables = `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${raw.schema}'`
  expect(await raw.query(tables)).toEqual([{ name: 'pair_item' }])
  await raw.query('DROP TABLE pair_item')
  expect(await (await openStore()).read(['a'])).toBeNull()
})

it('STO-06 a schema whose birth was taken out by hand is refused', async () => {
  await (await openStore()).read(['a'])
  await (await openRaw()).query('DELETE FROM pair_meta')
  await expect((await openStore()).read(['a'])).rejects.toEqual(config(/by hand/, /copy/))
})

it('STO-06 a role that may not create tables is told what it lacks, before and after the schema is there', async () => {
  const schema = await schemaOfTest()
  const role = await openRole()
  const make = await openStore({ client: role.pool })
  await expect(make.read(['a'])).rejects.toEqual(config(/may not make/, /GRANT/))
  const raw = await openRaw()
  await raw.query(`CREATE SCHEMA "${schema}"`)
  await expect(make.read(['a'])).rejects.toEqual(
    config(
      /may not make/,
      new RegExp(`GRANT USAGE, CREATE ON SCHEMA "${schema}".*migratePostgres`),
    ),
  )
  await raw.query(`GRANT USAGE, CREATE ON SCHEMA "${schema}" TO ${role.name}`)
  expect(await make.commit([], [put(['a'])])).toBe(true)
})

it('STO-06 a role that may only read and write works with `migrate: false`, and is told what it lacks where it may not', async () => {
  const schema = await schemaOfTest()
  await (await openStore()).commit([], [put(['a'], 'x', T0)])
  const role = await openRole()
  const store = await openStore({ client: role.pool, migrate: false })
  await expect(store.read(['a'])).rejects.toEqual(config(/may not use/, /GRANT USAGE ON SCHEMA/))
  const raw = await openRaw()
  for (const grant of [
    `USAGE ON SCHEMA "${schema}"`,
    `SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${schema}"`,
    `USAGE, SELECT ON ALL SEQUENCES IN SCHEMA "${schema}"`,
  ])
    await raw.query(`GRANT ${grant} TO ${role.name}`)
  expect(await store.commit([absent(['b'])], [put(['b'], '{"kind":"x"}'), append(['s'])])).toBe(
    true,
  )
  expect(await store.increment(['c'], 1, T0)).toBe(1)
  expect((await store.tail(['s'], null, 5)).items).toHaveLength(1)
  expect(await store.list([], { limit: 5 })).toHaveLength(2)
  expect(await store.purge(T0 + 1, 10)).toBe(2)
})

it('STO-06 steps that were published stay as they were, to the letter', () => {
  const { at } = toPlace('public', 'pair_')
  const digests = migrations.map(({ name, sql }) => [
    name,
    createHash('sha256').update(sql(at)).digest('hex').slice(0, 16),
  ])
  expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, n) => n + 1))
  expect(Object.fromEntries(digests)).toMatchInlineSnapshot(`
    {
      "procedures": "d1ee6c300297b60b",
      "tables": "bc6b64640c21f1b0",
      "views": "7a29c0de0ac1c297",
      "words": "0c78231578ef5a06",
    }
  `)
})
