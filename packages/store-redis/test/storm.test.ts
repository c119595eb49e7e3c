import { checkHistory, checkInvariants, faultProxy, recordHistory } from '@pair/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openEval, openIoredis, openNodeRedis } from './kit/clients.ts'
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

it('SEC-05 [ioredis] what was done and not answered is done once though the client sends it again', async () => {
  const server = await openServer()
  const proxy = await faultProxy({ port: server.port })
  onTestFinished(() => proxy.close())
  const store = await openStore(`redis://127.0.0.1:${proxy.port}`, { listen: false })
  await store.commit([], [put(['a'])])
  for (let round = 0; round < 8; round++) {
    const lose = (): void => {
      proxy.strike('lose-answer', { when: (request) => request.includes('EVALSHA') })
    }
    const version = (await store.read(['a']))!.version
    lose()
    const writes = [put(['a'], String(round)), append(['s'], String(round))]
    expect(await store.commit([{ key: ['a'], version }], writes)).toBe(true)
    lose()
    expect(await store.increment(['c'], 1, 1)).toBe(round + 1)
  }
  expect(proxy.struck()['lose-answer']).toBe(16)
  const { items } = await store.tail(['s'], null, 50)
  expect(items.map(({ value }) => value)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
}, 30_000)
