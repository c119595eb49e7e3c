import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { expect, it, onTestFinished } from 'vitest'
import { redisStore } from '../src/index.ts'
import { openEval, openIoredis, openNodeRedis } from './kit/clients.ts'
import { becomes, listen } from './kit/ears.ts'
import { openClient, openServer, openStore } from './kit/open.ts'
import { absent, append, put, T0 } from './kit/writes.ts'

const config = (message: RegExp, hint: RegExp) =>
  expect.objectContaining({
    code: 'config_invalid',
    message: expect.stringMatching(message) as string,
    hint: expect.stringMatching(hint) as string,
  }) as Error

/** A client that never connects. */
function idle(options = {}): Redis {
  const redis = new Redis({ lazyConnect: true, ...options })
  onTestFinished(() => redis.disconnect())
  return redis
}

it('SEC-17 two prefixes, and two databases of one server, share nothing: no key, counter, stream or notice', async () => {
  const { url } = await openServer()
  const places = [{}, { prefix: 'pair2' }, { prefix: 'pair:record' }]
  const stores = await Promise.all([
    ...places.map((place) => openStore(url, place)),
    openStore(`${url}/1`),
  ])
  const ears = stores.map((store) => listen(store))
  for (const ear of ears) await becomes(ear, true)
  for (const [n, store] of stores.entries()) {
    const writes = [put(['a'], String(n), T0), append(['s'], String(n))]
    expect(await store.commit([absent(['a'])], writes)).toBe(true)
    expect(await store.increment(['c'], 1, T0)).toBe(1)
  }
  const end = stores.map((store, n) => store.commit([], [put(['end', String(n)])]))
  await Promise.all(end)
  for (const [n, store] of stores.entries()) {
    expect(await store.list([], { limit: 5 })).toMatchObject([
      { value: String(n) },
      { key: ['end', String(n)] },
    ])
    expect((await store.tail(['s'], null, 5)).items).toMatchObject([{ value: String(n) }])
    expect(ears[n]!.heard).toEqual(['*', 'a', 's', `end/${n}`])
  }
  expect(await stores[1]!.purge(T0 + 1, 9)).toBe(1)
  expect(await stores[0]!.read(['a'])).toMatchObject({ value: '0' })
})

it('STO-07 what is no client, and options that are none, are refused with the mend', async () => {
  const known = idle()
  for (const client of [{}, null, () => {}, { call() {} }, { isOpen: true, sendCommand() {} }])
    expect(() => redisStore(client as never)).toThrow(config(/no client/, /new Redis/))
  for (const prefix of ['', 'a b', '{a}', 'é', 'x'.repeat(41), 5 as never])
    expect(() => redisStore(known, { prefix })).toThrow(config(/`prefix`/, /prefix: 'pair'/))
  for (const count of [0, -1, 1.5, Number.NaN, Infinity, '5', 2 ** 31]) {
    const some = count as number
    expect(() => redisStore(known, { timeoutMs: some })).toThrow(config(/`timeoutMs`/, /4_000/))
    for (const durability of [
      { waitReplicas: some, timeoutMs: 1 },
      { waitReplicas: 1, timeoutMs: some },
    ])
      expect(() => redisStore(known, { durability })).toThrow(
        config(/`durability\.(waitReplicas|timeoutMs)`/, /waitReplicas: 1/),
      )
  }
  expect(() => redisStore(known, { unsafe: 'no' as never })).toThrow(config(/`unsafe`/, /refuse/))
})

it('STO-07 a client that calls keys by other names than scripts do is refused', () => {
  const client = createClient({ keyPrefix: 'app:' } as never)
  for (const prefixed of [idle({ keyPrefix: 'app:' }), client])
    expect(() => redisStore(prefixed)).toThrow(config(/keyPrefix/, /prefix: 'app'/))
})

it('STO-07 a client that knows scripts alone can neither listen nor wait for replicas; another one may listen for it', async () => {
  const { url } = await openServer()
  const client = await openClient(url, openEval)
  expect(() => redisStore(client, { listen: client })).toThrow(config(/`listen`/, /new Redis/))
  expect(() => redisStore(idle(), { listen: client })).toThrow(config(/`listen`/, /new Redis/))
  const durability = { waitReplicas: 1, timeoutMs: 1 }
  expect(() => redisStore(client, { durability })).toThrow(config(/`durability`/, /durability/))
  const store = redisStore(client, { listen: await openClient(url), unsafe: 'allow' })
  onTestFinished(() => store.close())
  const ear = listen(store)
  await becomes(ear, true)
  await (await openStore(url)).commit([], [put(['a'])])
  await expect.poll(() => ear.heard).toEqual(['*', 'a'])
  expect(redisStore(idle(), { listen: false }).watch).toBeUndefined()
})

it('STO-02 a client of redis that was not connected is told to connect', async () => {
  const store = redisStore(createClient({ url: 'redis://127.0.0.1:1' }), { unsafe: 'allow' })
  await expect(store.read(['a'])).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringMatching(/not connected/),
    hint: expect.stringMatching(/client\.connect\(\)/),
  })
})

it('STO-01 a client over HTTP may send twice, so each of its writes leaves a mark for as long as it may come; others leave none', async () => {
  const server = await openServer()
  for (const [open, count] of [
    [openIoredis, 0],
    [openNodeRedis, 0],
    [openEval, 2],
  ] as const) {
    const store = await openStore(server.url, { open, listen: false, timeoutMs: 2_000 })
    await store.commit([], [put(['a'])])
    await store.increment(['c'], 1, T0)
    const names = (await server.ask('KEYS', '*:*:*'))
      .split('\r\n')
      .filter((name) => /:attempt:|:counted:/.test(name))
    expect(names).toHaveLength(count)
    for (const name of names) {
      const left = Number((await server.ask('PTTL', name)).slice(1))
      expect(left).toBeGreaterThan(2_000)
      expect(left).toBeLessThanOrEqual(9_000)
    }
  }
})

it('STO-01 time() is that of the server, or of the clock that was given', async () => {
  const { url } = await openServer()
  expect(Math.abs((await (await openStore(url)).time!()) - Date.now())).toBeLessThan(60_000)
  expect(await (await openStore(url, { clock: () => 7 })).time!()).toBe(7)
})
