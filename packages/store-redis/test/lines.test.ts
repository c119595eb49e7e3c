import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLines } from '../src/lines.ts'
import type { Driver, Line } from '../src/driver.ts'
import { redisStore } from '../src/index.ts'
import {
  openIoredis,
  openIoredisCluster,
  openNodeRedis,
  openNodeRedisCluster,
} from './kit/clients.ts'
import { newCluster } from './kit/cluster.ts'
import { openServer, openStore } from './kit/open.ts'
import { newServer, type OwnServer } from './kit/own-server.ts'
import { newRelay } from './kit/relay.ts'
import { put, T0 } from './kit/writes.ts'

const drivers = { ioredis: openIoredis, 'node-redis': openNodeRedis }

/** How many clients the server has, beside who asks. */
async function clientsOf(server: OwnServer): Promise<number> {
  return (await server.ask('CLIENT', 'LIST', 'TYPE', 'normal')).split('id=').length - 2
}

describe.each(Object.entries(drivers))('a line of the store on %s', (_, open) => {
  it('STO-02 does not send later what was given up while there was no way to the server', async () => {
    const server = await openServer()
    const relay = await newRelay(server.url)
    onTestFinished(() => relay.close())
    const store = await openStore(relay.url, { open, listen: false, timeoutMs: 400 })
    await store.commit([], [put(['a'])])
    await store.increment(['c'], 1, T0)
    await relay.cut()
    const rejected = {
      code: 'store_unavailable',
      reason: expect.stringMatching(/over 400 ms, and no line.*ECONNREFUSED/) as string,
    }
    // the one that there was is gone
    const why = ({ reason }: { reason: string }): string => reason
    await expect.poll(() => store.read(['a']).then(() => '', why)).toMatch(/no line/)
    const late = [store.commit([], [put(['late'])]), store.increment(['c'], 1, T0)]
    for (const call of await Promise.allSettled(late))
      expect(call).toMatchObject({ reason: rejected })
    await relay.mend()
    await expect.poll(() => store.commit([], [put(['b'])]).catch(() => false)).toBe(true)
    await setTimeout(300)
    expect((await store.list([], { limit: 9 })).map(({ key }) => key[0])).toEqual(['a', 'b'])
    expect(await store.increment(['c'], 0, T0)).toBe(1)
  }, 20_000)

  it('STO-02 that swallows everything is given up with the first call, and another one is opened', async () => {
    const server = await openServer()
    const relay = await newRelay(server.url)
    onTestFinished(() => relay.close())
    const store = await openStore(relay.url, { open, listen: false, timeoutMs: 300 })
    await store.commit([], [put(['a'])])
    relay.swallow()
    await expect(store.read(['a'])).rejects.toMatchObject({ reason: 'the server took over 300 ms' })
    await relay.mend()
    // the old one stays silent
    expect(await store.read(['a'])).toMatchObject({ value: 'x' })
    await expect.poll(() => clientsOf(server)).toBeLessThanOrEqual(3)
  })

  it('STO-02 waits for a server that is away for a moment', async () => {
    const server = await newServer({ appendonly: 'yes' })
    onTestFinished(() => server.remove())
    await server.start()
    const store = await openStore(server.url, { open, listen: false, timeoutMs: 10_000 })
    await store.commit([], [put(['a'])])
    await server.stop()
    await server.stop()
    const reading = store.read(['a'])
    await setTimeout(200)
    await server.start()
    expect(await reading).toMatchObject({ value: 'x' })
  }, 20_000)

  it('STO-01 is opened by the first call and ends with the store, or with the client', async () => {
    const server = await openServer()
    const given = await open(server.url)
    onTestFinished(() => given.end())
    await expect.poll(() => clientsOf(server)).toBe(1)
    const [one, other] = [0, 1].map(() =>
      redisStore(given.client, { unsafe: 'allow', listen: false }),
    )
    expect(await clientsOf(server)).toBe(1)
    await Promise.all([one!.read(['a']), one!.read(['b']), other!.read(['a'])])
    expect(await clientsOf(server)).toBe(3)
    await one!.close()
    await expect.poll(() => clientsOf(server)).toBe(2)
    given.end()
    await expect.poll(() => clientsOf(server)).toBe(0)
    await expect(other!.read(['a'])).rejects.toMatchObject({
      code: 'store_unavailable',
      hint: expect.stringMatching(/after store\.close\(\)/),
    })
  })

  it('STO-01 is not held up by what others do with the client', async () => {
    const server = await openServer()
    const given = await open(server.url)
    onTestFinished(() => given.end())
    const store = redisStore(given.client, { unsafe: 'allow', listen: false, timeoutMs: 2_000 })
    onTestFinished(() => store.close())
    const command = ['BLPOP', 'nothing', '0'] as const
    const client = given.client as { call?: Function; sendCommand?: Function }
    const blocked = client.call ? client.call(...command) : client.sendCommand!(command)
    blocked.catch(() => {})
    expect(await store.commit([], [put(['a'])])).toBe(true)
  })
})

describe.each(Object.entries({ ioredis: openIoredisCluster, 'node-redis': openNodeRedisCluster }))(
  'a line of the store on %s, a cluster',
  (_, open) => {
    it('STO-02 sends nothing twice when a node ends its lines, nor later what was given up', async () => {
      const cluster = await newCluster()
      onTestFinished(() => cluster.remove())
      const store = await openStore(cluster.url, { open, listen: false, timeoutMs: 600 })
      let done = 0
      let unknown = 0
      const worker = async (which: number): Promise<void> => {
        for (let n = 0; n < 60; n++)
          await store.increment(['c', String(which)], 1, T0).then(
            () => done++,
            () => unknown++,
          )
      }
      const workers = Promise.all(Array.from({ length: 10 }, (__, which) => worker(which)))
      for (let round = 0; round < 10; round++) {
        for (const node of cluster.nodes) await node.ask('CLIENT', 'KILL', 'TYPE', 'normal')
        await setTimeout(20)
      }
      await workers
      const totals = Array.from({ length: 10 }, (__, which) =>
        store.increment(['c', String(which)], 0, T0),
      )
      const counted = (await Promise.all(totals)).reduce((sum, total) => sum + total)
      expect(counted).toBeGreaterThanOrEqual(done)
      expect(counted).toBeLessThanOrEqual(done + unknown)

      await store.commit([], [put(['a'])])
      // others answer while this one, to which a new line has to be opened, does not
      const records = cluster.nodeOf(329)
      await records.ask('CLIENT', 'KILL', 'TYPE', 'normal')
      records.freeze()
      let isOver = false
      const busy = (async () => {
        for (let n = 0; !isOver; n++) {
          await store.increment(['c', String(n % 40)], 1, T0).catch(() => {})
          await setTimeout(5)
        }
      })()
      for (const key of ['late', 'later'])
        await expect(store.commit([], [put([key])])).rejects.toMatchObject({
          code: 'store_unavailable',
        })
      records.thaw()
      const isBack = (): Promise<boolean> => store.read(['a']).then(Boolean, () => false)
      await expect.poll(isBack, { timeout: 10_000 }).toBe(true)
      isOver = true
      await busy
      await setTimeout(500)
      expect(await store.read(['later'])).toBeNull()
    }, 60_000)
  },
)

it('STO-02 more than ten thousand calls at once are refused, and nothing of those is done', async () => {
  const answers: (() => void)[] = []
  const line = { close() {} } as Line
  const driver = { connect: async () => line, isCluster: false } as unknown as Driver
  const lines = createLines(driver, 60_000)
  const call = (): Promise<unknown> =>
    lines.send(() => new Promise<void>((resolve) => void answers.push(resolve)))
  const calls = Array.from({ length: 10_000 }, call)
  await setTimeout(0)
  await expect(call()).rejects.toMatchObject({
    code: 'store_busy',
    reason: expect.stringMatching(/10000 calls.*not sent/),
  })
  expect(answers).toHaveLength(10_000)
  answers[0]!()
  await calls[0]
  const next = call()
  answers.at(-1)!()
  await next
  const ends = Promise.allSettled(calls)
  lines.close()
  expect((await ends).filter(({ status }) => status === 'rejected')).toHaveLength(9_999)
})

it('STO-02 a line that is left is closed when all on it is answered', async () => {
  const told: string[] = []
  const answers: (() => void)[] = []
  let opened = 0
  const driver = {
    isCluster: false,
    connect: async () => {
      const name = `line ${++opened}`
      return { name, close: () => void told.push(`${name} closed`) } as unknown as Line
    },
  } as unknown as Driver
  const lines = createLines(driver, 60_000)
  const call = (): Promise<string> =>
    lines.send(
      (line) =>
        new Promise((resolve) => {
          answers.push(() => resolve((line as unknown as { name: string }).name))
        }),
    )
  const first = call()
  await setTimeout(0)
  // it is new: another one would lead nowhere else
  lines.leave()
  await setTimeout(1_000)
  lines.leave()
  const second = call()
  await setTimeout(0)
  answers[1]!()
  expect(await second).toBe('line 2')
  expect(told).toEqual([])
  answers[0]!()
  expect(await first).toBe('line 1')
  expect(told).toEqual(['line 1 closed'])
  await setTimeout(1_000)
  lines.leave()
  expect(told).toEqual(['line 1 closed', 'line 2 closed'])
})

describe('lines', () => {
  /** Each call is answered after so many milliseconds; `null`: never. */
  const lineOf = (delays: (number | null)[]): Line => ({
    async run() {
      const ms = delays.shift() ?? null
      if (ms === null) return new Promise(() => {})
      await setTimeout(ms)
      return 'answer'
    },
    runAndWait: () => Promise.reject(new Error('not asked')),
    askPrimaries: () => Promise.reject(new Error('not asked')),
    close: () => {},
  })
  const linesOf = (isCluster: boolean, timeoutMs: number, delays: (number | null)[]) =>
    createLines(
      { connect: async () => lineOf(delays), isCluster, hasLines: true, listen: null },
      timeoutMs,
    )
  const run = (line: Line): Promise<unknown> =>
    line.run({ by: 'EVAL', body: '', keys: [], args: [] })

  it('STO-02 count what was given up as long as the server may still have it: ten thousand are the most', async () => {
    const lines = linesOf(false, 200, [100])
    const calls = Array.from({ length: 10_000 }, () => lines.send(run))
    const answers = await Promise.allSettled(calls)
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    // one went: there is room for one
    const next = lines.send(run).catch(() => {})
    await expect(lines.send(run)).rejects.toMatchObject({ code: 'store_busy', undone: true })
    await next
    lines.close()
  })

  it('STO-07 a server of a cluster that does not answer rejects no call to another', async () => {
    const lines = linesOf(true, 200, [null, 150])
    const hung = lines.send(run)
    await setTimeout(100)
    const other = lines.send(run)
    await expect(hung).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(await other).toBe('answer')
    lines.close()
  })
})
