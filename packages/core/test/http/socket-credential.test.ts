import { expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import type { HttpParts } from '../../src/http/route.ts'
import type { RequestFacts } from '../../src/http/request-facts.ts'
import { guardSocket } from '../../src/http/socket.ts'
import type { SocketGuard } from '../../src/socket-guard.ts'
import { NOON } from '../kit/clock.ts'
import { createDeviceKey } from '../kit/device.ts'
import { readEvents } from '../kit/events.ts'
import { ORIGIN, startServer, type Server, type ServerOptions } from '../kit/server.ts'
import { helloFrame, pairVisitor, type PairWish, type Visitor } from '../kit/visitor.ts'
import { openWorkshop, settled, type Workshop } from '../kit/workshop.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const EXPIRED = [[4004, 'session expired']]

interface Scene {
  server: Server
  visitor: Visitor
  shop: Workshop
}

/** A paired visitor, and an instance on the same store whose timers are moved by hand. */
async function scene(wish: PairWish, options: ServerOptions = {}): Promise<Scene> {
  const server = startServer({ clock: fixedClock(NOON), ...options })
  const visitor = await pairVisitor(server, wish)
  return { server, visitor, shop: openWorkshop(server) }
}
const keyed = async (wish: PairWish = {}): Promise<Scene> =>
  scene({ key: await createDeviceKey(), ...wish })

async function opened({ server }: Scene, request: Request): Promise<SocketGuard> {
  const answer = await server.pair.openSocket(request, undefined, {})
  if (answer instanceof Response) throw new Error(await answer.text())
  return answer
}

interface Line {
  closes: [number, string][]
  readies: () => number
  receive(frame: string): Promise<boolean>
}

/** The socket of that upgrade, held by the instance with the timers. */
async function line({ visitor, shop }: Scene, guard: SocketGuard, ticket?: string): Promise<Line> {
  const closes: [number, string][] = []
  let readies = 0
  const hello = ticket === undefined ? null : { ticket, thumbprint: visitor.key!.thumbprint }
  const parts = { ...shop, refused() {} } as unknown as HttpParts
  const facts = { externalUrl: `${ORIGIN}/live` } as RequestFacts
  const attached = guardSocket(parts, facts, guard.auth, {}, hello).attach(
    { send() {}, close: (code, reason) => void closes.push([code, reason]) },
    () => void readies++,
  )
  await settled()
  return { closes, readies: () => readies, receive: (frame) => attached.receive(frame) }
}

/** A socket by what the visitor carries, with a proof of its key or without. */
async function lineBy(made: Scene, proof: boolean): Promise<Line> {
  const request = await made.visitor.request('GET', '/live', { headers: { origin: ORIGIN }, proof })
  const guard = await opened(made, request)
  expect(guard.auth.proven).toBe(proof)
  return line(made, guard)
}

async function renew(visitor: Visitor): Promise<void> {
  const { refreshToken } = visitor
  const body = refreshToken === undefined ? {} : { refreshToken }
  const wish = { body, proof: visitor.key !== null, authorization: null }
  const answer = await visitor.call<{ refreshToken?: string }>('POST', '/renew', wish)
  expect(answer.status, answer.text).toBe(200)
  visitor.refreshToken = answer.body.refreshToken
}

test('SES-12 a socket by a key’s cookie alone is closed with 4004 when that cookie ends', async () => {
  const made = await keyed()
  const socket = await lineBy(made, false)
  await made.shop.timers.pass(15 * MINUTE - 1)
  expect([socket.closes, await socket.receive('x')]).toEqual([[], true])
  await made.shop.timers.pass(1)
  expect([socket.closes, await socket.receive('x')]).toEqual([EXPIRED, false])
  expect(made.shop.timers.waiting()).toBe(0)
  expect((await made.server.pair.sessions.list()).items).toHaveLength(1)
})

test('SES-12 it counts from when the cookie was made, not from when the socket was opened', async () => {
  const made = await keyed()
  made.server.clock.advance(14 * MINUTE)
  const socket = await lineBy(made, false)
  await made.shop.timers.pass(MINUTE - 1)
  expect(socket.closes).toEqual([])
  await made.shop.timers.pass(1)
  expect(socket.closes).toEqual(EXPIRED)
})

test('SES-12 no renewal extends a socket by a key’s cookie alone; the fresh cookie opens another', async () => {
  const made = await keyed({ code: { session: { slidingMs: HOUR } } })
  const first = await lineBy(made, false)
  await made.shop.timers.pass(10 * MINUTE)
  await renew(made.visitor)
  const second = await lineBy(made, false)
  await made.shop.timers.pass(5 * MINUTE)
  expect([first.closes, second.closes]).toEqual([EXPIRED, []])
  await made.shop.timers.pass(10 * MINUTE)
  expect(second.closes).toEqual(EXPIRED)
})

test('SES-12 a socket by a bearer that nothing proves is closed with 4004 when that ends, renewed or not', async () => {
  const made = await scene({ transport: 'bearer' }, { keyless: 'full' })
  made.visitor.jar.clear()
  const socket = await lineBy(made, false)
  await made.shop.timers.pass(10 * MINUTE)
  await renew(made.visitor)
  await made.shop.timers.pass(5 * MINUTE - 1)
  expect(socket.closes).toEqual([])
  await made.shop.timers.pass(1)
  expect(socket.closes).toEqual(EXPIRED)
  expect((await made.server.pair.sessions.list()).items).toHaveLength(1)
})

test('SES-12 a socket by ticket and proven hello lives on as long as its session', async () => {
  const made = await keyed({ code: { session: { slidingMs: HOUR } } })
  const ticket = await made.visitor.ticket()
  const guard = await opened(made, new Request(`${ORIGIN}/live?ticket=${ticket}`))
  const socket = await line(made, guard, ticket)
  expect(socket.readies()).toBe(0)
  expect(await socket.receive(await helloFrame(made.server, made.visitor.key!, ticket))).toBe(false)
  expect(socket.readies()).toBe(1)
  for (const minutes of [40, 40, 40]) {
    await made.shop.timers.pass(minutes * MINUTE)
    await renew(made.visitor)
  }
  expect([socket.closes, await socket.receive('x')]).toEqual([[], true])
  await made.shop.timers.pass(HOUR - 1)
  expect(socket.closes).toEqual([])
  await made.shop.timers.pass(1)
  expect(socket.closes).toEqual(EXPIRED)
})

test.each(['cookie', 'dpop'] as const)(
  'SES-12 a socket by %s beside a valid proof lives on as long as its session',
  async (transport) => {
    const made = await keyed({ transport, code: { session: { slidingMs: HOUR } } })
    const socket = await lineBy(made, true)
    await made.shop.timers.pass(40 * MINUTE)
    await renew(made.visitor)
    await made.shop.timers.pass(HOUR - 1)
    expect([socket.closes, await socket.receive('x')]).toEqual([[], true])
    await made.shop.timers.pass(1)
    expect(socket.closes).toEqual(EXPIRED)
  },
)

test('SES-12 a revoke closes a socket by cookie before its cookie ends, with 4003', async () => {
  const made = await keyed()
  const socket = await lineBy(made, false)
  await made.shop.timers.pass(MINUTE)
  await made.server.pair.sessions.revoke(made.visitor.session.id)
  await settled()
  expect(socket.closes).toEqual([[4003, 'session ended']])
})

test('SES-12 a socket and a stream by a bearer that nothing proves end with it, on a clock that runs', async () => {
  const clock = Object.assign(() => Date.now(), { set() {}, advance() {} })
  const made = await scene(
    { transport: 'bearer' },
    { clock, keyless: 'full', session: { accessMs: 2_000 } },
  )
  made.visitor.jar.clear()
  const guard = await opened(
    made,
    await made.visitor.request('GET', '/live', { headers: { origin: ORIGIN } }),
  )
  const closes: [number, string][] = []
  guard.attach({ send() {}, close: (...close) => void closes.push(close) }, () => {})
  const stream = await made.server.pair.handler(
    await made.visitor.request('GET', '/auth/access/events'),
  )
  const told = await readEvents(stream!).until('end')
  expect(told.at(-1)?.data).toBe(JSON.stringify({ code: 'session_expired' }))
  await expect.poll(() => closes, { timeout: 4_000, interval: 20 }).toEqual(EXPIRED)
  await made.server.pair.close()
})

test('SES-12 a socket by a keyless ticket lives no longer than the bearer that asked for it', async () => {
  const made = await scene({ transport: 'bearer' }, { keyless: 'full' })
  made.visitor.jar.clear()
  const ticket = await made.visitor.ticket()
  const guard = await opened(made, new Request(`${ORIGIN}/live?ticket=${ticket}`))
  const socket = await line(made, guard)
  await made.shop.timers.pass(15 * MINUTE)
  expect(socket.closes).toEqual(EXPIRED)
})
