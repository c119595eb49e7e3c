import { expect, it } from 'vitest'
import type { EvalClient } from '../src/index.ts'
import { openEval, openIoredis, openNodeRedis } from './kit/clients.ts'
import { openClient, openServer, openStore } from './kit/open.ts'
import { append, put, T0 } from './kit/writes.ts'

const drivers = { ioredis: openIoredis, 'node-redis': openNodeRedis, eval: openEval }

/** How often the server ran that command. */
function callsOf(stats: string, command: string): number {
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
}

it.each(Object.entries(drivers))(
  'STO-01 [%s] after SCRIPT FLUSH every call goes on, and the text of a script is sent once for each loss',
  async (_, open) => {
    const server = await openServer()
    const store = await openStore(server.url, { open, listen: false })
    const all = async (round: number): Promise<void> => {
      const version = (await store.read(['a']))?.version ?? null
      const writes = [put(['a'], String(round)), append(['s'], String(round))]
      expect(await store.commit([{ key: ['a'], version }], writes)).toBe(true)
      expect(await store.increment(['c'], 1, T0)).toBe(round)
      expect(await store.list([], { limit: 5 })).toMatchObject([{ value: String(round) }])
      expect((await store.tail(['s'], null, 50)).items).toHaveLength(round)
      expect(await store.purge(1, 5)).toBe(0)
      expect(await store.time!()).toBeGreaterThan(0)
    }
    await all(1)
    for (let round = 2; round < 5; round++) {
      await server.ask('SCRIPT', 'FLUSH')
      await server.ask('CONFIG', 'RESETSTAT')
      await all(round)
      const first = await server.ask('INFO', 'commandstats')
      expect(callsOf(first, 'eval')).toBe(7)
      expect(callsOf(first, 'evalsha')).toBe(7)
    }
    await server.ask('CONFIG', 'RESETSTAT')
    for (let round = 5; round < 9; round++) await all(round)
    const later = await server.ask('INFO', 'commandstats')
    expect([callsOf(later, 'eval'), callsOf(later, 'evalsha')]).toEqual([0, 28])
  },
)

it('STO-01 [eval] a client that knows texts only is served as well', async () => {
  const server = await openServer()
  const { eval: run } = (await openClient(server.url, openEval)) as EvalClient
  const store = await openStore(server.url, {
    open: async () => ({ client: { eval: run }, end() {} }),
  })
  expect(await store.commit([{ key: ['a'], version: null }], [put(['a'])])).toBe(true)
  expect(await store.read(['a'])).toMatchObject({ value: 'x' })
  expect(store.watch).toBeUndefined()
})

it('STO-01 one commit is one round trip, however much it checks and writes', async () => {
  const server = await openServer()
  const store = await openStore(server.url, { listen: false })
  await store.commit([], [put(['a'])])
  await server.ask('CONFIG', 'RESETSTAT')
  const keys = Array.from({ length: 300 }, (_, n) => ['k', String(n)])
  const checks = keys.map((key) => ({ key, version: null }))
  expect(await store.commit(checks, [...keys.map((key) => put(key)), append(['s'])])).toBe(true)
  expect(callsOf(await server.ask('INFO', 'commandstats'), 'evalsha')).toBe(1)
})
