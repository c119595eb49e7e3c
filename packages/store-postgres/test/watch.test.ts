import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { postgresStore, type PostgresClient } from '../src/index.ts'
import { toPlace } from '../src/place.ts'
import { digest } from '../src/statements.ts'
import { newPool, openPg, openPostgresJs } from './kit/clients.ts'
import { becomes, listen, type Ear } from './kit/ears.ts'
import { openPool, openStore, schemaOfTest } from './kit/open.ts'
import { openRelay } from './kit/relays.ts'
import { postgresUrl } from './kit/server.ts'
import { append, put } from './kit/writes.ts'

const drivers = { pg: openPg, postgres: openPostgresJs }

describe.each(Object.entries(drivers))('a watch on %s', (driver, open) => {
  /** What a watch hears on; its lines go by a name of their own. */
  function openClient(url: string, name = 'ear'): PostgresClient {
    const { client, end } = open(url, { application_name: name })
    onTestFinished(async () => void (await end()))
    return client
  }

  /** These once each; and that any key may have changed, which after an outage the other driver makes us say again. */
  function expectTold({ heard }: Ear, keys: readonly string[]): void {
    expect(heard.filter((key) => key !== '*')).toEqual(keys)
    const anys = heard.filter((key) => key === '*').length
    if (driver === 'pg') expect(anys).toBe(1)
    else expect(anys).toBeGreaterThan(0)
  }

  it('SEC-19 SES-12 whose line the server ends says so within a second, is live again by itself, and then says that any key may have changed', async () => {
    const name = `${await schemaOfTest()}_ear`
    const store = await openStore({ listen: openClient(await postgresUrl(), name) })
    const ear = listen(store, ['p'])
    await becomes(ear, true)
    const admin = await openPool({ max: 1 })
    for (let round = 0; round < 3; round++) {
      ear.heard.length = ear.lives.length = 0
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1',
        [name],
      )
      await expect.poll(() => ear.lives, { timeout: 1_000, interval: 2 }).toContain(false)
      await becomes(ear, true)
      expect(ear.heard).toEqual(['*'])
      await (await openStore()).commit([], [put(['p', String(round)])])
      await expect.poll(() => ear.heard).toContain(`p/${round}`)
      expect(ear.heard.filter((key) => key !== '*')).toEqual([`p/${round}`])
    }
  })

  it('SEC-19 whose line swallows everything says so within a second, and until then nothing is unheard', async () => {
    const relay = await openRelay()
    const store = await openStore({ listen: openClient(relay.url) })
    const ear = listen(store)
    await becomes(ear, true)
    relay.swallow()
    await becomes(ear, false)
    await (await openStore()).commit([], [put(['missed'])])
    ear.heard.length = 0
    // pg opens another line by itself; the other driver waits until the system gives the old one up
    if (driver !== 'pg') await relay.cut()
    await relay.mend()
    await becomes(ear, true)
    expect(ear.heard).toContain('*')
    await (await openStore()).commit([], [put(['after'])])
    await expect.poll(() => ear.heard).toContain('after')
    expectTold(ear, ['after'])
  }, 30_000)

  it('SEC-19 that is refused for a while tells each thing once when it is let in', async () => {
    const relay = await openRelay()
    await relay.cut()
    const store = await openStore({ listen: openClient(relay.url) })
    const ear = listen(store)
    await store.commit([], [put(['own'])])
    expect(ear).toMatchObject({ heard: ['own'], lives: [false] })
    await setTimeout(1_500)
    await relay.mend()
    await becomes(ear, true)
    await (await openStore()).commit([], [put(['once'])])
    await expect.poll(() => ear.heard).toContain('once')
    await setTimeout(100)
    expectTold(ear, ['own', 'once'])
  }, 30_000)

  it('SEC-19 whose line answers later than it may is not live, and is once it answers in time', async () => {
    const relay = await openRelay()
    const store = await openStore({ listen: openClient(relay.url) })
    const ear = listen(store)
    await becomes(ear, true)
    relay.delay(250)
    await becomes(ear, false)
    ear.lives.length = 0
    await setTimeout(1_000)
    expect(ear.lives).toEqual([])
    relay.delay(0)
    await becomes(ear, true)
  }, 30_000)

  it('SEC-19 can not be told by a stranger that it is live', async () => {
    const schema = await schemaOfTest()
    const relay = await openRelay()
    const store = await openStore({ listen: openClient(relay.url) })
    const ear = listen(store)
    await becomes(ear, true)
    const channel = `pair_${digest(toPlace(schema, 'pair_').at('record'))}`
    const stranger = await (await openPool({ max: 1 })).connect()
    onTestFinished(() => stranger.release())
    const told = once(stranger, 'notification')
    await stranger.query(`LISTEN "${channel}"`)
    await store.commit([], [put(['a'])])
    const [{ payload }] = (await told) as [{ payload: string }]
    const { from } = JSON.parse(payload) as { from: string }
    for (const beat of ['9999999', 'Infinity', 'x', '', '-1'])
      await stranger.query('SELECT pg_notify($1, $2)', [`${channel}_${from}`, beat])
    // nonsense on the channel of all says that anything may have changed
    await stranger.query('SELECT pg_notify($1, $2)', [channel, '{"keys":["a"]}'])
    await expect.poll(() => ear.heard).toContain('*')
    relay.swallow()
    await becomes(ear, false)
  })

  it('SEC-19 hears all keys of commits that are too large for one message', async () => {
    const store = await openStore({ listen: openClient(await postgresUrl()) })
    const ear = listen(store, ['p'])
    await becomes(ear, true)
    const keys = Array.from({ length: 400 }, (_, n) => ['p', `${n}`.padEnd(200, 'x')])
    const other = await openStore()
    await other.commit([], [...keys.map((key) => put(key)), append(['p', 's'])])
    const expected = ['*', 'p/s', ...keys.map((key) => key.join('/'))]
    await expect.poll(() => new Set(ear.heard), { timeout: 1_000 }).toEqual(new Set(expected))
    // what would take too many messages is told as anything
    ear.heard.length = 0
    await other.commit(
      [],
      Array.from({ length: 3_000 }, (_, n) => put(['p', `${n}`.padEnd(200, 'y')])),
    )
    await expect.poll(() => ear.heard, { timeout: 1_000 }).toEqual(['*'])
  })

  it('opens no line before somebody watches, and one however often they come and go', async () => {
    const name = `${await schemaOfTest()}_ear`
    const admin = await openPool({ max: 1 })
    const lines = async (): Promise<number> => {
      const { rows } = await admin.query(
        'SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = $1',
        [name],
      )
      return (rows as [{ count: number }])[0].count
    }
    const store = await openStore({ listen: openClient(await postgresUrl(), name) })
    await store.commit([], [put(['a'])])
    expect(await lines()).toBe(0)
    for (let round = 0; round < 5; round++) {
      const ears = [listen(store), listen(store)]
      for (const ear of ears) await becomes(ear, true)
      ears[0]!.stop()
      await (await openStore()).commit([], [put(['b', String(round)])])
      await expect.poll(() => ears[1]!.heard).toContain(`b/${round}`)
      expect(ears[1]!.heard.filter((key) => key !== '*')).toEqual([`b/${round}`])
      ears[1]!.stop()
    }
    // one more at most on which the other driver asks
    await expect.poll(lines).toBeLessThanOrEqual(driver === 'pg' ? 0 : 2)
  })
})

it('SEC-19 a line that breaks while it is made harms nothing but itself', async () => {
  const relay = await openRelay()
  relay.endOn('LISTEN')
  const pool = await openPool({ connectionString: relay.url })
  const ear = listen(await openStore({ listen: pool }))
  await becomes(ear, true)
  expect(ear.lives).toEqual([false, true])
})

it('SEC-19 a line that swallows the very first word is given up for another', async () => {
  const relay = await openRelay()
  const pool = await openPool({ connectionString: relay.url, connectionTimeoutMillis: 1_000 })
  await pool.query('SELECT 1')
  relay.swallow()
  const ear = listen(await openStore({ listen: pool }))
  await setTimeout(200)
  await relay.mend()
  await becomes(ear, true)
  await expect.poll(() => pool.totalCount).toBe(1)
}, 30_000)

it('SES-12 what may have been written is heard like what was: here, and by others', async () => {
  const relay = await openRelay()
  const { client, end } = openPg(relay.url)
  onTestFinished(async () => void (await end()))
  const store = await openStore({ client, listen: await openPool({ max: 1 }) })
  await store.commit([], [put(['p', 'known'])])
  const [own, other] = [listen(store, ['p']), listen(await openStore(), ['p'])]
  await Promise.all([becomes(own, true), becomes(other, true)])
  own.heard.length = other.heard.length = 0
  relay.endOn('perhaps')
  await expect(store.commit([], [put(['p', 'perhaps'])])).rejects.toThrow('ECONNRESET')
  expect(own.heard).toEqual(['p/perhaps'])
  await expect.poll(() => other.heard).toEqual(['p/perhaps'])
})

it('SEC-19 what a process wrote is heard by others though it is closed, or ends, right after', async () => {
  const store = await openStore()
  const ear = listen(store)
  await becomes(ear, true)
  const pool = newPool({ connectionString: await postgresUrl() })
  const short = postgresStore(pool, { schema: await schemaOfTest() })
  await short.commit([], [put(['closed'])])
  await short.close()
  await pool.end()
  const program = fileURLToPath(new URL('kit/commit-process.ts', import.meta.url))
  const child = fork(program, [await postgresUrl(), await schemaOfTest()], {
    execArgv: ['--conditions=@pair/source'],
  })
  expect(await once(child, 'exit')).toEqual([0, null])
  await expect.poll(() => ear.heard).toEqual(['*', 'closed', 'ended'])
}, 30_000)

it('SES-12 what one store writes another hears within a second; how fast is printed', async () => {
  const ear = listen(await openStore())
  await becomes(ear, true)
  const writer = await openStore()
  const took: number[] = []
  for (let n = 0; n < 200; n++) {
    await writer.commit([], [put(['k', String(n)])])
    const since = performance.now()
    await expect.poll(() => ear.heard.at(-1), { timeout: 1_000, interval: 1 }).toBe(`k/${n}`)
    took.push(performance.now() - since)
  }
  took.sort((a, b) => a - b)
  console.info(
    `heard by another store: p50 ${took[100]!.toFixed(1)} ms, p99 ${took[197]!.toFixed(1)} ms`,
  )
})

it('own commits are told before they are answered, and are not told again', async () => {
  const store = await openStore()
  const ear = listen(store)
  await becomes(ear, true)
  await store.commit([], [put(['a']), append(['s'])])
  expect(ear.heard).toEqual(['*', 'a', 's'])
  await setTimeout(100)
  expect(ear.heard).toEqual(['*', 'a', 's'])
})

it('a client with one connection can not be listened on; without listening there is no watch', async () => {
  const pool = await openPool({ max: 1 })
  expect(() => postgresStore(pool)).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      hint: expect.stringMatching(/listen: false/),
    }),
  )
  const store = await openStore({ client: pool, listen: false })
  expect(store.watch).toBeUndefined()
  expect(await store.commit([], [put(['a'])])).toBe(true)
  expect((await openStore({ client: pool, listen: await openPool() })).watch).toBeDefined()
})

it('each who watches is told that the watch is over when the store is closed, and nothing is watched after', async () => {
  const store = await openStore()
  const ears = [listen(store), listen(store, ['p'])]
  for (const ear of ears) await becomes(ear, true)
  await store.close()
  expect(ears.map(({ lives }) => lives.at(-1))).toEqual([false, false])
  expect(listen(store).lives).toEqual([false])
})
