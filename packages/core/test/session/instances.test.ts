import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createDeviceKey } from '../kit/device.ts'
import { ORIGIN, SECRET, startServer, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor } from '../kit/visitor.ts'

const OTHER_SECRET = `${SECRET} of another`

/** Two instances in one process that have all in common but what is named. */
function two(difference: 'secret' | 'namespace' | 'store'): [Server, Server] {
  const store = memoryStore()
  if (difference === 'store') return [startServer(), startServer()]
  if (difference === 'secret')
    return [startServer({ store }), startServer({ store, secret: OTHER_SECRET })]
  return [startServer({ store }), startServer({ store, namespace: 'other' })]
}

describe.each(['secret', 'namespace', 'store'] as const)(
  'SES-13 two instances with another %s',
  (difference) => {
    test('SES-13 neither accepts the credentials of the other', async () => {
      const [one, other] = two(difference)
      const key = await createDeviceKey()
      for (const transport of ['cookie', 'bearer'] as const) {
        const visitor = await pairVisitor(one, { transport })
        const there = { ...visitor }
        expect((await one.pair.authenticate(await visitor.request('GET', '/'))).kind).toBe(
          'session',
        )
        expect((await other.pair.authenticate(await there.request('GET', '/'))).kind).toBe('none')
        // Also under the name that the other reads.
        const [name = ''] = [...(await pairVisitor(other)).jar.keys()]
        const planted = new Request(ORIGIN, {
          headers: { cookie: `${name}=${visitor.accessToken ?? visitor.cookie()}` },
        })
        expect((await other.pair.authenticate(planted)).kind).toBe('none')
        // A ticket is a record: who shares store and namespace is the same instance there, whatever its secret.
        if (difference === 'secret') continue
        const ticket = await visitor.ticket()
        expect(
          await other.pair.openSocket(
            new Request(`${ORIGIN}/live?ticket=${ticket}`),
            undefined,
            {},
          ),
        ).toBeInstanceOf(Response)
        expect(
          await one.pair.openSocket(new Request(`${ORIGIN}/live?ticket=${ticket}`), undefined, {}),
        ).not.toBeInstanceOf(Response)
      }
      const dpop = await pairVisitor(one, { key, transport: 'dpop' })
      const found = await other.pair.identify(await dpop.request('GET', '/', { proof: true }))
      expect(found.ok && found.auth.kind === 'session').toBe(false)
    })
  },
)

describe.each(['namespace', 'store'] as const)(
  'SES-13 two instances with another %s',
  (difference) => {
    test('SES-13 a code, a key and a list of one say nothing to the other', async () => {
      const [one, other] = two(difference)
      const key = await createDeviceKey()
      const { typed, code } = await one.pair.codes.issue({ origin: ORIGIN })
      await pairVisitor(one, { key })
      expect((await createVisitor(other).redeem(typed)).body).toMatchObject({
        code: 'code_invalid',
      })
      expect(
        (await createVisitor(other, key).call('POST', '/renew', { body: {}, proof: true })).status,
      ).toBe(401)
      expect((await other.pair.sessions.list()).items).toEqual([])
      expect((await other.pair.devices.list()).items).toEqual([])
      expect((await other.pair.codes.list()).items).toEqual([])
      expect((await other.pair.audit.read()).items).toEqual([])
      await expect(other.pair.codes.revoke(code.id)).rejects.toMatchObject({ code: 'not_found' })
      await other.pair.sessions.revokeAll()
      expect((await one.pair.sessions.list()).items).toHaveLength(1)
      expect((await createVisitor(one).redeem(typed)).status).toBe(200)
    })
  },
)

describe('SES-13', () => {
  test('SES-13 the cookie names of servers differ, those of replicas agree', async () => {
    const name = async (server: Server): Promise<string> =>
      [...(await pairVisitor(server)).jar.keys()][0]!
    const [first, replica, stranger, sibling] = [
      startServer(),
      startServer(),
      startServer({ secret: OTHER_SECRET }),
      startServer({ namespace: 'b' }),
    ]
    expect(await name(first)).toBe(await name(replica))
    expect(new Set([await name(first), await name(stranger), await name(sibling)]).size).toBe(3)
  })

  test('SES-13 a listener, a revoke-all and a close of one instance leave the other alone', async () => {
    const store = memoryStore()
    const [one, other] = [startServer({ store }), startServer({ store, namespace: 'other' })]
    const heard: string[] = []
    other.pair.on('change', (event) => void heard.push(event.type))
    await pairVisitor(one)
    const visitor = await pairVisitor(other)
    const guard = await other.pair.openSocket(
      new Request(`${ORIGIN}/live?ticket=${await visitor.ticket()}`),
      undefined,
      {},
    )
    if (guard instanceof Response) throw new Error('refused')
    const closes: number[] = []
    guard.attach({ send() {}, close: (code) => void closes.push(code) }, () => {})
    await one.pair.sessions.revokeAll()
    await one.pair.close()
    expect((await other.pair.authenticate(await visitor.request('GET', '/'))).kind).toBe('session')
    expect(closes).toEqual([])
    await other.pair.sessions.revoke(visitor.session.id)
    await expect.poll(() => closes).toEqual([4003])
    expect(heard).not.toContain('sessions.all_revoked')
    await other.pair.close()
  })

  test('SES-13 a bound cookie that another port received reaches no renewal, ticket or access', async () => {
    const server = startServer()
    const victim = await pairVisitor(server, { key: await createDeviceKey() })
    const thief = createVisitor(server)
    thief.jar = new Map(victim.jar)
    const { id } = victim.session
    const device = victim.session.device.id
    const { code } = await server.pair.codes.issue({ origin: ORIGIN })
    const calls: [string, string, unknown?][] = [
      ['POST', '/renew', {}],
      ['POST', '/tickets', { for: 'socket' }],
      ['POST', '/tickets', { for: 'stream' }],
      ['GET', '/access'],
      ['GET', '/access/events'],
      ['GET', '/codes'],
      ['POST', '/codes', {}],
      ['DELETE', `/codes/${code.id}`],
      ['GET', '/sessions'],
      ['PATCH', `/sessions/${id}`, { scopes: ['notes:read'] }],
      ['DELETE', `/sessions/${id}`],
      ['POST', '/sessions/revoke-others', {}],
      ['POST', '/sessions/revoke-all', {}],
      ['GET', '/devices'],
      ['PATCH', `/devices/${device}`, { label: 'mine' }],
      ['DELETE', `/devices/${device}`],
    ]
    const own = await createDeviceKey()
    for (const [method, path, body] of calls) {
      const options = body === undefined ? {} : { body }
      expect((await thief.call(method, path, options)).body, `${method} ${path}`).toMatchObject({
        code: 'proof_required',
      })
      // A proof of the thief's own key is none of the victim's.
      const proof = await own.prove({
        htm: method,
        htu: `${ORIGIN}/auth${path}`,
        at: server.clock(),
      })
      expect(
        (await thief.call(method, path, { ...options, proof })).status,
        `${method} ${path}`,
      ).toBe(401)
    }
    expect(
      (await thief.call<{ authenticated: boolean }>('GET', '/session')).body.authenticated,
    ).toBe(true)
    expect(
      await server.pair.guard(await thief.request('GET', '/notes'), undefined, {
        proof: 'required',
      }),
    ).toMatchObject({ ok: false })
    expect((await server.pair.sessions.list()).items).toHaveLength(1)
    const upgrade = await thief.request('GET', '/live', {
      headers: { origin: 'http://localhost:5173' },
    })
    expect(await server.pair.openSocket(upgrade, undefined, {})).toMatchObject({ status: 403 })
    server.clock.advance(15 * 60_000)
    expect((await thief.call('GET', '/session')).body).toMatchObject({
      authenticated: false,
      reason: 'expired',
    })
  })
})
