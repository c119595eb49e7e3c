import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { faultyStore } from '@pair/testkit/store'
import { sha256Base64Url } from '../../src/encoding/bytes.ts'
import type { SocketGuard } from '../../src/socket-guard.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { guardSocket } from '../../src/http/socket.ts'
import type { HttpParts } from '../../src/http/route.ts'
import type { RequestFacts } from '../../src/http/request-facts.ts'
import { NOON } from '../kit/clock.ts'
import { createDeviceKey, type ProofWish } from '../kit/device.ts'
import { ORIGIN, startServer, type Scope, type Server } from '../kit/server.ts'
import { helloFrame, pairVisitor, type Visitor } from '../kit/visitor.ts'
import { openWorkshop, settled } from '../kit/workshop.ts'

const LIVE = `${ORIGIN}/live`

async function upgrade(
  server: Server,
  ticket: string,
  need: { scopes?: Scope[]; proof?: 'required' } = {},
): Promise<SocketGuard<Scope>> {
  const answer = await server.pair.openSocket(
    new Request(`${LIVE}?ticket=${ticket}`),
    undefined,
    need,
  )
  if (answer instanceof Response) throw new Error(await answer.text())
  return answer
}

interface Line {
  closes: [number, string][]
  readies: () => number
  receive(frame: string | ArrayBuffer | Uint8Array): Promise<boolean>
  closed(): void
}

function attach(guard: SocketGuard): Line {
  const closes: [number, string][] = []
  let readies = 0
  const attached = guard.attach(
    { send() {}, close: (code, reason) => void closes.push([code, reason]) },
    () => void readies++,
  )
  return { closes, readies: () => readies, ...attached }
}

async function keyedLine(
  server: Server,
): Promise<{ visitor: Visitor; ticket: string; guard: SocketGuard; line: Line }> {
  const visitor = await pairVisitor(server, { key: await createDeviceKey() })
  const ticket = await visitor.ticket()
  const guard = await upgrade(server, ticket)
  return { visitor, ticket, guard, line: attach(guard) }
}

describe('SES-12 a socket by ticket', () => {
  test("SES-12 without a key is the app's at once, and says that nothing was proven", async () => {
    const server = startServer()
    const visitor = await pairVisitor(server)
    const guard = await upgrade(server, await visitor.ticket())
    expect(guard.auth.proven).toBe(false)
    const line = attach(guard)
    expect(line.readies()).toBe(1)
    expect(await line.receive('{"type":"hello"}')).toBe(true)
    line.closed()
    expect(await line.receive('late')).toBe(false)
  })

  test('SES-12 of a key is shut until its hello, and frames sent right behind it come in order', async () => {
    const server = startServer()
    const { visitor, ticket, guard, line } = await keyedLine(server)
    expect(line.readies()).toBe(0)
    const frames = [
      await helloFrame(server, visitor.key!, ticket),
      ...Array.from({ length: 32 }, (_, n) => String(n)),
    ]
    const order: string[] = []
    const outcomes = await Promise.all(
      frames.map(async (frame) => {
        const ours = await line.receive(frame)
        if (ours) order.push(frame)
        return ours
      }),
    )
    expect(outcomes).toEqual([false, ...Array.from({ length: 32 }, () => true)])
    expect(order).toEqual(frames.slice(1))
    expect(line.readies()).toBe(1)
    expect(guard.auth.proven).toBe(true)
    expect(await line.receive(await helloFrame(server, visitor.key!, ticket))).toBe(true)
    expect([line.readies(), line.closes]).toEqual([1, []])
  })

  test('SES-12 a frame that is not the right hello closes it with 4001 and delivers nothing', async () => {
    const server = startServer()
    const thief = await createDeviceKey()
    const wrong: ((
      visitor: Visitor,
      ticket: string,
    ) => Promise<string | Uint8Array | ArrayBuffer>)[] = []
    const proofs: Partial<ProofWish>[] = [
      { claims: { ath: undefined } },
      { token: 'another' },
      { htm: 'POST' },
      { htu: `${ORIGIN}/other` },
      { htu: 'ws://localhost:3000/live' },
      { at: server.clock() - 301_000 },
      { at: server.clock() + 6_000 },
      { header: { typ: 'JWT' } },
    ]
    for (const wish of proofs) {
      wrong.push(async ({ key }, token) =>
        JSON.stringify({
          type: 'hello',
          proof: await key!.prove({ htm: 'GET', htu: LIVE, at: server.clock(), token, ...wish }),
        }),
      )
    }
    wrong.push(
      async () => '',
      async () => 'x',
      async () => '{}',
      async () => 'null',
      async () => '[]',
      async () => '{"type":"hello"}',
      async () => '{"type":"hello","proof":null}',
      async (_, ticket) => helloFrame(server, thief, ticket),
      async ({ key }, ticket) => (await helloFrame(server, key!, ticket)).replace('hello', 'Hello'),
      async ({ key }, ticket) =>
        (await helloFrame(server, key!, ticket)).replace('{', '{"type":"hello",'),
      async ({ key }, ticket) => (await helloFrame(server, key!, ticket)).padEnd(8_193),
      async ({ key }, ticket) => new TextEncoder().encode(await helloFrame(server, key!, ticket)),
      async ({ key }, ticket) =>
        new TextEncoder().encode(await helloFrame(server, key!, ticket)).buffer,
      async ({ key }) => helloFrame(server, key!, ''),
      async ({ key }, ticket) => helloFrame(server, key!, ticket, '/elsewhere'),
    )
    for (const make of wrong) {
      const { visitor, ticket, line } = await keyedLine(server)
      const frame = await make(visitor, ticket)
      const [first, second] = await Promise.all([
        line.receive(frame),
        line.receive('{"type":"note"}'),
      ])
      expect(
        [first, second, line.closes, line.readies()],
        typeof frame === 'string' ? frame.slice(0, 80) : 'binary',
      ).toEqual([false, false, [[4001, 'hello refused']], 0])
      // It is shut for good, also for the right one.
      expect(await line.receive(await helloFrame(server, visitor.key!, ticket))).toBe(false)
      expect([line.closes.length, line.readies()]).toEqual([1, 0])
    }
  })

  test('SES-12 a hello is used once: the same proof opens no second socket', async () => {
    const server = startServer()
    const { visitor, ticket, line } = await keyedLine(server)
    const hello = await helloFrame(server, visitor.key!, ticket)
    expect(await line.receive(hello)).toBe(false)
    expect(line.readies()).toBe(1)
    const other = attach(await upgrade(server, await visitor.ticket()))
    await other.receive(hello)
    expect([other.closes, other.readies()]).toEqual([[[4001, 'hello refused']], 0])
  })

  test('SES-12 more than 32 frames behind an unjudged hello close it with 4008', async () => {
    const server = startServer()
    const { visitor, ticket, line } = await keyedLine(server)
    const hello = await helloFrame(server, visitor.key!, ticket)
    const outcomes = await Promise.all(
      [hello, ...Array.from({ length: 33 }, String)].map((frame) => line.receive(frame)),
    )
    expect(outcomes.filter(Boolean)).toEqual([])
    expect([line.closes, line.readies()]).toEqual([[[4008, 'too much before hello']], 0])
  })

  test('SES-12 a hello that the store can not confirm opens nothing', async () => {
    const faulty = faultyStore(memoryStore())
    const server = startServer({ store: faulty.store })
    const { visitor, ticket, line } = await keyedLine(server)
    await settled()
    faulty.plan('commit', 'error-before', { thenDown: true })
    expect(await line.receive(await helloFrame(server, visitor.key!, ticket))).toBe(false)
    expect([line.closes.length, line.readies()]).toEqual([1, 0])
    faulty.up()
  })

  test('SES-12 a socket that says no hello within ten seconds is closed with 4001, one that did stays', async () => {
    const clock = fixedClock(NOON)
    const server = startServer({ clock })
    const shop = openWorkshop(server)
    const visitor = await pairVisitor(server, { key: await createDeviceKey() })
    const found = await shop.verifier.standing(visitor.session.id as `ses_${string}`)
    if (!found.ok) throw new Error(found.detail)
    const parts = { ...shop, refused() {} } as unknown as HttpParts
    const facts = { externalUrl: LIVE } as RequestFacts
    const auth = {
      kind: 'session',
      session: found.session,
      proven: true,
      credentialExpiresAt: 0,
    } as const
    const open = (ticket: string): Line =>
      attach(guardSocket(parts, facts, auth, {}, { ticket, thumbprint: visitor.key!.thumbprint }))
    const [silent, spoken] = [open('a'), open('b')]
    await settled()
    await shop.timers.pass(9_999)
    await spoken.receive(await helloFrame(server, visitor.key!, 'b'))
    expect([silent.closes, spoken.readies()]).toEqual([[], 1])
    await shop.timers.pass(1)
    expect(silent.closes).toEqual([[4001, 'no hello']])
    expect(await silent.receive(await helloFrame(server, visitor.key!, 'a'))).toBe(false)
    await shop.timers.pass(60_000)
    expect([spoken.closes, silent.closes.length]).toEqual([[], 1])
    spoken.closed()
    expect(shop.timers.waiting()).toBe(0)
  })
})

describe('SES-12 a socket ends with its session', () => {
  const endings: [string, (server: Server, visitor: Visitor) => Promise<unknown>][] = [
    ['revoke', ({ pair }, visitor) => pair.sessions.revoke(visitor.session.id)],
    ['logout', (_, visitor) => visitor.call('POST', '/logout')],
    ['device revoke', ({ pair }, visitor) => pair.devices.revoke(visitor.session.device.id)],
    ['revoke-all', ({ pair }) => pair.sessions.revokeAll()],
    ['re-pairing', (server, visitor) => pairVisitor(server, { key: visitor.key })],
  ]
  test.each(endings)(
    'SES-12 a %s closes it with 4003, on the instance that decides and on another within a second',
    async (name, end) => {
      for (const watched of [true, false]) {
        const { watch, ...rest } = memoryStore()
        const store = watched ? { ...rest, watch: watch! } : rest
        const [decides, other] = [startServer({ store }), startServer({ store })]
        const { visitor, ticket, line } = await keyedLine(decides)
        await line.receive(await helloFrame(decides, visitor.key!, ticket))
        const far = attach(await upgrade(other, await visitor.ticket()))
        const bystander = attach(await upgrade(other, await (await pairVisitor(decides)).ticket()))
        await end(decides, visitor)
        await expect
          .poll(() => [line.closes, far.closes], { timeout: 1_000, interval: 20 })
          .toEqual([[[4003, 'session ended']], [[4003, 'session ended']]])
        expect([await line.receive('x'), await far.receive('x')]).toEqual([false, false])
        expect(bystander.closes).toHaveLength(name === 'revoke-all' ? 1 : 0)
        await Promise.all([decides.pair.close(), other.pair.close()])
      }
    },
  )

  test('SES-12 an expiry closes it with 4004', async () => {
    const clock = Object.assign(() => Date.now(), { set() {}, advance() {} })
    const server = startServer({ clock })
    const visitor = await pairVisitor(server, { code: { session: { slidingMs: 2_500 } } })
    const line = attach(await upgrade(server, await visitor.ticket()))
    await expect
      .poll(() => line.closes, { timeout: 4_000, interval: 20 })
      .toEqual([[4004, 'session expired']])
    await server.pair.close()
  })

  test('SES-12 a pair that closes sends its sockets away with 1001', async () => {
    const server = startServer()
    const line = attach(await upgrade(server, await (await pairVisitor(server)).ticket()))
    await server.pair.close()
    expect(line.closes).toEqual([[1001, 'server is closing']])
  })

  test('SES-10 a socket whose session is narrowed below its need is closed, another goes on with what is left', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server)
    const writer = await upgrade(server, await visitor.ticket(), { scopes: ['notes:write'] })
    const reader = await upgrade(server, await visitor.ticket(), { scopes: ['notes:read'] })
    const [writing, reading] = [attach(writer), attach(reader)]
    await server.pair.sessions.narrow(visitor.session.id, ['notes:read'])
    await expect.poll(() => writing.closes, { interval: 10 }).toEqual([[4003, 'no longer allowed']])
    expect(await writing.receive('x')).toBe(false)
    expect([reading.closes, reader.auth.session.scopes]).toEqual([[], ['notes:read']])
    expect(await reading.receive('x')).toBe(true)
  })
})

describe('SES-12 a socket by cookie', () => {
  test('SES-12 opens to a page of this origin alone, without hello, and never to a need of proof', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server, { key: await createDeviceKey() })
    const ask = async (origin: string | null, need: object = {}): Promise<unknown> => {
      const request = await visitor.request('GET', '/live', {
        headers: origin === null ? {} : { origin },
      })
      const answer = await server.pair.openSocket(request, undefined, need)
      return answer instanceof Response
        ? ((await answer.json()) as { code: string }).code
        : answer.auth.proven
    }
    expect(await ask(ORIGIN)).toBe(false)
    for (const origin of [
      null,
      'null',
      'http://localhost:5173',
      'https://localhost:3000',
      'http://127.0.0.1:3000',
      'https://evil.example',
    ]) {
      expect(await ask(origin), String(origin)).toBe('origin_refused')
    }
    expect(await ask(ORIGIN, { proof: 'required' })).toBe('proof_required')
    expect(await ask(ORIGIN, { scopes: ['access:read'] })).toBe('proof_required')
  })

  test('SES-12 a need of proof is met by a hello, and never by a device without a key', async () => {
    const server = startServer({ keyless: 'full' })
    const keyless = await pairVisitor(server)
    expect(
      await server.pair.openSocket(
        new Request(`${LIVE}?ticket=${await keyless.ticket()}`),
        undefined,
        { proof: 'required' },
      ),
    ).toMatchObject({ status: 403 })
    const visitor = await pairVisitor(server, { key: await createDeviceKey() })
    const ticket = await visitor.ticket()
    const line = attach(await upgrade(server, ticket, { proof: 'required' }))
    expect(line.readies()).toBe(0)
    await line.receive(
      JSON.stringify({
        type: 'hello',
        proof: await visitor.key!.prove({
          htm: 'GET',
          htu: LIVE,
          at: server.clock(),
          claims: { ath: sha256Base64Url(ticket) },
        }),
      }),
    )
    expect(line.readies()).toBe(1)
  })
})
