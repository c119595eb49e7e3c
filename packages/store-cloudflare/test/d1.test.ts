import { isPairError, type Store } from '@pair/core'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { d1Store, type D1Binding } from '../src/index.ts'
import { remoteD1, remoteScript } from './kit/remote-d1.ts'
import { runtime } from './kit/runtime.ts'

const put = (name: string, value = 'x') => ({ key: ['n', name], value, purgeAt: null })
let workerd: Miniflare
let database: D1Binding

beforeAll(async () => {
  workerd = new Miniflare({
    ...runtime,
    cf: false,
    script: remoteScript,
    d1Databases: { DB: 'db' },
  })
  database = remoteD1(workerd)
  await workerd.ready
}, 30_000)
afterAll(() => workerd.dispose())

const run = (sql: string): Promise<{ results: unknown[] }[]> =>
  database.batch([database.prepare(sql)])

beforeEach(async () => {
  const [found] = await run("SELECT type, name FROM sqlite_master WHERE name LIKE 'pair%'")
  const all = found!.results as { type: string; name: string }[]
  const made = all.filter(({ type }) => type !== 'index')
  if (made.length > 0)
    await database.batch(made.map(({ type, name }) => database.prepare(`DROP ${type} ${name}`)))
})

async function refusalOf(open: () => unknown): Promise<string> {
  try {
    await open()
    return 'none'
  } catch (error) {
    return isPairError(error) ? `${error.code}: ${error.hint}` : String(error)
  }
}

test('STO-06 eight that meet an empty database at once all find its tables', async () => {
  const stores = Array.from({ length: 8 }, () => d1Store(database))
  const wins = await Promise.all(stores.map((store, at) => store.commit([], [put(`${at}`)])))
  expect(wins).toEqual(Array(8).fill(true))
  expect(await stores[0]!.list(['n'], { limit: 9 })).toHaveLength(8)
})

test('STO-06 what a later version has written to is refused', async () => {
  await d1Store(database).read(['a'])
  await run("INSERT INTO pair_migration (number, name) VALUES (99, 'later')")
  const refusal = await refusalOf(() => d1Store(database).read(['a']))
  expect(refusal).toMatch(/config_invalid: A later version/)
})

test('what is no database, or may read a replica, is refused with the mend', async () => {
  expect(await refusalOf(() => d1Store(undefined as never))).toMatch(
    /config_invalid: .*d1_databases/,
  )
  const session = { prepare() {}, batch() {}, getBookmark() {} } as never
  expect(await refusalOf(() => d1Store(session))).toMatch(/config_invalid: .*withSession/)
})

test('STO-06 a state that there is not is refused by the database, and nothing of its commit is done', async () => {
  const store = d1Store(database)
  const bad = JSON.stringify({ kind: 'code', record: { state: 'unheard-of' } })
  await expect(store.commit([], [put('a'), put('b', bad)])).rejects.toThrow(/CHECK constraint/)
  expect(await store.list(['n'], { limit: 9 })).toEqual([])
})

test('a commit leaves no trace of itself, won or lost', async () => {
  const store = d1Store(database)
  await store.commit([], [put('a')])
  await store.commit([{ key: ['n', 'a'], version: null }], [put('b')])
  const [meta] = await run('SELECT name FROM pair_meta')
  expect(meta!.results).toEqual([{ name: 'birth' }])
})

test('a commit checks, writes and removes more keys than a statement takes values', async () => {
  const store = d1Store(database)
  const names = Array.from({ length: 250 }, (_, at) => `k${at}`)
  const check = (name: string, version: string | null) => ({ key: ['n', name], version })
  const absent = names.map((name) => check(name, null))
  expect(
    await store.commit(
      absent,
      names.map((name) => put(name)),
    ),
  ).toBe(true)
  expect(await store.commit(absent.slice(-1), [put('k0', 'late')])).toBe(false)
  const found = await store.list(['n'], { limit: 999 })
  expect(found).toHaveLength(250)
  const there = found.map(({ key, version }) => ({ key, version }))
  expect(await store.commit([...there, check('none', 'x')], [put('late')])).toBe(false)
  const removes = found.map(({ key }) => ({ key, value: null }))
  expect(await store.commit(there, removes)).toBe(true)
  expect(await store.list(['n'], { limit: 9 })).toEqual([])
})

test('a cursor of a database that was there before comes before all, one of a later one behind all', async () => {
  const store = d1Store(database)
  const append = { append: ['s'], value: 'x', purgeAt: null }
  await store.commit([], [append])
  const { latest } = await store.tail(['s'], null, 9)
  const itemsBehind = async (after: string, of: Store = store): Promise<number> =>
    (await of.tail(['s'], after, 9)).items.length
  expect(await itemsBehind(latest!)).toBe(0)
  await run("UPDATE pair_meta SET value = 'ffff' WHERE name = 'birth'")
  expect(await itemsBehind(latest!)).toBe(1)
  await run("UPDATE pair_meta SET value = '0' WHERE name = 'birth'")
  expect(await itemsBehind(latest!)).toBe(0)
})
