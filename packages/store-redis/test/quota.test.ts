import { describe, expect, it } from 'vitest'
import { redisStore } from '../src/index.ts'
import { COUNTER_TAGS } from '../src/names.ts'
import { counterNames } from './kit/counter-names.ts'
import { openEval, openIoredis, openNodeRedis } from './kit/clients.ts'
import { openClient, openServer, openStore } from './kit/open.ts'
import { T0 } from './kit/writes.ts'

const drivers = { ioredis: openIoredis, 'node-redis': openNodeRedis, eval: openEval }
const NO_ROOM = 2 ** 40

/** Counters that share what may be born in an hour. */
function ofOneTag(count: number, counter: (text: string) => string[]): string[] {
  const [, tag] = counter('c0')
  const names: string[] = []
  for (let n = 0; names.length < count; n++) if (counter(`c${n}`)[1] === tag) names.push(`c${n}`)
  return names
}

describe.each(Object.entries(drivers))('%s', (_, open) => {
  it('LIM-05 counters that begin beyond their share of an hour are no counters: each of their totals is above any limit and comes once', async () => {
    const server = await openServer()
    const said: string[] = []
    const store = await openStore(server.url, {
      open,
      maxCounters: 3 * COUNTER_TAGS,
      logger: { warn: (message) => void said.push(message) },
    })
    await store.read(['a'])
    const counter = await counterNames(server)
    const [a, b, c, d, e] = ofOneTag(5, counter)
    for (const name of [a, b, c]) expect(await store.increment([name!], 1, T0)).toBe(1)
    expect(said).toEqual([])
    const totals: number[] = []
    for (let round = 0; round < 4; round++)
      for (const name of [d, e]) totals.push(await store.increment([name!], round + 1, T0))
    expect(Math.min(...totals)).toBeGreaterThan(NO_ROOM)
    expect(new Set(totals).size).toBe(8)
    expect(await server.ask('EXISTS', counter(d!)[0]!)).toBe(':0\r\n')
    expect(await store.increment([d!], 0, T0)).toBe(0)
    expect(said).toEqual([expect.stringMatching(/refused as over its limit: maxCounters is 3072/)])
    // those that there are go on, and so do other tags
    for (const name of [a, b, c]) expect(await store.increment([name!], 2, T0)).toBe(3)
    expect(await store.increment(['elsewhere'], 1, T0)).toBe(1)
  })
})

it('LIM-05 what began in another hour does not count, and what counts it is forgotten', async () => {
  const server = await openServer()
  const store = await openStore(server.url, { maxCounters: COUNTER_TAGS, logger: { warn() {} } })
  await store.read(['a'])
  const counter = await counterNames(server)
  const [a, b, c] = ofOneTag(3, counter)
  const [, born] = counter(a!)
  await store.increment([a!], 1, T0)
  const first = await store.increment([b!], 1, T0)
  expect(first).toBeGreaterThan(NO_ROOM)
  await server.ask('DEL', born!)
  const before = String(Math.floor((await store.time!()) / 3_600_000) - 1)
  await server.ask('HSET', born!, before, '1000')
  expect(await store.increment([c!], 1, T0)).toBe(1)
  expect(await server.ask('HEXISTS', born!, before)).toBe(':0\r\n')
  expect(Number((await server.ask('PTTL', born!)).slice(1))).toBeGreaterThan(3_600_000)
  // no total comes twice, though what counted those before is forgotten
  expect(await store.increment([b!], 1, T0)).toBeGreaterThan(first)
})

it('LIM-05 counters of eight thousand strangers do not stay', async () => {
  const server = await openServer()
  const store = await openStore(server.url, { maxCounters: COUNTER_TAGS, logger: { warn() {} } })
  for (let n = 0; n < 8_000; n += 1_000)
    await Promise.all(
      Array.from({ length: 1_000 }, (_, m) => store.increment(['limit', `${n + m}`], 1, T0)),
    )
  const count = Number((await server.ask('DBSIZE')).slice(1))
  // each tag has one, and two keys of its own
  expect(count).toBeLessThanOrEqual(3 * COUNTER_TAGS)
})

it('LIM-05 which counters share what may be born differs from one database to the next: nobody can aim at one', async () => {
  const tags = new Set<string>()
  for (let n = 0; n < 4; n++) {
    const server = await openServer()
    await (await openStore(server.url)).read(['a'])
    const counter = await counterNames(server)
    tags.add(ofOneTag(3, counter).join())
    // and it is the same for all processes of one
    await (await openStore(server.url)).increment(['c'], 1, T0)
    expect(await server.ask('EXISTS', counter('c')[0]!)).toBe(':1\r\n')
  }
  expect(tags.size).toBe(4)
})

it('LIM-05 maxCounters is a whole number', async () => {
  const client = await openClient((await openServer()).url)
  for (const maxCounters of [0, -1, 1.5, Number.NaN])
    expect(() => redisStore(client, { maxCounters })).toThrow(/`maxCounters` is a whole number/)
})
