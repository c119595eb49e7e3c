import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PostgresStore } from '../src/index.ts'
import { openPg, openPostgresJs } from './kit/clients.ts'
import { holdKey, openHolder } from './kit/locks.ts'
import { openRaw, openStore, schemaOfTest } from './kit/open.ts'
import { openRelay } from './kit/relays.ts'
import { openRole } from './kit/roles.ts'
import { absent, append, put, T0 } from './kit/writes.ts'

const rejected = (code: string) => ({ status: 'rejected', reason: { code } })
const all = (store: PostgresStore): Promise<unknown>[] => [
  store.read(['a']),
  store.list([], { limit: 1 }),
  store.commit([], [put(['late'])]),
  store.increment(['late'], 1, T0),
  store.increment(['late'], 0, T0),
  store.tail(['s'], null, 1),
  store.purge(T0, 5),
  store.time!(),
]

describe('while somebody else holds a lock', () => {
  it('STO-02 a commit waits for it, and lands once it is free', async () => {
    const store = await openStore()
    await store.read(['a'])
    const holder = await holdKey('a')
    let done = false
    const commit = store.commit([absent(['a'])], [put(['a'])]).finally(() => (done = true))
    await setTimeout(150)
    expect(done).toBe(false)
    expect(await store.read(['a'])).toBeNull() // readers don't wait for it
    await holder.letGo()
    expect(await commit).toBe(true)
  })

  it('STO-02 what waits longer than it may is rejected as busy and never lands, and its neighbours in the batch hold', async () => {
    const store = await openStore({ timeoutMs: 800, writers: 1 })
    await store.commit([], [append(['s'], 'first')])
    const holder = await holdKey('held')
    const commits = Array.from({ length: 20 }, (_, n) =>
      store.commit(n === 7 ? [absent(['held'])] : [], [
        put(n === 13 ? ['held'] : ['k', String(n)]),
        append(['s'], String(n)),
      ]),
    )
    const answers = await Promise.allSettled(commits)
    for (const [n, answer] of answers.entries())
      expect(answer).toMatchObject(
        n === 7 || n === 13 ? rejected('store_busy') : { status: 'fulfilled', value: true },
      )
    await holder.letGo()
    expect(await store.commit([], [append(['s'], 'last')])).toBe(true)
    expect(await store.read(['held'])).toBeNull()
    const { items } = await store.tail(['s'], null, 50)
    expect(items.map(({ value }) => value)).not.toContain('7')
    expect(items).toHaveLength(20)
  })

  it('STO-02 a counter whose row is locked is busy, and was not raised', async () => {
    const store = await openStore({ timeoutMs: 400 })
    await store.increment(['c'], 5, T0)
    const holder = await openHolder()
    await holder.query(`UPDATE "${await schemaOfTest()}".pair_counter SET total = total`)
    const answers = await Promise.allSettled([1, 2].map(() => store.increment(['c'], 1, T0)))
    expect(answers).toMatchObject([rejected('store_busy'), rejected('store_busy')])
    expect(await store.increment(['other'], 1, T0)).toBe(1)
    await holder.letGo()
    expect(await store.increment(['c'], 1, T0)).toBe(6)
  })

  it('STO-05 a purge goes round what is locked', async () => {
    const store = await openStore()
    await store.commit(
      [],
      ['a', 'b', 'held'].map((name) => put([name], 'x', T0)),
    )
    const holder = await holdKey('held')
    expect(await store.purge(T0 + 1, 10)).toBe(2)
    await holder.letGo()
    expect(await store.purge(T0 + 1, 10)).toBe(1)
  })

  it('many locks that each come late are together no longer waited for', async () => {
    const store = await openStore({ timeoutMs: 600 })
    await store.read(['a'])
    const keys = ['a', 'b', 'c', 'd', 'e']
    const holders = new Map(
      await Promise.all(keys.map(async (key) => [key, await holdKey(key)] as const)),
    )
    // in the order in which a commit waits for them
    const order = await (
      await openRaw()
    ).query(
      `SELECT key FROM unnest($1::text[]) AS u (key) ORDER BY hashtextextended(key, hashtextextended($2, 0))`,
      [keys, `"${await schemaOfTest()}"."pair_record"`],
    )
    const commit = store.commit(
      [],
      keys.map((key) => put([key])),
    )
    const release = async (): Promise<void> => {
      // each within the wait for one lock, all together far beyond it
      for (const { key } of order) {
        await setTimeout(200)
        await holders.get(String(key))!.letGo()
      }
    }
    const [answer] = await Promise.allSettled([commit, release()])
    expect(answer.status).toBe('rejected')
    await setTimeout(300)
    expect(await store.list([], { limit: 9 })).toEqual([])
  })

  it('calls are answered in time while the schema is being made by somebody who does not end', async () => {
    const schema = await schemaOfTest()
    const holder = await openHolder()
    await holder.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 1))', [
      `"${schema}"."pair_migration"`,
    ])
    const store = await openStore({ timeoutMs: 300 })
    for (const answer of await Promise.allSettled(all(store)))
      expect(answer).toMatchObject(rejected('store_unavailable'))
    await holder.letGo()
    await expect.poll(() => store.read(['a']).catch((error: unknown) => error)).toBeNull()
    expect(await store.commit([absent(['late'])], [put(['late'])])).toBe(true)
  })

  it('STO-02 a role whose own statement timeout is shorter gets that error, and nothing lands later', async () => {
    const { name, pool } = await openRole({ statement_timeout: '150' })
    const raw = await openRaw()
    await raw.query(`CREATE SCHEMA "${raw.schema}" AUTHORIZATION ${name}`)
    const store = await openStore({ client: pool })
    await store.read(['a'])
    const holder = await holdKey('a')
    const commits = ['a', 'b'].map((key) => store.commit([], [put([key])]))
    const [held, free] = await Promise.allSettled(commits)
    expect(held).toMatchObject(rejected('57014'))
    expect(free).toMatchObject({ value: true })
    await holder.letGo()
    expect(await store.list([], { limit: 5 })).toHaveLength(1)
  })
})

describe.each([
  ['pg', openPg],
  ['postgres', openPostgresJs],
] as const)('%s, while the server does not answer', (driver, open) => {
  it('SEC-04 every call is rejected, and once it answers again they all work', async () => {
    await (await openStore()).read(['a'])
    const relay = await openRelay()
    const { client, end } = open(relay.url)
    onTestFinished(async () => void (await end()))
    const store = await openStore({ client, timeoutMs: 300, listen: false })
    await store.commit([], [put(['a'])])
    relay.swallow()
    for (let round = 0; round < 3; round++)
      for (const answer of await Promise.allSettled(all(store)))
        expect(answer).toMatchObject({
          status: 'rejected',
          reason: { code: expect.stringMatching(/^store_/) },
        })
    // what pg was given up on is no line of its pool any more; the other driver has to be told by the system
    if (driver !== 'pg') await relay.cut()
    await relay.mend()
    if (driver !== 'pg') await Promise.allSettled(all(store))
    await expect
      .poll(() => store.commit([], [put(['b'])]).catch((error: unknown) => error), {
        timeout: 15_000,
      })
      .toBe(true)
    for (const answer of await Promise.allSettled(all(store)))
      expect(answer).toMatchObject({ status: 'fulfilled' })
  }, 30_000)

  it('SEC-04 lines that take longer to open than a call waits are of use later', async () => {
    await (await openStore()).read(['a'])
    const relay = await openRelay()
    const { client, end } = open(relay.url)
    onTestFinished(async () => void (await end()))
    const store = await openStore({ client, timeoutMs: 300, listen: false })
    relay.delay(500)
    // more than the lines that there may be
    for (let round = 0; round < 3; round++)
      for (const answer of await Promise.allSettled(
        Array.from({ length: 6 }, () => store.read(['a'])),
      ))
        expect(answer.status).toBe('rejected')
    relay.delay(0)
    await expect
      .poll(() => store.commit([], [put(['b'])]).catch((error: unknown) => error), {
        timeout: 10_000,
      })
      .toBe(true)
  }, 30_000)

  it('SEC-04 calls are rejected while it refuses, with nothing left that nobody catches', async () => {
    await (await openStore()).read(['a'])
    const relay = await openRelay()
    const { client, end } = open(relay.url)
    onTestFinished(async () => void (await end()))
    const store = await openStore({ client, timeoutMs: 400, listen: false })
    await store.commit([], [put(['a'])])
    relay.swallow()
    relay.refuse()
    const given = Promise.allSettled(all(store))
    await setTimeout(600)
    await relay.cut()
    for (const answer of [...(await given), ...(await Promise.allSettled(all(store)))])
      expect(answer.status).toBe('rejected')
    await setTimeout(500)
    await relay.mend()
    await expect
      .poll(() => store.commit([], [put(['b'])]).catch((error: unknown) => error), {
        timeout: 15_000,
      })
      .toBe(true)
  }, 30_000)
})

it('after close every call is rejected, those that wait too, and what was under way is answered', async () => {
  const store = await openStore({ writers: 1 })
  await store.commit([], [put(['a'])])
  const holder = await holdKey('held')
  const underWay = store.commit([], [put(['held'])])
  await setTimeout(50)
  const waiting = [store.commit([], [put(['b'])]), store.commit([], [put(['c'])])]
  let closed = false
  const closing = store.close().then(() => (closed = true))
  void store.close()
  for (const answer of await Promise.allSettled([...waiting, ...all(store)]))
    expect(answer).toMatchObject({
      status: 'rejected',
      reason: { code: 'store_unavailable', message: 'The store was closed.' },
    })
  expect(closed).toBe(false)
  await holder.letGo()
  expect(await underWay).toBe(true)
  await closing
  const again = await openStore()
  expect((await again.list([], { limit: 5 })).map(({ key }) => key)).toEqual([['a'], ['held']])
})
