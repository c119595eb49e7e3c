import { checkHistory, checkInvariants, faultProxy, recordHistory } from '@pair/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { RedisStore } from '../src/index.ts'
import { openEval, openIoredis, openNodeRedis, type Open } from './kit/clients.ts'
import { keepBusy } from './kit/busy.ts'
import { openServer, openStore } from './kit/open.ts'
import { append, put } from './kit/writes.ts'

const drivers = { ioredis: openIoredis, 'node-redis': openNodeRedis, eval: openEval }

describe.each(Object.entries(drivers))('%s', (_, open) => {
  it.each([1, 2])(
    'SEC-05 a history of 20 workers under lost answers and resets is linearizable (seed %i)',
    async (seed) => {
      const server = await openServer()
      const proxy = await faultProxy({ port: server.port })
      onTestFinished(() => proxy.close())
      const store = await openStore(`redis://127.0.0.1:${proxy.port}`, { open, listen: false })
      await store.read(['none'])
      const { store: recorded, events } = recordHistory(store)
      proxy.storm({ seed, chance: 0.3, faults: ['cut', 'lose-answer', { delayMs: 3 }] })
      await keepBusy(recorded, 20, 90)
      expect(Math.min(proxy.struck().cut, proxy.struck()['lose-answer'])).toBeGreaterThan(3)
      expect(checkHistory(events)).toEqual({ ok: true })
      expect(checkInvariants(events)).toEqual({ ok: true })
    },
    60_000,
  )
})

/** A server behind a proxy that loses the answer to the next script, and a store that has called each of its scripts. */
async function openLossy(open: Open): Promise<{ store: RedisStore; lose(): void; lost(): number }> {
  const server = await openServer()
  const proxy = await faultProxy({ port: server.port })
  onTestFinished(() => proxy.close())
  const store = await openStore(`redis://127.0.0.1:${proxy.port}`, { open, listen: false })
  await store.commit([], [put(['a'])])
  await store.increment(['c'], 1, 1)
  return {
    store,
    lose: () => proxy.strike('lose-answer', { when: (sent) => /evalsha/i.test(String(sent)) }),
    lost: () => proxy.struck()['lose-answer'],
  }
}

it.each(Object.entries(drivers).slice(0, 2))(
  'SEC-05 [%s] what was done and not answered is rejected, and not sent again',
  async (_, open) => {
    const { store, lose, lost } = await openLossy(open)
    for (let round = 0; round < 8; round++) {
      const { version } = (await store.read(['a']))!
      lose()
      const writes = [put(['a'], String(round)), append(['s'], String(round))]
      await expect(store.commit([{ key: ['a'], version }], writes)).rejects.toMatchObject({
        code: 'store_unavailable',
      })
      lose()
      await expect(store.increment(['c'], 1, 1)).rejects.toMatchObject({
        code: 'store_unavailable',
      })
    }
    expect(lost()).toBe(16)
    expect(await store.increment(['c'], 0, 1)).toBe(9)
    const { items } = await store.tail(['s'], null, 50)
    expect(items.map(({ value }) => value)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
  },
  30_000,
)

it('SEC-05 [eval] what was done and not answered is done once though the client sends it again', async () => {
  const { store, lose, lost } = await openLossy(openEval)
  for (let round = 0; round < 8; round++) {
    const { version } = (await store.read(['a']))!
    lose()
    const writes = [put(['a'], String(round)), append(['s'], String(round))]
    expect(await store.commit([{ key: ['a'], version }], writes)).toBe(true)
    lose()
    expect(await store.increment(['c'], 1, 1)).toBe(round + 2)
  }
  expect(lost()).toBe(16)
  const { items } = await store.tail(['s'], null, 50)
  expect(items.map(({ value }) => value)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
}, 30_000)
