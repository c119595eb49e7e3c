import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { counterNames } from './kit/counter-names.ts'
import { toRefusal, wordOf } from '../src/outcome.ts'
import { openIoredis, openNodeRedis } from './kit/clients.ts'
import { newCluster } from './kit/cluster.ts'
import { openServer, openStore } from './kit/open.ts'
import { append, put, T0 } from './kit/writes.ts'

const drivers = { ioredis: openIoredis, 'node-redis': openNodeRedis }

const refused = (code: string, message: RegExp, hint: RegExp) => ({
  code,
  message: expect.stringMatching(message) as string,
  hint: expect.stringMatching(hint) as string,
})

describe.each(Object.entries(drivers))('%s', (_, open) => {
  it('STO-02 a server without memory takes no part of a commit, and still removes, reads and purges', async () => {
    const server = await openServer({ 'maxmemory-policy': 'noeviction' })
    const store = await openStore(server.url, { open, listen: false })
    const kept = [put(['a']), put(['b'], 'x', T0), append(['s'], 'first')]
    await store.commit([], kept)
    await store.increment(['c'], 1, T0)
    const state = async (): Promise<unknown> => [
      await store.list([], { limit: 9 }),
      await store.tail(['s'], null, 9),
      await store.increment(['c'], 0, T0),
    ]
    const before = await state()
    await server.ask('CONFIG', 'SET', 'maxmemory', '1')
    const full = refused('store_unavailable', /no memory/, /maxmemory/)
    await expect(store.commit([], [put(['new']), append(['s'])])).rejects.toMatchObject(full)
    await expect(store.commit([], [append(['s']), put(['a'], 'y')])).rejects.toMatchObject(full)
    await expect(store.increment(['c'], 1, T0)).rejects.toMatchObject(full)
    expect(await state()).toEqual(before)
    expect(await store.commit([], [{ key: ['a'], value: null }])).toBe(true)
    expect(await store.purge(T0 + 1, 9)).toBe(1)
    expect(await store.list([], { limit: 9 })).toEqual([])
  })

  it('STO-07 a replica, a server that lacks replicas and a user without rights are refused with what mends it', async () => {
    const server = await openServer()
    const failure = async (url: string): Promise<unknown> =>
      (await openStore(url, { open, listen: false })).read(['a']).catch((error: unknown) => error)
    await server.ask('ACL', 'SETUSER', 'app', 'on', '>pw', '~*', '&*', '+@all', '-xadd')
    const noRight = await failure(`redis://app:pw@127.0.0.1:${server.port}`)
    expect(noRight).toMatchObject(refused('config_invalid', /may not/, /ACL SETUSER/))
    expect(await server.ask('DBSIZE')).toBe(':0\r\n')
    await server.ask('REPLICAOF', '127.0.0.1', '1')
    expect(await failure(server.url)).toMatchObject(
      refused('store_unavailable', /is a replica/, /primary/),
    )
    await server.ask('REPLICAOF', 'NO', 'ONE')
    await server.ask('CONFIG', 'SET', 'min-replicas-to-write', '1')
    const lacking = await openStore(server.url, { open, listen: false })
    await expect(lacking.commit([], [put(['a'])])).rejects.toMatchObject(
      refused('store_unavailable', /fewer replicas/, /replicas back/),
    )
  }, 20_000)

  it('STO-07 a script of somebody else that does not end holds up calls no longer than they may take', async () => {
    const server = await openServer({ 'lua-time-limit': '50' })
    const store = await openStore(server.url, { open, listen: false, timeoutMs: 400 })
    await store.read(['a'])
    const endless = server.ask('EVAL', 'while true do end', '0').catch(() => '')
    await setTimeout(10)
    const since = performance.now()
    await expect(store.read(['a'])).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(performance.now() - since).toBeLessThan(1_500)
    await setTimeout(100)
    await expect(store.commit([], [put(['a'])])).rejects.toMatchObject(
      refused('store_unavailable', /busy with a script/, /SCRIPT KILL/),
    )
    await server.ask('SCRIPT', 'KILL')
    await endless
    expect(await store.commit([{ key: ['a'], version: null }], [put(['a'])])).toBe(true)
  })

  it('STO-02 a server that says nothing is given up in time, and nobody knows what came of the call', async () => {
    const server = await openServer()
    const store = await openStore(server.url, { open, listen: false, timeoutMs: 300 })
    await store.commit([], [put(['a'])])
    server.freeze()
    const calls = [
      () => store.read(['a']),
      () => store.list([], { limit: 1 }),
      () => store.commit([], [put(['late'])]),
      () => store.increment(['c'], 1, T0),
      () => store.tail(['s'], null, 1),
      () => store.purge(1, 1),
      () => store.time!(),
    ]
    const since = performance.now()
    for (const answer of await Promise.allSettled(calls.map((call) => call())))
      expect(answer).toMatchObject({
        reason: { code: 'store_unavailable', reason: 'the server took over 300 ms' },
      })
    expect(performance.now() - since).toBeLessThan(1_500)
    server.thaw()
    await expect.poll(() => store.read(['late']).catch(() => null)).toMatchObject({ value: 'x' })
  })

  it('STO-02 names of the store that hold something else are seen before anything is written', async () => {
    const server = await openServer()
    const store = await openStore(server.url, { open, listen: false })
    const foreign = refused('config_invalid', /holds something else/, /prefix/)
    await store.commit([], [put(['kept'])])
    await server.ask('SET', '{pair}:stream:s', 'text')
    const names = await counterNames(server)
    await server.ask('HSET', names('c')[0]!, 'a', 'b')
    await server.ask('SET', names('d')[0]!, 'text')
    await server.ask('SADD', '{pair}:record:set', 'a')
    await expect(store.commit([], [put(['a']), append(['s'])])).rejects.toMatchObject(foreign)
    for (const counter of ['c', 'd'])
      await expect(store.increment([counter], 1, T0)).rejects.toMatchObject(foreign)
    await expect(store.read(['set'])).rejects.toMatchObject(foreign)
    expect((await store.list([], { limit: 9 })).map(({ key }) => key[0])).toEqual(['kept'])
  })

  it('STO-01 a counter ends at 2^53 and is not raised beyond', async () => {
    const store = await openStore((await openServer()).url, { open, listen: false })
    const most = Number.MAX_SAFE_INTEGER
    expect(await store.increment(['c'], most - 1, T0)).toBe(most - 1)
    expect(await store.increment(['c'], 1, T0)).toBe(most)
    await expect(store.increment(['c'], 1, T0)).rejects.toThrow(RangeError)
    expect(await store.increment(['c'], 0, T0)).toBe(most)
  })
})

it.each(Object.entries(drivers))(
  'STO-07 [%s] a client of one server that belongs to a cluster is told to be one of the cluster',
  async (_, open) => {
    const cluster = await newCluster()
    try {
      const [code, config] = ['config_invalid', /one server of a cluster/] as const
      const failures = cluster.nodes.map(async ({ url }) =>
        (await openStore(url, { open, listen: false })).commit([], []).then(
          () => null,
          (error: unknown) => error,
        ),
      )
      const found = (await Promise.all(failures)).filter((failure) => failure !== null)
      // one of the three has the records
      expect(found).toHaveLength(2)
      for (const failure of found)
        expect(failure).toMatchObject(refused(code, config, /createCluster/))
    } finally {
      await cluster.remove()
    }
  },
  30_000,
)

it.each([
  ['LOADING Redis is loading the dataset in memory', 'LOADING', 'store_unavailable'],
  [
    'MISCONF Redis is configured to save RDB snapshots, but it is unable to',
    'MISCONF',
    'store_unavailable',
  ],
  ['TRYAGAIN Multiple keys request during rehashing of slot', 'TRYAGAIN', 'store_unavailable'],
  ['CLUSTERDOWN Hash slot not served', 'CLUSTERDOWN', 'store_unavailable'],
  ['MASTERDOWN Link with MASTER is down', 'MASTERDOWN', 'store_unavailable'],
  ['ASK 1 127.0.0.1:7001', 'TRYAGAIN', 'store_unavailable'],
  ["CROSSSLOT Keys in request don't hash to the same slot", 'CROSSSLOT', 'config_invalid'],
  ['NOAUTH Authentication required.', 'NOAUTH', 'config_invalid'],
  ['WRONGPASS invalid username-password pair or user is disabled.', 'WRONGPASS', 'config_invalid'],
  [
    'ERR Error running script (call to f_0): @user_script:9: @user_script: 9: -OOM command not allowed.',
    'OOM',
    'store_unavailable',
  ],
  [
    'Command failed: READONLY You can not write, command was: ["evalsha","OOM"]',
    'READONLY',
    'store_unavailable',
  ],
])('STO-02 %s', (message, word, code) => {
  expect(wordOf(new Error(message))).toBe(word)
  expect(toRefusal(new Error(message))).toMatchObject({ code, reason: `Redis said ${word}` })
})

it('STO-02 an error of a driver is not passed on: it carries what was written', () => {
  const error = Object.assign(new Error('Connection is closed.'), { command: { args: ['secret'] } })
  const refusal = toRefusal(error)
  expect(refusal).toMatchObject({
    code: 'store_unavailable',
    reason: 'Redis gave no answer: Error',
  })
  expect(refusal.cause).toBeUndefined()
  expect(JSON.stringify(Object.entries(refusal))).not.toContain('secret')
})
