import { expect, test } from 'vitest'
import type { Key, Store } from '../../src/ports/store.ts'
import { createDeviceKey } from '../kit/device.ts'
import { startServer, type Server } from '../kit/server.ts'
import { pairVisitor, type Visitor } from '../kit/visitor.ts'

const DAY = 86_400_000
const FOR_GOOD = { session: { slidingMs: null, absoluteMs: null } }

/** What is there of a pairing, however long it is kept. */
async function left({ store }: Server): Promise<string[]> {
  const entries = await store.list(['pair'], { limit: 1_000 })
  const words = ['session', 'device', 'grant', 'key', 'presence']
  return entries.flatMap(({ key }) =>
    words.includes(key[1] ?? '') ? [`${key[1]} ${key.at(-1)}`] : [],
  )
}

async function pairForGood(key: boolean): Promise<{ server: Server; visitor: Visitor }> {
  const server = startServer({ ...FOR_GOOD, keyless: 'full' })
  const visitor = await pairVisitor(server, {
    key: key ? await createDeviceKey() : null,
    ...(key ? {} : { transport: 'bearer' as const }),
  })
  await visitor.call('GET', '/session')
  return { server, visitor }
}

/** Sweeps once a day, as a server does that is never down for long. */
async function passDays(server: Server, days: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    server.clock.advance(DAY)
    await server.pair.sweep()
  }
}

const ENDINGS: [string, (server: Server, visitor: Visitor) => Promise<unknown>][] = [
  ['its session is revoked', ({ pair }, { session }) => pair.sessions.revoke(session.id)],
  ['its device is revoked', ({ pair }, { session }) => pair.devices.revoke(session.device.id)],
  ['it logs out', (_, visitor) => visitor.call('POST', '/logout', { proof: true })],
  ['everything is revoked', ({ pair }) => pair.sessions.revokeAll()],
]

test.each(ENDINGS)(
  'STO-05 a keyless device that was let in until revoked leaves nothing for ever once %s',
  async (_, end) => {
    const { server, visitor } = await pairForGood(false)
    await end(server, visitor)
    await passDays(server, 20)
    expect(await left(server)).not.toEqual([])
    await passDays(server, 80)
    expect(await left(server)).toEqual([])
  },
)

test.each(ENDINGS)(
  'STO-05 of a device with a key that was let in until revoked only what it may come back to is kept once %s',
  async (how, end) => {
    const { server, visitor } = await pairForGood(true)
    await end(server, visitor)
    await passDays(server, 100)
    const known = how === 'its device is revoked' ? [] : ['device record', 'key device']
    expect(await left(server)).toEqual(known)
    const again = await pairVisitor(server, { key: visitor.key })
    expect(again.session.device.id === visitor.session.device.id).toBe(known.length > 0)
  },
)

test('STO-05 what stands until revoked is kept, and nothing of it is written anew by sweeps', async () => {
  const { server, visitor } = await pairForGood(true)
  const commits: Key[] = []
  const watched: Store['watch'] = server.store.watch
  watched?.(['pair'], { changed: (keys) => void commits.push(...(keys ?? [])), live() {} })
  await passDays(server, 400)
  expect(commits.filter((key) => key[1] === 'session' || key[1] === 'device')).toEqual([])
  expect((await visitor.call('POST', '/renew', { proof: true })).status).toBe(200)
})

test.each(['epoch', 'grant', 'device'])(
  'STO-05 a session until revoked is not let go of because its %s can not be read here',
  async (word) => {
    const { server, visitor } = await pairForGood(true)
    const { store } = server
    await server.pair.sessions.revokeOthers(visitor.session.id)
    const entries = await store.list(['pair'], { limit: 1_000 })
    const hidden = entries.filter(({ key }) => key[1] === word)
    expect(hidden.length).toBeGreaterThan(0)
    const write = (value: (entry: { value: string }) => string): Promise<boolean> =>
      store.commit(
        [],
        hidden.map((entry) => ({ key: entry.key, value: value(entry), purgeAt: null })),
      )
    await write(() => '{"from":"a later version"}')
    await passDays(server, 100)
    await write(({ value }) => value)
    expect((await visitor.call('POST', '/renew', { proof: true })).status).toBe(200)
  },
)

test('STO-05 a mark never goes before what it marks', async () => {
  const { server, visitor } = await pairForGood(true)
  await server.pair.devices.revoke(visitor.session.device.id)
  for (let day = 0; day < 100; day++) {
    await passDays(server, 1)
    const there = await left(server)
    if (there.includes('device record')) expect(there).toContain('device revoked')
    expect((await server.pair.sessions.list()).items).toEqual([])
  }
})
