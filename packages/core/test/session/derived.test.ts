import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { faultyStore } from '@pair/testkit/store'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createDeviceKey } from '../kit/device.ts'
import { NOON } from '../kit/clock.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { createVisitor, helloFrame, pairVisitor, type Visitor } from '../kit/visitor.ts'

const keyed = async (server: Server): Promise<Visitor> =>
  pairVisitor(server, { key: await createDeviceKey() })

async function reasonOf(visitor: Visitor): Promise<unknown> {
  const { body } = await visitor.call('GET', '/session')
  return body.authenticated === true ? 'in' : (body.reason ?? 'none')
}

/** All that hangs on a session, minted while it stood. */
async function derived(
  server: Server,
  visitor: Visitor,
): Promise<() => Promise<Record<string, unknown>>> {
  const ticket = await visitor.ticket('socket')
  const stream = await visitor.ticket('stream')
  const streamProof = await visitor.key!.prove({
    htm: 'GET',
    htu: `${ORIGIN}/app`,
    at: server.clock(),
    token: stream,
  })
  const { body } = await visitor.call<{ typed: string }>('POST', '/codes', {
    body: { scopes: ['notes:read'] },
    proof: true,
  })
  return async () => ({
    cookie: await reasonOf(visitor),
    socket: await codeOf(
      server.pair.openSocket(new Request(`${ORIGIN}/live?ticket=${ticket}`), undefined, {}),
    ),
    stream: await codeOf(
      server.pair
        .guard(
          new Request(`${ORIGIN}/app?ticket=${stream}`, { headers: { dpop: streamProof } }),
          undefined,
          {},
        )
        .then((guarded) => (guarded.ok ? guarded : guarded.response)),
    ),
    code: (await createVisitor(server).redeem(body.typed)).body as unknown as { code?: string },
    renewal: (await visitor.call('POST', '/renew', { body: {}, proof: true })).body.code,
    mint: (await visitor.call('POST', '/tickets', { body: { for: 'socket' }, proof: true })).body
      .code,
  })
}

async function codeOf(answer: Promise<unknown>): Promise<unknown> {
  const found = await answer
  return found instanceof Response ? ((await found.json()) as { code: string }).code : 'in'
}

describe('SES-05', () => {
  const endings: [string, (server: Server, visitor: Visitor) => Promise<unknown>][] = [
    ['its logout', (_, visitor) => visitor.call('POST', '/logout')],
    ['its revocation', ({ pair }, visitor) => pair.sessions.revoke(visitor.session.id)],
    [
      'the revocation of its device',
      ({ pair }, visitor) => pair.devices.revoke(visitor.session.device.id),
    ],
    ['a revoke-all', ({ pair }) => pair.sessions.revokeAll()],
    [
      'a revoke-others of another',
      async (server) => {
        const other = await keyed(server)
        await other.call('POST', '/sessions/revoke-others', { body: {}, proof: true })
      },
    ],
  ]
  test.each(endings)(
    'SES-05 %s ends tickets, renewal and unredeemed codes that hang on it',
    async (_, end) => {
      const server = startServer()
      const visitor = await keyed(server)
      const state = await derived(server, visitor)
      const cookie = new Map(visitor.jar)
      await end(server, visitor)
      visitor.jar = cookie
      expect(await state()).toEqual({
        cookie: 'revoked',
        socket: 'session_revoked',
        stream: 'session_revoked',
        code: expect.objectContaining({ code: 'code_invalid' }),
        renewal: 'session_revoked',
        mint: 'session_revoked',
      })
      expect((await server.pair.codes.list()).items).toEqual([])
    },
  )

  test('SES-05 without an end all of these work', async () => {
    const server = startServer()
    const state = await derived(server, await keyed(server))
    expect(await state()).toMatchObject({
      cookie: 'in',
      socket: 'in',
      stream: 'in',
      code: { status: 'authorized' },
      renewal: undefined,
      mint: undefined,
    })
  })

  test('SES-05 what is minted at the moment of a revoke is worth nothing after it', async () => {
    for (let round = 0; round < 8; round++) {
      const clock = fixedClock(NOON)
      const server = startServer({ clock, store: jitteredStore(memoryStore({ clock }), round + 7) })
      const visitor = await keyed(server)
      const tickets: string[] = []
      const codes: string[] = []
      await race(async (rival) => {
        if (rival === 20) return server.pair.devices.revoke(visitor.session.device.id)
        const minted =
          rival % 2 === 0
            ? visitor
                .call<{ ticket?: string }>('POST', '/tickets', {
                  body: { for: 'socket' },
                  proof: true,
                })
                .then(({ body }) => body.ticket && tickets.push(body.ticket))
            : visitor
                .call<{ typed?: string }>('POST', '/codes', { body: {}, proof: true })
                .then(({ body }) => body.typed && codes.push(body.typed))
        await minted
      })
      for (const ticket of tickets) {
        const answer = await server.pair.openSocket(
          new Request(`${ORIGIN}/live?ticket=${ticket}`),
          undefined,
          {},
        )
        expect(answer).toBeInstanceOf(Response)
      }
      for (const code of codes) expect((await createVisitor(server).redeem(code)).status).toBe(401)
      expect((await server.pair.sessions.list()).items).toEqual([])
    }
  })

  test.each<[string, (visitor: Visitor) => Promise<{ body: Record<string, unknown> }>]>([
    ['ticket', (visitor) => visitor.call('POST', '/tickets', { body: { for: 'socket' } })],
    ['code', (visitor) => visitor.call('POST', '/codes', { body: {} })],
    ['renewal', (visitor) => visitor.call('POST', '/renew', { body: {} })],
  ])(
    'SES-05 a %s on its way to the store when the revoke overtakes it is not handed out',
    async (_, mint) => {
      for (const end of ['session', 'device', 'epoch'] as const) {
        const line = faultyStore(memoryStore())
        const [server, other] = [
          startServer({ store: line.store, keyless: 'full' }),
          startServer({ store: line.store, keyless: 'full' }),
        ]
        const visitor = await pairVisitor(server)
        // Seen already, so that the next commit is the mint.
        expect(await reasonOf(visitor)).toBe('in')
        line.plan('commit', 'hang-before')
        const before = line.calls('commit')
        const minted = mint(visitor)
        await expect.poll(() => line.calls('commit'), { interval: 5 }).toBe(before + 1)
        if (end === 'session') await other.pair.sessions.revoke(visitor.session.id)
        if (end === 'device') await other.pair.devices.revoke(visitor.session.device.id)
        if (end === 'epoch') await other.pair.sessions.revokeAll()
        expect(await line.release()).toEqual([false])
        expect((await minted).body).toMatchObject({ code: 'session_revoked' })
      }
    },
  )

  test('SES-05 a hello that comes after the revoke opens nothing', async () => {
    const server = startServer()
    const visitor = await keyed(server)
    const ticket = await visitor.ticket()
    const guard = await server.pair.openSocket(
      new Request(`${ORIGIN}/live?ticket=${ticket}`),
      undefined,
      {},
    )
    if (guard instanceof Response) throw new Error('refused')
    const closes: number[] = []
    let ready = 0
    const attached = guard.attach(
      { send() {}, close: (code) => void closes.push(code) },
      () => void ready++,
    )
    await server.pair.sessions.revoke(visitor.session.id)
    await attached.receive(await helloFrame(server, visitor.key!, ticket))
    await expect.poll(() => closes).toEqual([4003])
    expect(ready).toBe(0)
    expect(await attached.receive('x')).toBe(false)
  })
})
