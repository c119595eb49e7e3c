import { expect, test } from 'vitest'
import type { HttpParts } from '../../src/http/route.ts'
import type { RequestFacts } from '../../src/http/request-facts.ts'
import { guardSocket } from '../../src/http/socket.ts'
import type { SocketGuard } from '../../src/socket-guard.ts'
import type { Store } from '../../src/ports/store.ts'
import type { SessionView } from '../../src/session/session.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createDeviceKey } from '../kit/device.ts'
import { readEvents } from '../kit/events.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { helloFrame, pairVisitor, type Visitor } from '../kit/visitor.ts'
import { openWorkshop, settled, type Workshop } from '../kit/workshop.ts'

interface Counted {
  store: Store
  watches(): number
  /** Watches that were not ended. */
  watching(): number
  reads(): number
}

/** A store that counts who asks it and who watches it. */
function counted(): Counted {
  const real = memoryStore()
  let [watches, watching, reads] = [0, 0, 0]
  return {
    store: {
      ...real,
      read: (key) => (reads++, real.read(key)),
      watch(prefix, on) {
        watches++
        watching++
        const stop = real.watch!(prefix, on)
        return () => (watching--, stop())
      },
    },
    watches: () => watches,
    watching: () => watching,
    reads: () => reads,
  }
}

async function viewOf(shop: Workshop, visitor: Visitor): Promise<SessionView> {
  const found = await shop.verifier.standing(visitor.session.id as `ses_${string}`)
  if (!found.ok) throw new Error(found.detail)
  return found.session
}

/** An upgrade of a device with a key that was let through and not attached yet. */
async function upgraded(
  server: Server,
): Promise<{ visitor: Visitor; ticket: string; guard: SocketGuard }> {
  const visitor = await pairVisitor(server, { key: await createDeviceKey() })
  const ticket = await visitor.ticket()
  const request = new Request(`${ORIGIN}/live?ticket=${ticket}`)
  const guard = await server.pair.openSocket(request, undefined, {})
  if (guard instanceof Response) throw new Error(await guard.text())
  return { visitor, ticket, guard }
}

test('SES-12 a connection held after the close is ended at once as closed, once, without watch or timer', async () => {
  const { store, watches, reads } = counted()
  const server = startServer({ store })
  const visitor = await pairVisitor(server)
  const shop = openWorkshop(server)
  const view = await viewOf(shop, visitor)
  shop.live.close()
  await settled()
  const before = [watches(), reads()]
  const told: string[] = []
  shop.live.hold(view, {
    changed: () => void told.push('changed'),
    ended: (reason) => void told.push(reason),
  })
  await settled()
  expect(told).toEqual(['closed'])
  expect([watches(), reads()]).toEqual(before)
  expect(shop.timers.waiting()).toBe(0)
  await server.pair.sessions.narrow(visitor.session.id, ['notes:read'])
  await server.pair.sessions.revokeAll()
  await shop.timers.pass(600_000)
  shop.live.close()
  expect(told).toEqual(['closed'])
})

test('SES-12 what holds a connection after the close may let go of it, and one that throws hurts nobody', async () => {
  const server = startServer()
  const shop = openWorkshop(server)
  const view = await viewOf(shop, await pairVisitor(server))
  shop.live.close()
  const told: string[] = []
  const release = shop.live.hold(view, {
    changed: () => {},
    ended(reason) {
      release()
      told.push(reason)
      throw new Error('socket is gone')
    },
  })
  shop.live.hold(view, { changed: () => {}, ended: (reason) => void told.push(reason) })
  await settled()
  expect(told).toEqual(['closed', 'closed'])
  release()
  expect(shop.timers.waiting()).toBe(0)
})

test('SES-12 a socket attached after its pair has closed is sent away with 1001', async () => {
  const { store, watches, watching } = counted()
  const server = startServer({ store })
  const { visitor, ticket, guard } = await upgraded(server)
  await server.pair.close()
  const before = watches()
  const closes: [number, string][] = []
  const socket = guard.attach(
    { send() {}, close: (...close) => void closes.push(close) },
    () => void closes.push([0, 'ready']),
  )
  await settled()
  expect(closes).toEqual([[1001, 'server is closing']])
  expect(await socket.receive(await helloFrame(server, visitor.key!, ticket))).toBe(false)
  expect(await socket.receive('x')).toBe(false)
  socket.closed()
  await server.pair.sessions.revokeAll()
  await settled()
  expect(closes).toEqual([[1001, 'server is closing']])
  expect([watches(), watching()]).toEqual([before, 0])
})

test('SES-12 a socket that waits for its hello leaves no timer behind when it is attached after the close', async () => {
  const server = startServer()
  const { visitor, ticket, guard } = await upgraded(server)
  const shop = openWorkshop(server)
  shop.live.close()
  const closes: [number, string][] = []
  const hello = { ticket, thumbprint: visitor.key!.thumbprint }
  guardSocket(
    { ...shop, refused() {} } as unknown as HttpParts,
    { externalUrl: `${ORIGIN}/live` } as RequestFacts,
    guard.auth,
    {},
    hello,
  ).attach({ send() {}, close: (...close) => void closes.push(close) }, () => {})
  await settled()
  expect([closes, shop.timers.waiting()]).toEqual([[[1001, 'server is closing']], 0])
  await shop.timers.pass(60_000)
  expect(closes).toHaveLength(1)
})

test('SES-12 a stream that is asked for after the close ends at once and watches nothing', async () => {
  const { store, watching } = counted()
  const server = startServer({ store })
  const visitor = await pairVisitor(server, { key: await createDeviceKey() })
  await server.pair.close()
  const request = await visitor.request('GET', '/auth/access/events', { proof: true })
  const reader = readEvents((await server.pair.handler(request))!)
  const told: string[] = []
  for (let next = await reader.next(); next !== null; next = await reader.next())
    told.push(next.event)
  expect(told).toEqual(['comment'])
  expect(watching()).toBe(0)
})
