import { setTimeout } from 'node:timers/promises'
import { Pool } from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { holdKey } from './kit/locks.ts'
import { newSchema, openPool, openStore, schemaOfTest } from './kit/open.ts'
import { postgresUrl } from './kit/server.ts'
import { absent, append, put, T0 } from './kit/writes.ts'

const config = (message: RegExp, hint: RegExp) =>
  expect.objectContaining({
    code: 'config_invalid',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  })

it('SEC-17 two schemas, and two prefixes in one schema, share nothing: no key, counter, lock, stream or notice', async () => {
  const pool = await openPool()
  const schema = await schemaOfTest()
  const other = newSchema()
  onTestFinished(async () => {
    const admin = new Pool({ connectionString: await postgresUrl(), max: 1 })
    await admin.query(`DROP SCHEMA IF EXISTS "${other}" CASCADE`)
    await admin.end()
  })
  const places = [{ schema }, { schema, prefix: 'q_' }, { schema: other }]
  const stores = await Promise.all(places.map((place) => openStore({ client: pool, ...place })))
  const heard = stores.map((store) => {
    const keys: string[] = []
    const live: boolean[] = []
    store.watch!([], {
      changed: (some) => void keys.push(...(some ?? []).map((key) => key.join('/'))),
      live: (isLive) => void live.push(isLive),
    })
    return { keys, live }
  })
  await expect.poll(() => heard.every(({ live }) => live.at(-1)), { timeout: 5_000 }).toBe(true)
  for (const [n, store] of stores.entries()) {
    expect(
      await store.commit([absent(['a'])], [put(['a'], String(n)), append(['s'], String(n))]),
    ).toBe(true)
    expect(await store.increment(['c'], 1, T0)).toBe(1)
  }
  for (const [n, store] of stores.entries()) {
    expect(await store.list([], { limit: 5 })).toMatchObject([{ value: String(n) }])
    expect((await store.tail(['s'], null, 5)).items).toMatchObject([{ value: String(n) }])
    expect(new Set(heard[n]?.keys)).toEqual(new Set(['a', 's']))
  }
  // another handle on one of them is heard by that one alone
  const twin = await openStore({ ...places[1] })
  await twin.commit([], [put(['twin'])])
  await expect.poll(() => heard[1]?.keys).toContain('twin')
  expect([heard[0]?.keys, heard[2]?.keys]).toEqual([
    ['a', 's'],
    ['a', 's'],
  ])
  const holder = await holdKey('held', 'q_')
  for (const n of [0, 2]) expect(await stores[n]!.commit([], [put(['held'])])).toBe(true)
  let done = false
  const waiting = stores[1]!.commit([], [put(['held'])]).finally(() => (done = true))
  await setTimeout(100)
  expect(done).toBe(false)
  await holder.letGo()
  expect(await waiting).toBe(true)
})

it('names that would have to be quoted, that are too long, or are none are refused before anything is asked', async () => {
  const pool = await openPool()
  for (const name of [
    '',
    'A',
    'a-b',
    'a"b',
    'a b',
    'ä',
    '1a',
    'a;b',
    'a.b',
    'a\0',
    'x'.repeat(41),
    5 as never,
  ])
    for (const option of ['schema', 'prefix'])
      expect(() => postgresStore(pool, { [option]: name })).toThrow(
        config(new RegExp(`\`${option}\` is 1 to 40`), /schema: 'auth'/),
      )
  expect(pool.totalCount).toBe(0)
  const longest = { schema: await schemaOfTest(), prefix: `p${'_'.repeat(38)}x` }
  const store = await openStore(longest)
  expect(await store.commit([absent(['a'])], [put(['a']), append(['s'])])).toBe(true)
  expect(await store.increment(['c'], 1, T0)).toBe(1)
  expect(await store.purge(T0 + 1, 5)).toBe(1)
})

it('what is no client, and options that are none, are refused with the mend', async () => {
  const pool = await openPool()
  for (const client of [{}, { query() {} }, () => {}])
    expect(() => postgresStore(client as never)).toThrow(config(/no client/, /new Pool/))
  for (const option of ['timeoutMs', 'writers', 'batchKeys'])
    for (const count of [0, -1, 1.5, Number.NaN, Infinity, '5', 2 ** 31])
      expect(() => postgresStore(pool, { [option]: count as number })).toThrow(
        config(new RegExp(`\`${option}\``), new RegExp(option)),
      )
})

it('a database that can not keep every text is refused', async () => {
  const admin = await openPool({ max: 1 })
  const name = newSchema()
  await admin.query(
    `CREATE DATABASE ${name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
  )
  onTestFinished(async () => void (await admin.query(`DROP DATABASE ${name}`)))
  const url = new URL(await postgresUrl())
  url.pathname = name
  const pool = new Pool({ connectionString: url.href })
  const store = postgresStore(pool)
  await expect(store.read(['a'])).rejects.toEqual(config(/LATIN1/, /UTF8/))
  await store.close()
  await pool.end()
})
