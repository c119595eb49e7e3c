import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import type { Store, StoreWatcher } from '../../src/ports/store.ts'
import type { SessionView } from '../../src/session/session.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { NOON } from '../kit/clock.ts'
import { createDeviceKey } from '../kit/device.ts'
import { startServer, type Server } from '../kit/server.ts'
import { pairVisitor, type PairWish, type Visitor } from '../kit/visitor.ts'
import { openWorkshop, settled, type Workshop } from '../kit/workshop.ts'

interface Held {
  server: Server
  visitor: Visitor
  shop: Workshop
  /** How often this instance asked the store. */
  told: string[]
  release: () => void
}

/** A connection that an instance holds; another instance, `server`, decides. */
async function hold(store: Store, wish: PairWish = {}): Promise<Held> {
  const clock = fixedClock(NOON)
  const server = startServer({ clock, store })
  const visitor = await pairVisitor(server, { key: await createDeviceKey(), ...wish })
  const shop = openWorkshop(server)
  const told: string[] = []
  const release = shop.live.hold(await viewOf(shop, visitor), {
    changed: ({ scopes }) => void told.push(`changed ${scopes.join(' ')}`),
    ended: (reason) => void told.push(reason),
  })
  await settled()
  return { server, visitor, shop, told, release }
}

async function viewOf(shop: Workshop, visitor: Visitor): Promise<SessionView> {
  const found = await shop.verifier.standing(visitor.session.id as `ses_${string}`)
  if (!found.ok) throw new Error(found.detail)
  return found.session
}

/** A store without `watch`, as a database without notifications. */
const deaf = (): Store => {
  const { watch: _, ...store } = memoryStore()
  return store
}

/** A store whose watch can be cut: it says so, or falls silent. */
function cuttable(): { store: Store; cut(): void; mend(): void } {
  const real = memoryStore()
  const watchers = new Set<StoreWatcher>()
  let heard = true
  return {
    store: {
      ...real,
      watch(prefix, on) {
        watchers.add(on)
        return real.watch!(prefix, { live: on.live, changed: (keys) => heard && on.changed(keys) })
      },
    },
    cut() {
      heard = false
      for (const on of watchers) on.live(false)
    },
    mend() {
      heard = true
      for (const on of watchers) on.live(true)
    },
  }
}

const ENDINGS: [string, (held: Held) => Promise<unknown>][] = [
  ['session', ({ server, visitor }) => server.pair.sessions.revoke(visitor.session.id)],
  ['device', ({ server, visitor }) => server.pair.devices.revoke(visitor.session.device.id)],
  ['epoch', ({ server }) => server.pair.sessions.revokeAll()],
  ['logout', ({ visitor }) => visitor.call('POST', '/logout')],
  ['re-pairing of its key', ({ server, visitor }) => pairVisitor(server, { key: visitor.key })],
]

describe('SES-12', () => {
  test.each(ENDINGS)(
    'SES-12 by watch the end of a %s is heard by another instance without any timer',
    async (_, end) => {
      const held = await hold(memoryStore())
      await end(held)
      await settled()
      expect(held.told).toEqual(['revoked'])
    },
  )

  test.each(ENDINGS)(
    'SES-12 without watch the end of a %s is found by another instance within a second',
    async (_, end) => {
      const held = await hold(deaf())
      await end(held)
      await settled()
      expect(held.told).toEqual([])
      await held.shop.timers.pass(1_000)
      expect(held.told).toEqual(['revoked'])
    },
  )

  test('SES-12 the instance that decides hears itself at once, also where the store tells nobody', async () => {
    const { shop, visitor, told } = await hold(deaf())
    await shop.sessions.revoke(visitor.session.id)
    await settled()
    expect(told).toEqual(['revoked'])
  })

  test('SES-12 a watch that goes dead is noticed: what it hears no more is found within a second', async () => {
    const { store, cut, mend } = cuttable()
    const held = await hold(store)
    await held.shop.timers.pass(10_000)
    cut()
    await held.shop.timers.pass(500)
    await held.server.pair.sessions.revoke(held.visitor.session.id)
    await held.shop.timers.pass(1_000)
    expect(held.told).toEqual(['revoked'])
    mend()
  })

  test('SES-12 a watch that comes back asks for all that was missed', async () => {
    const { store, cut, mend } = cuttable()
    const held = await hold(store)
    cut()
    await held.server.pair.sessions.revoke(held.visitor.session.id)
    mend()
    await settled()
    expect(held.told).toEqual(['revoked'])
  })

  test('SES-12 an expiry ends the connection at its instant and not before, and a renewal moves it', async () => {
    const held = await hold(memoryStore(), { code: { session: { slidingMs: 600_000 } } })
    await held.shop.timers.pass(400_000)
    expect((await held.visitor.call('POST', '/renew', { body: {}, proof: true })).status).toBe(200)
    await held.shop.timers.pass(599_999)
    expect(held.told.filter((line) => !line.startsWith('changed'))).toEqual([])
    await held.shop.timers.pass(1)
    expect(held.told.at(-1)).toBe('expired')
  })

  test('SES-12 a change between the verification and the hold is not missed', async () => {
    const clock = fixedClock(NOON)
    const server = startServer({ clock, store: deaf() })
    const visitor = await pairVisitor(server)
    const shop = openWorkshop(server)
    const view = await viewOf(shop, visitor)
    await server.pair.sessions.revoke(visitor.session.id)
    const told: string[] = []
    shop.live.hold(view, { changed: () => {}, ended: (reason) => void told.push(reason) })
    await settled()
    expect(told).toEqual(['revoked'])
  })

  test('SES-12 a store that can not be asked for a second ends the connection as unconfirmed, a shorter fault does not', async () => {
    const real = memoryStore()
    let down = false
    const store: Store = {
      ...real,
      read: (key) => (down ? Promise.reject(new Error('gone')) : real.read(key)),
    }
    const held = await hold(store)
    down = true
    await held.shop.timers.pass(60_000)
    expect(held.told).toEqual([])
    down = false
    await held.shop.timers.pass(500)
    down = true
    await held.shop.timers.pass(60_000)
    expect(held.told).toEqual([])
    await held.shop.timers.pass(2_000)
    expect(held.told).toEqual(['unconfirmed'])
  })

  test('SES-12 a store that swallows the question ends the connection as unconfirmed within 1.5 s', async () => {
    const real = memoryStore()
    let silent = false
    const answer = <T>(call: () => Promise<T>): Promise<T> =>
      silent ? new Promise(() => {}) : call()
    const held = await hold({
      ...real,
      read: (key) => answer(() => real.read(key)),
      tail: (...asked) => answer(() => real.tail(...asked)),
    })
    silent = true
    // half a second until the silence is noticed, and one in which nobody answers
    await held.shop.timers.pass(1_299)
    expect(held.told).toEqual([])
    await held.shop.timers.pass(201)
    expect(held.told).toEqual(['unconfirmed'])
  })

  test('SES-12 a connection that throws at a change stays held', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server)
    const shop = openWorkshop(server)
    const ended: string[] = []
    const changed = (): never => {
      throw new Error('socket is busy')
    }
    shop.live.hold(await viewOf(shop, visitor), {
      changed,
      ended: (reason) => void ended.push(reason),
    })
    await settled()
    await server.pair.sessions.narrow(visitor.session.id, ['notes:read'])
    await settled()
    await shop.timers.pass(120_000)
    expect(ended).toEqual([])
    await server.pair.sessions.revoke(visitor.session.id)
    await settled()
    expect(ended).toEqual(['revoked'])
  })

  test('SES-12 one end is told once, however many changes come at once, and nothing after a release', async () => {
    const held = await hold(memoryStore())
    await Promise.all([
      held.server.pair.sessions.revoke(held.visitor.session.id),
      held.server.pair.devices.revoke(held.visitor.session.device.id),
      held.server.pair.sessions.revokeAll(),
    ])
    await settled()
    await held.shop.timers.pass(120_000)
    expect(held.told).toEqual(['revoked'])
    expect(held.shop.timers.waiting()).toBe(0)
    const other = await hold(memoryStore())
    other.release()
    await other.server.pair.sessions.revokeAll()
    await settled()
    expect(other.told).toEqual([])
    expect(other.shop.timers.waiting()).toBe(0)
  })

  test('SES-12 a connection released from within its own change leaves no timer behind', async () => {
    const clock = fixedClock(NOON)
    const server = startServer({ clock })
    const visitor = await pairVisitor(server)
    const shop = openWorkshop(server)
    let release = (): void => {}
    let changes = 0
    release = shop.live.hold(await viewOf(shop, visitor), {
      changed: () => (changes++, release()),
      ended: () => {},
    })
    await settled()
    await server.pair.sessions.narrow(visitor.session.id, ['notes:read'])
    await settled()
    expect([changes, shop.timers.waiting()]).toEqual([1, 0])
  })

  test('SES-12 one connection that throws at its end keeps no other open', async () => {
    const server = startServer()
    const [one, two] = [await pairVisitor(server), await pairVisitor(server)]
    const shop = openWorkshop(server)
    const ended: string[] = []
    for (const visitor of [one, two]) {
      shop.live.hold(await viewOf(shop, visitor), {
        changed: () => {},
        ended: (reason) => {
          ended.push(reason)
          throw new Error('socket is gone')
        },
      })
    }
    await settled()
    expect(() => shop.live.close()).not.toThrow()
    expect(ended).toEqual(['closed', 'closed'])
  })

  test('SES-10 a narrowing is told to the connection at once', async () => {
    const held = await hold(memoryStore())
    await held.server.pair.sessions.narrow(held.visitor.session.id, ['notes:read'])
    await settled()
    expect(held.told).toEqual(['changed notes:read'])
  })

  test('SES-06 an open connection keeps its session online', async () => {
    const held = await hold(memoryStore())
    await held.shop.timers.pass(600_000)
    const [item] = (await held.server.pair.sessions.list()).items
    expect(item!.presence.online).toBe(true)
    held.release()
    await held.shop.timers.pass(90_000)
    expect((await held.server.pair.sessions.list()).items[0]!.presence.online).toBe(false)
  })
})
