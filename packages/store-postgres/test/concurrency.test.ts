import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Key } from '@pair/core'
import { expect, it, onTestFinished } from 'vitest'
import { newPool } from './kit/clients.ts'
import { newDice } from './kit/dice.ts'
import { openHolder } from './kit/locks.ts'
import { openPool, openRaw, openStore, schemaOfTest } from './kit/open.ts'
import { postgresUrl } from './kit/server.ts'
import { append, put, T0 } from './kit/writes.ts'

it('40 workers with commits, counters and purges that overlap at random never wait for each other in a circle', async () => {
  const admin = await openPool({ max: 1 })
  const deadlocks = async (): Promise<unknown> =>
    (await admin.query('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()'))
      .rows[0]
  const before = await deadlocks()
  const pools = [0, 1].map(async () => newPool({ connectionString: await postgresUrl() }))
  const clients = await Promise.all(pools)
  const stores = await Promise.all(clients.map((client) => openStore({ client, listen: false })))
  await stores[0]!.read(['a'])
  const work = Array.from({ length: 40 }, async (_, worker) => {
    const dice = newDice(worker)
    const store = stores[worker % 2]!
    const keys = (most: number): Key[] => [
      ...new Map(
        Array.from({ length: 1 + dice(most) }, () => `k${dice(12)}`).map((name) => [name, [name]]),
      ).values(),
    ]
    for (let round = 0; round < 25; round++) {
      const written = keys(6)
      const checked = keys(6)
      const checks = await Promise.all(
        checked.map(async (key) => ({ key, version: (await store.read(key))?.version ?? null })),
      )
      const writes = written.map((key) =>
        dice(3) === 0 ? { key, value: null } : put(key, 'x', dice(2) ? T0 : null),
      )
      await store.commit(checks, [
        ...writes,
        append(['s', String(dice(3))], 'x', dice(2) ? T0 : null),
      ])
      await Promise.all([0, 1, 2].map((n) => store.increment([`c${dice(5)}`, String(n)], 1, T0)))
      if (dice(5) === 0) await store.purge(T0 + 1, 20)
    }
  })
  await Promise.all(work)
  await Promise.all(stores.map((store) => store.close()))
  // a store tries again what a deadlock ended; the server counts it, at the latest when the line ends
  await Promise.all(clients.map((client) => client.end()))
  const lines =
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE query LIKE '%' || $1 || '%' AND pid <> pg_backend_pid()"
  const schema = await schemaOfTest()
  await expect
    .poll(async () => (await admin.query(lines, [schema])).rows, { timeout: 5_000 })
    .toEqual([{ count: 0 }])
  expect(await deadlocks()).toEqual(before)
}, 60_000)

it('commits of 300 keys each, 60 at once through 3 stores, leave room in the lock table', async () => {
  const stores = [await openStore(), await openStore(), await openStore()]
  await stores[0]!.read(['a'])
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, n) => {
      const keys = Array.from({ length: 300 }, (__, at): Key => ['k', String((n * 37 + at) % 900)])
      return stores[n % 3]!.commit(
        keys.slice(0, 150).map((key) => ({ key, version: n % 2 ? null : 'none' })),
        keys.slice(150).map((key) => put([...key, String(n)])),
      )
    }),
  )
  expect(answers).toEqual(answers.map((_, n) => n % 2 === 1))
})

it('SEC-18 a transaction of the application that stays open, and wrote, holds back neither our streams nor a purge', async () => {
  const store = await openStore()
  await store.commit([], [append(['s'], 'first', T0)])
  const holder = await openHolder()
  const [row] = await holder.query('SELECT pg_current_xact_id()::text AS id')
  expect(row?.['id']).toMatch(/^\d+$/)
  // with an old snapshot, too, and locks of its own
  await holder.query('SELECT count(*) FROM pg_class')
  await holder.query('SELECT pg_advisory_xact_lock(1), pg_advisory_xact_lock(1, 2)')
  for (let n = 0; n < 5; n++) {
    await store.commit([], [append(['s'], String(n))])
    const { items, settled, latest } = await store.tail(['s'], null, 10)
    expect(items.at(-1)).toMatchObject({ value: String(n), position: latest })
    expect(settled).toBe(true)
  }
  expect(await store.purge(T0 + 1, 5)).toBe(1)
})

it('SEC-18 a commit that stays open holds back what came behind it, as long as it is open and no longer', async () => {
  const schema = await schemaOfTest()
  const store = await openStore()
  await store.commit([], [append(['s'], 'before')])
  const program = fileURLToPath(new URL('kit/stuck-process.ts', import.meta.url))
  for (const signal of ['SIGKILL', 'SIGKILL'] as const) {
    const child = fork(program, [await postgresUrl(), schema], {
      execArgv: ['--conditions=@pair/source'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child, 'message')
    const seen = (await store.tail(['s'], null, 50)).items.length
    await store.commit([], [append(['s'], 'behind'), append(['other'], 'behind')])
    const held = await store.tail(['s'], null, 50)
    expect([held.items.length, held.settled]).toEqual([seen, false])
    expect(await store.tail(['other'], null, 50)).toMatchObject({ settled: false })
    child.kill(signal)
    await expect
      .poll(async () => (await store.tail(['s'], null, 50)).settled, { timeout: 5_000 })
      .toBe(true)
    const { items } = await store.tail(['s'], null, 50)
    expect(items.map(({ value }) => value)).not.toContain('stuck')
    expect(items).toHaveLength(seen + 1)
    expect(await store.read(['stuck'])).toBeNull()
    expect(await store.commit([{ key: ['stuck'], version: null }], [])).toBe(true)
  }
}, 30_000)

it('SEC-18 places go on beyond 2^31, where the half of them that a lock keeps begins anew', async () => {
  const store = await openStore()
  const raw = await openRaw()
  await store.commit([], [append(['s'], 'first')])
  for (const place of [
    2 ** 31 - 3,
    2 ** 32 - 3,
    2 ** 33 + 2 ** 31 - 3,
    Number.MAX_SAFE_INTEGER - 5_000,
  ]) {
    await raw.query(`SELECT setval('pair_place', ${place})`)
    for (let n = 0; n < 4; n++) await store.commit([], [append(['s'], `${place} ${n}`)])
    // of a commit that is open it is known to be behind
    const holder = await openHolder()
    const schema = raw.schema
    const lane = `hashtext('"${schema}"."pair_place"')`
    await holder.query(
      `SELECT pg_advisory_xact_lock_shared(${lane}, (nextval('"${schema}".pair_place') & 2147483647)::integer)`,
    )
    await store.commit([], [append(['s'], `${place} behind`)])
    expect((await store.tail(['s'], null, 50)).items.at(-1)?.value).toBe(`${place} 3`)
    await holder.letGo()
    const { items, settled } = await store.tail(['s'], null, 50)
    expect([items.at(-1)?.value, settled]).toEqual([`${place} behind`, true])
  }
  const { items } = await store.tail(['s'], null, 50)
  const positions = items.map(({ position }) => position)
  expect(positions).toEqual(positions.toSorted())
  expect(items).toHaveLength(21)
})
