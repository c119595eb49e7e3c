import { describe, expect, test } from 'vitest'
import type { HttpParts } from '../../src/http/route.ts'
import type { RequestFacts } from '../../src/http/request-facts.ts'
import { guardSocket } from '../../src/http/socket.ts'
import type { SessionNeed } from '../../src/pair.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createDeviceKey } from '../kit/device.ts'
import {
  LIVE,
  openLine,
  pairWith,
  presented,
  SCREENS,
  sealedTicket,
  startScreens,
  tokenOf,
  upgrade,
  viewOf,
  WALL,
} from '../kit/screens.ts'
import type { Server } from '../kit/server.ts'
import { helloFrame, type Visitor } from '../kit/visitor.ts'
import { openWorkshop, settled, type Workshop } from '../kit/workshop.ts'

const MINUTE = 60_000
const EXPIRED = [[4004, 'session expired']]
const pointer = JSON.stringify({ type: 'pointer' })

interface Held {
  closes: [number, string][]
  receive(frame: string): Promise<boolean>
}

/** The socket of that upgrade, held by an instance whose timers are moved by hand. */
async function hold(
  shop: Workshop,
  visitor: Visitor,
  server: Server,
  brought: { headers?: Record<string, string>; ticket?: string },
  need: SessionNeed<never> = viewOf(WALL),
): Promise<Held> {
  const { headers = {}, ticket } = brought
  const query = ticket === undefined ? '' : `?ticket=${ticket}`
  const guard = await upgrade(server, headers, need, query)
  if (typeof guard === 'string') throw new Error(guard)
  const thumbprint = visitor.key?.thumbprint
  const hello = ticket === undefined || thumbprint === undefined ? null : { ticket, thumbprint }
  const parts = { ...shop, refused() {} } as unknown as HttpParts
  const facts = { externalUrl: LIVE } as RequestFacts
  const closes: [number, string][] = []
  const attached = guardSocket(parts, facts, guard.auth, need, hello).attach(
    { send() {}, close: (code, reason) => void closes.push([code, reason]) },
    () => undefined,
  )
  if (hello !== null) await attached.receive(await helloFrame(server, visitor.key!, ticket!))
  await settled()
  return { closes, receive: attached.receive }
}

async function worlds(): Promise<{ server: Server; visitor: Visitor; shop: Workshop }[]> {
  const made = async (wish: Parameters<typeof pairWith>[2]) => {
    const server = startScreens({ keyless: 'full' })
    const visitor = await pairWith(server, ['screen:point'], wish)
    return { server, visitor, shop: openWorkshop(server, { resources: SCREENS }) }
  }
  return [
    await made({ transport: 'bearer' }),
    await made({ key: await createDeviceKey(), transport: 'dpop' }),
    await made({ key: await createDeviceKey() }),
  ]
}

describe('RES-04', () => {
  test('RES-04 a socket by a resource token ends with it, with 4004, also that of a key that proved itself', async () => {
    for (const { server, visitor, shop } of await worlds()) {
      const token = await tokenOf(visitor, WALL, 'point')
      server.clock.advance(2 * MINUTE)
      const headers = await presented(server, visitor, token)
      const socket = await hold(shop, visitor, server, { headers })
      await shop.timers.pass(3 * MINUTE - 1)
      expect([socket.closes, await socket.receive(pointer)]).toEqual([[], true])
      await shop.timers.pass(1)
      expect([socket.closes, await socket.receive(pointer)]).toEqual([EXPIRED, false])
      expect(shop.timers.waiting()).toBe(0)
    }
  })

  test('RES-04 a socket by the sealed ticket of a key lives as long as its session', async () => {
    const server = startScreens()
    const key = await createDeviceKey()
    const session = { slidingMs: 60 * MINUTE }
    const visitor = await pairWith(server, ['screen:point'], { key, session })
    const shop = openWorkshop(server, { resources: SCREENS })
    const ticket = await sealedTicket(visitor, WALL, 'point')
    const socket = await hold(shop, visitor, server, { ticket })
    await shop.timers.pass(60 * MINUTE - 1)
    expect([socket.closes, await socket.receive(pointer)]).toEqual([[], true])
    await shop.timers.pass(1)
    expect([socket.closes, await socket.receive(pointer)]).toEqual([EXPIRED, false])
  })

  test('RES-04 a socket by the sealed ticket of a bearer lives no longer than that bearer', async () => {
    const [made] = await worlds()
    const { server, visitor, shop } = made!
    server.clock.advance(5 * MINUTE)
    const ticket = await sealedTicket(visitor, WALL, 'point')
    const socket = await hold(shop, visitor, server, { ticket })
    await shop.timers.pass(10 * MINUTE - 1)
    expect(socket.closes).toEqual([])
    await shop.timers.pass(1)
    expect(socket.closes).toEqual(EXPIRED)
  })

  test('RES-04 where changes can not be heard it is asked again, and a revoke is found', async () => {
    const { watch: _, ...store } = memoryStore()
    const server = startScreens({ store })
    const visitor = await pairWith(server, ['screen:point'], { transport: 'bearer' })
    const shop = openWorkshop(server, { resources: SCREENS })
    const headers = await presented(server, visitor, await tokenOf(visitor, WALL, 'point'))
    const socket = await hold(shop, visitor, server, { headers })
    await server.pair.sessions.revoke(visitor.session.id)
    await settled()
    expect(socket.closes).toEqual([])
    await shop.timers.pass(1_000)
    expect(socket.closes).toEqual([[4003, 'session ended']])
  })
})

describe('SES-12', () => {
  test('SES-12 a socket of a resource is closed with 4003 on a revoke within a second, here and on another instance', async () => {
    for (const watched of [true, false]) {
      const { watch, ...rest } = memoryStore()
      const store = watched ? { ...rest, watch: watch! } : rest
      const [here, there] = [startScreens({ store }), startScreens({ store })]
      const visitor = await pairWith(here, ['screen:point'], { transport: 'bearer' })
      const headers = await presented(here, visitor, await tokenOf(visitor, WALL, 'point'))
      const ticket = await sealedTicket(visitor, WALL, 'point')
      const lines = [
        await openLine(here, headers, viewOf(WALL)),
        await openLine(there, headers, viewOf(WALL)),
        await openLine(there, {}, viewOf(WALL), `?ticket=${ticket}`),
      ]
      await here.pair.sessions.revoke(visitor.session.id)
      const ended = [[4003, 'session ended']]
      await expect
        .poll(() => lines.map(({ closes }) => closes), { timeout: 1_000, interval: 20 })
        .toEqual([ended, ended, ended])
      expect(await Promise.all(lines.map((line) => line.receive(pointer)))).toEqual([
        false,
        false,
        false,
      ])
      await Promise.all([here.pair.close(), there.pair.close()])
    }
  })
})

describe('WS-05', () => {
  test('WS-05 a mode that is taken away is gone from the open socket: it goes on with what is left, or ends with 4003', async () => {
    const server = startScreens()
    const scopes = ['screen:view', 'screen:point', 'notes:read']
    const visitor = await pairWith(server, scopes, { transport: 'bearer' })
    const open = async (need: string): ReturnType<typeof openLine> =>
      openLine(
        server,
        await presented(server, visitor, await tokenOf(visitor, WALL, 'point')),
        viewOf(WALL, need),
      )
    const [watching, pointing] = [await open('view'), await open('point')]
    expect(await watching.receive(pointer)).toBe(true)
    await server.pair.sessions.narrow(visitor.session.id, ['screen:view', 'notes:read'] as never)
    await expect
      .poll(() => [watching.closes, pointing.closes], { interval: 10 })
      .toEqual([[], [[4003, 'no longer allowed']]])
    await expect
      .poll(() => watching.guard.auth.resource, { interval: 10 })
      .toEqual({
        name: WALL,
        mode: 'view',
      })
    expect(await watching.receive(pointer)).toBe(false)
    expect(watching.closes).toEqual([])
    await server.pair.sessions.narrow(visitor.session.id, ['notes:read'] as never)
    await expect
      .poll(() => watching.closes, { interval: 10 })
      .toEqual([[4003, 'no longer allowed']])
    await server.pair.close()
  })

  test('WS-05 a scope that has nothing to do with the resource changes nothing at its socket', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:point', 'notes:read'], { transport: 'bearer' })
    const headers = await presented(server, visitor, await tokenOf(visitor, WALL, 'point'))
    const line = await openLine(server, headers, viewOf(WALL))
    await server.pair.sessions.narrow(visitor.session.id, ['screen:point'] as never)
    await expect
      .poll(() => line.guard.auth.session.scopes, { interval: 10 })
      .toEqual(['screen:point'])
    expect([line.closes, await line.receive(pointer)]).toEqual([[], true])
    await server.pair.close()
  })
})
