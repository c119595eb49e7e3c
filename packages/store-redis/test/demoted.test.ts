import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openEval, openIoredis, openNodeRedis } from './kit/clients.ts'
import { becomes, listen } from './kit/ears.ts'
import { openServer, openStore } from './kit/open.ts'
import { append, put, T0 } from './kit/writes.ts'

const drivers = { ioredis: openIoredis, 'node-redis': openNodeRedis, eval: openEval }

describe.each(Object.entries(drivers))('on %s a server that became a replica', (_, open) => {
  it('STO-07 is not read, and what watches there is not live, until it is a primary again', async () => {
    const [server, other] = [await openServer(), await openServer()]
    const store = await openStore(server.url, { open })
    await store.commit([], [put(['a']), append(['s'])])
    await store.increment(['c'], 1, T0)
    const ear = store.watch && listen(store)
    if (ear) await becomes(ear, true)
    await server.ask('CONFIG', 'SET', 'repl-diskless-sync-delay', '0')
    await server.ask('REPLICAOF', '127.0.0.1', String(other.port))
    const calls = {
      read: () => store.read(['a']),
      list: () => store.list([], { limit: 1 }),
      tail: () => store.tail(['s'], null, 1),
      total: () => store.increment(['c'], 0, T0),
      increment: () => store.increment(['c'], 1, T0),
      commit: () => store.commit([], [put(['b'])]),
      purge: () => store.purge(T0, 1),
    }
    // before and after it took the data of the other one
    for (let round = 0; round < 2; round++) {
      for (const [which, call] of Object.entries(calls).slice(0, round === 0 ? 6 : 4))
        await expect(call(), which).rejects.toMatchObject({
          code: 'store_unavailable',
          message: expect.stringMatching(/is a replica/),
          hint: expect.stringMatching(/primary/),
        })
      await expect
        .poll(() => server.ask('INFO', 'replication'), { timeout: 10_000 })
        .toContain('master_link_status:up')
    }
    if (ear) await becomes(ear, false)
    await server.ask('REPLICAOF', 'NO', 'ONE')
    expect(await store.commit([], [put(['a'], 'new')])).toBe(true)
    expect(await store.read(['a'])).toMatchObject({ value: 'new' })
    if (ear) await becomes(ear, true)
  }, 40_000)
})

it('STO-07 [ioredis] after a READONLY another line is opened, which may lead to the primary', async () => {
  const server = await openServer()
  const store = await openStore(server.url, { listen: false })
  await store.read(['a'])
  const lines = async (): Promise<string[]> =>
    [...(await server.ask('CLIENT', 'LIST')).matchAll(/\bid=(\d+)/g)]
      .map(([, id]) => id!)
      .slice(0, -1)
  const before = await lines()
  await setTimeout(1_000)
  await server.ask('REPLICAOF', '127.0.0.1', '1')
  await expect(store.read(['a'])).rejects.toMatchObject({ code: 'store_unavailable' })
  await server.ask('REPLICAOF', 'NO', 'ONE')
  expect(await store.read(['a'])).toBeNull()
  await expect.poll(async () => (await lines()).length).toBe(before.length)
  expect(await lines()).not.toEqual(before)
})
