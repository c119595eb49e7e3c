import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { RedisStore } from '../src/index.ts'
import { openIoredis, openNodeRedis } from './kit/clients.ts'
import { becomes, listen } from './kit/ears.ts'
import { openClient, openServer, openStore } from './kit/open.ts'
import type { OwnServer } from './kit/own-server.ts'
import { newRelay, type Relay } from './kit/relay.ts'
import { append, put } from './kit/writes.ts'

const drivers = { ioredis: openIoredis, 'node-redis': openNodeRedis }

describe.each(Object.entries(drivers))('a watch on %s', (_, open) => {
  /** A store that hears over a line that can be cut, and another on the same server. */
  async function openPair(): Promise<{
    server: OwnServer
    relay: Relay
    store: RedisStore
    other: RedisStore
  }> {
    const server = await openServer()
    const relay = await newRelay(server.url)
    onTestFinished(() => relay.close())
    const store = await openStore(server.url, { open, listen: await openClient(relay.url, open) })
    return { server, relay, store, other: await openStore(server.url, { open }) }
  }

  it('SEC-19 SES-12 whose line the server ends says so within a second, is live again and tells of any key', async () => {
    const { server, store, other } = await openPair()
    const ear = listen(store, ['p'])
    await becomes(ear, true)
    for (let round = 0; round < 3; round++) {
      ear.heard.length = ear.lives.length = 0
      await server.ask('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await expect.poll(() => ear.lives, { timeout: 1_000, interval: 2 }).toContain(false)
      await becomes(ear, true)
      expect(ear.heard).toEqual(['*'])
      await other.commit([], [put(['p', String(round)])])
      await expect.poll(() => ear.heard).toContain(`p/${round}`)
      expect(ear.heard.filter((key) => key !== '*')).toEqual([`p/${round}`])
    }
  }, 30_000)

  it('SEC-19 whose line swallows everything says so within a second, and until then nothing is unheard', async () => {
    const { relay, store, other } = await openPair()
    const ear = listen(store)
    await becomes(ear, true)
    relay.swallow()
    await becomes(ear, false)
    await other.commit([], [put(['missed'])])
    ear.heard.length = 0
    await relay.mend()
    await becomes(ear, true)
    expect(ear.heard).toEqual(['*'])
    await other.commit([], [put(['after'])])
    await expect.poll(() => ear.heard).toEqual(['*', 'after'])
  }, 30_000)

  it('SEC-19 that is refused for a while tells each thing once when it is let in', async () => {
    const { relay, store, other } = await openPair()
    await relay.cut()
    const ear = listen(store)
    await store.commit([], [put(['own'])])
    expect(ear).toMatchObject({ heard: ['own'], lives: [false] })
    await setTimeout(1_500)
    await relay.mend()
    await becomes(ear, true)
    await other.commit([], [put(['once'])])
    await expect.poll(() => ear.heard).toContain('once')
    await setTimeout(300)
    expect(ear.heard).toEqual(['own', '*', 'once'])
  }, 30_000)

  it('SEC-19 whose line answers later than it may is not live, and is once it answers in time', async () => {
    const { relay, store } = await openPair()
    const ear = listen(store)
    await becomes(ear, true)
    relay.delay(350)
    await becomes(ear, false)
    ear.lives.length = 0
    await setTimeout(1_000)
    expect(ear.lives).toEqual([])
    relay.delay(0)
    await becomes(ear, true)
  }, 30_000)

  it('SEC-19 hears that it missed something where a notification got lost and the line lives', async () => {
    const { server, store, other } = await openPair()
    const ear = listen(store)
    await becomes(ear, true)
    ear.heard.length = 0
    // a commit of whose notification nobody hears
    await server.ask('HINCRBY', '{pair}:meta', 'commits', '1')
    await expect.poll(() => ear.heard, { timeout: 1_000 }).toEqual(['*'])
    // a number that is not the next one, and then that of other data
    const number = Number((await server.ask('HGET', '{pair}:meta', 'commits')).split('\r\n')[1])
    ear.heard.length = 0
    await server.ask('PUBLISH', '{pair}:changes', `${number + 99} someone ["a"]`)
    await expect.poll(() => ear.heard.length, { timeout: 1_000 }).toBeGreaterThan(1)
    expect(new Set(ear.heard)).toEqual(new Set(['*']))
    ear.heard.length = 0
    await server.ask('PUBLISH', '{pair}:changes', `${number + 2 ** 30} someone ["a"]`)
    await setTimeout(300)
    expect(ear.heard).toEqual([])
    await other.commit([], [put(['b'])])
    await expect.poll(() => ear.heard.at(-1)).toMatch(/^(b|\*)$/)
    expect(ear.lives).toEqual([false, true])
  })

  it('SEC-19 can not be told by a stranger that it is live', async () => {
    const { server, relay, store } = await openPair()
    const ear = listen(store)
    await becomes(ear, true)
    const channels = await server.ask('PUBSUB', 'CHANNELS', '{pair}:changes:*')
    const own = /\{pair\}:changes:[0-9a-f]+/.exec(channels)![0]
    for (const beat of ['9999999', 'Infinity', 'x', '', '-1'])
      await server.ask('PUBLISH', own, `0 ${beat}`)
    await server.ask('PUBLISH', '{pair}:changes', 'nonsense')
    relay.swallow()
    await becomes(ear, false)
  })

  it('SEC-19 hears all keys of commits that are large, and of larger ones that any key may have changed', async () => {
    const { store, other } = await openPair()
    const ear = listen(store, ['p'])
    await becomes(ear, true)
    const keys = Array.from({ length: 100 }, (__, n) => ['p', `${n}`.padEnd(200, 'x')])
    await other.commit([], [...keys.map((key) => put(key)), append(['p', 's'])])
    const expected = ['*', 'p/s', ...keys.map((key) => key.join('/'))]
    await expect.poll(() => new Set(ear.heard), { timeout: 1_000 }).toEqual(new Set(expected))
    ear.heard.length = 0
    const many = Array.from({ length: 400 }, (__, n) => put(['p', `${n}`.padEnd(200, 'y')]))
    await other.commit([], many)
    await expect.poll(() => ear.heard, { timeout: 1_000 }).toEqual(['*'])
  })

  it('STO-01 opens no line before somebody watches, and one however often they come and go', async () => {
    const { server, store, other } = await openPair()
    const count = async (): Promise<number> => {
      const list = await server.ask('CLIENT', 'LIST', 'TYPE', 'pubsub')
      return list.split('\n').filter((line) => line.startsWith('id=')).length
    }
    await store.commit([], [put(['a'])])
    expect(await count()).toBe(0)
    for (let round = 0; round < 5; round++) {
      const ears = [listen(store), listen(store)]
      for (const ear of ears) await becomes(ear, true)
      expect(await count()).toBe(1)
      ears[0]!.stop()
      await other.commit([], [put(['b', String(round)])])
      await expect.poll(() => ears[1]!.heard).toContain(`b/${round}`)
      ears[1]!.stop()
      await expect.poll(count).toBe(0)
    }
  })

  it('STO-01 own commits are told before they are answered, and are not told again', async () => {
    const { store } = await openPair()
    const ear = listen(store)
    await becomes(ear, true)
    await store.commit([], [put(['a']), append(['s'])])
    expect(ear.heard).toEqual(['*', 'a', 's'])
    await setTimeout(400)
    expect(ear.heard).toEqual(['*', 'a', 's'])
  })

  it('SEC-19 what an own commit may have written is told when nobody knows what came of it, and again when it is done', async () => {
    const server = await openServer()
    const store = await openStore(server.url, { open, timeoutMs: 300 })
    await store.commit([], [put(['a'])])
    const ear = listen(store)
    await becomes(ear, true)
    ear.heard.length = 0
    const busy = server.ask('DEBUG', 'SLEEP', '0.8')
    await setTimeout(20)
    await expect(store.commit([], [put(['late'])])).rejects.toMatchObject({
      code: 'store_unavailable',
    })
    expect(ear.heard.filter((key) => key !== '*')).toEqual(['late'])
    await expect
      .poll(() => ear.heard.filter((key) => key !== '*'), { timeout: 2_000 })
      .toEqual(['late', 'late'])
    await busy
  }, 20_000)

  it('STO-01 each who watches is told of the end when the store is closed; nothing is watched or asked after', async () => {
    const { store } = await openPair()
    const ears = [listen(store), listen(store, ['p'])]
    for (const ear of ears) await becomes(ear, true)
    const late = store.commit([], [put(['late'])])
    await store.close()
    expect(await late).toBe(true)
    expect(ears.map(({ lives }) => lives.at(-1))).toEqual([false, false])
    expect(listen(store).lives).toEqual([false])
    const closed = { code: 'store_unavailable', message: 'The store was closed.' }
    await expect(store.read(['a'])).rejects.toMatchObject(closed)
    await expect(store.commit([], [put(['a'])])).rejects.toMatchObject(closed)
    await expect(store.increment(['a'], 1, 1)).rejects.toMatchObject(closed)
  })
})
