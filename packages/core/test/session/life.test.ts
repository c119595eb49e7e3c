import { describe, expect, test } from 'vitest'
import { createDeviceKey } from '../kit/device.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor, type Visitor } from '../kit/visitor.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

async function stateOf(visitor: Visitor): Promise<unknown> {
  const { body } = await visitor.call('GET', '/session', {
    proof: visitor.key !== null && visitor.accessToken !== undefined,
  })
  return body.authenticated === true ? 'in' : (body.reason ?? 'none')
}
const renew = async (visitor: Visitor): Promise<unknown> => {
  const answer = await visitor.call<{ code?: string; session?: Visitor['session'] }>(
    'POST',
    '/renew',
    { body: {}, proof: true },
  )
  if (answer.body.session) visitor.session = answer.body.session
  return answer.body.code ?? 'ok'
}
const keyed = async (
  server: Server,
  session: { slidingMs?: number | null; absoluteMs?: number | null } = {},
): Promise<Visitor> => pairVisitor(server, { key: await createDeviceKey(), code: { session } })
const ends = (visitor: Visitor, server: Server): number | null =>
  visitor.session.expiresAt === null ? null : Date.parse(visitor.session.expiresAt) - server.clock()

describe('SES-07', () => {
  test('SES-07 the default is thirty days sliding and no absolute end', async () => {
    const server = startServer()
    const visitor = await keyed(server)
    expect(ends(visitor, server)).toBe(30 * DAY)
    for (let month = 0; month < 24; month++) {
      server.clock.advance(29 * DAY)
      expect(await renew(visitor)).toBe('ok')
    }
    server.clock.advance(30 * DAY)
    expect(await renew(visitor)).toBe('session_expired')
  })

  test("SES-07 sliding and absolute ends are both the code's to say, and the nearer one counts", async () => {
    const server = startServer({ session: { slidingMs: 10 * DAY, absoluteMs: 100 * DAY } })
    const usual = await keyed(server)
    expect(ends(usual, server)).toBe(10 * DAY)
    const visitor = await keyed(server, { slidingMs: 2 * HOUR, absoluteMs: 5 * HOUR })
    expect(ends(visitor, server)).toBe(2 * HOUR)
    server.clock.advance(1.5 * HOUR)
    expect(await renew(visitor)).toBe('ok')
    expect(ends(visitor, server)).toBe(2 * HOUR)
    server.clock.advance(1.5 * HOUR)
    expect(await renew(visitor)).toBe('ok')
    server.clock.advance(1.5 * HOUR)
    expect(await renew(visitor)).toBe('ok')
    expect(ends(visitor, server)).toBe(0.5 * HOUR)
    server.clock.advance(0.5 * HOUR - 1_000)
    expect(await renew(visitor)).toBe('ok')
    server.clock.advance(1_000)
    expect(await renew(visitor)).toBe('session_expired')
    expect(await stateOf(visitor)).toBe('expired')
    expect(await stateOf(usual)).toBe('expired')
    expect(await renew(usual)).toBe('ok')
  })

  test('SES-07 "until revoked" has no end of its own', async () => {
    const server = startServer({ session: { slidingMs: null } })
    for (const visitor of [
      await keyed(server),
      await keyed(startServer(), { slidingMs: null, absoluteMs: null }),
    ]) {
      expect(visitor.session.expiresAt).toBeNull()
    }
    const visitor = await keyed(server)
    server.clock.advance(3_000 * DAY)
    await server.pair.sweep()
    expect(await stateOf(visitor)).toBe('expired')
    expect(await renew(visitor)).toBe('ok')
    expect(await stateOf(visitor)).toBe('in')
    await server.pair.sessions.revoke(visitor.session.id)
    expect(await stateOf(visitor)).toBe('revoked')
  })

  test('SES-07 a device says over the wire how long those live whom its code lets in, never longer than itself', async () => {
    const server = startServer({ session: { slidingMs: 10 * DAY } })
    const owner = await keyed(server)
    const guest = await keyed(server, { absoluteMs: DAY })
    type Made = { typed: string; code?: string }
    const issue = async (by: Visitor, session: unknown) =>
      by.call<Made>('POST', '/codes', { body: { session }, proof: true })
    const lifeOf = async (by: Visitor, session: unknown): Promise<unknown> => {
      const { body } = await issue(by, session)
      const visitor = createVisitor(server, await createDeviceKey())
      await visitor.redeem(body.typed)
      const found = (await server.pair.sessions.list()).items.find(
        ({ id }) => id === visitor.session.id,
      )
      return found?.expiresAt === null ? null : found!.expiresAt! - server.clock()
    }
    expect(await lifeOf(owner, {})).toBe(10 * DAY)
    expect(await lifeOf(owner, { slidingSeconds: 60 })).toBe(60_000)
    expect(await lifeOf(owner, { absoluteSeconds: 60 })).toBe(60_000)
    expect(await lifeOf(owner, { slidingSeconds: 120, absoluteSeconds: 60 })).toBe(60_000)
    // until revoked, but for what its issuer has
    expect(await lifeOf(owner, { slidingSeconds: null })).toBe(10 * DAY)
    expect(await lifeOf(guest, { slidingSeconds: null, absoluteSeconds: null })).toBe(DAY)
    const lasting = startServer({ session: { slidingMs: null } })
    const other = await keyed(lasting)
    const { body } = await other.call<Made>('POST', '/codes', {
      body: { session: { slidingSeconds: null, absoluteSeconds: null } },
      proof: true,
    })
    const visitor = createVisitor(lasting, await createDeviceKey())
    expect((await visitor.redeem(body.typed)).body.session.expiresAt).toBeNull()
    for (const session of [
      { slidingSeconds: 0 },
      { slidingSeconds: 0.5 },
      { absoluteSeconds: -1 },
      { absoluteSeconds: '60' },
      { absoluteSeconds: 3_153_600_001 },
      'long',
      null,
    ])
      expect((await issue(owner, session)).body.code).toBe('invalid_request')
  })

  test('SES-07 an access token ends after accessMs, the session does not', async () => {
    const server = startServer({ session: { accessMs: 60_000 } })
    const visitor = await pairVisitor(server, { key: await createDeviceKey(), transport: 'dpop' })
    server.clock.advance(59_999)
    expect(await stateOf(visitor)).toBe('in')
    server.clock.advance(1)
    expect(await stateOf(visitor)).toBe('expired')
    expect((await server.pair.sessions.list()).items).toHaveLength(1)
  })

  test('SES-07 expired, revoked and invalid are three answers, also when both or all hold, and after a sweep', async () => {
    const server = startServer()
    const [expired, revoked, both] = [
      await keyed(server, { slidingMs: HOUR }),
      await keyed(server),
      await keyed(server, { slidingMs: HOUR }),
    ]
    await server.pair.sessions.revoke(revoked.session.id)
    await server.pair.devices.revoke(both.session.device.id)
    server.clock.advance(HOUR)
    for (let n = 0; n < 2; n++) {
      expect([await stateOf(expired), await stateOf(revoked), await stateOf(both)]).toEqual([
        'expired',
        'revoked',
        'revoked',
      ])
      if (n === 0) server.clock.advance(29 * DAY)
      await server.pair.sweep()
    }
    const junk = createVisitor(server)
    junk.jar = new Map(
      [...expired.jar].map(([name, value]) => [
        name,
        `${value.slice(0, -1)}${value.endsWith('A') ? 'E' : 'A'}`,
      ]),
    )
    expect(await stateOf(junk)).toBe('invalid')
    expect(await stateOf(createVisitor(server))).toBe('none')
    const codes = await Promise.all(
      [expired, revoked, junk, createVisitor(server)].map(async (visitor) => {
        const guarded = await server.pair.guard(await visitor.request('GET', '/x'), undefined, {})
        return guarded.ok ? 'in' : ((await guarded.response.json()) as { code: string }).code
      }),
    )
    expect(codes).toEqual([
      'session_expired',
      'session_revoked',
      'session_invalid',
      'session_required',
    ])
  })

  test('SES-07 a keyless device has a day at most under the default policy, less where the code says so', async () => {
    const server = startServer()
    for (const [session, ms] of [
      [{}, DAY],
      [{ slidingMs: null, absoluteMs: null }, DAY],
      [{ absoluteMs: 100 * DAY }, DAY],
      [{ absoluteMs: HOUR }, HOUR],
      [{ slidingMs: HOUR }, HOUR],
    ] as const) {
      const visitor = await pairVisitor(server, { code: { session } })
      expect(ends(visitor, server)).toBe(ms)
    }
    const visitor = await pairVisitor(server)
    server.clock.advance(DAY - 1)
    expect(await stateOf(visitor)).toBe('in')
    server.clock.advance(1)
    expect(await stateOf(visitor)).toBe('expired')
  })

  test('SES-07 what a session hangs on is kept as long as it: a sweep after each renewal ends nothing', async () => {
    const server = startServer({ session: { slidingMs: DAY } })
    const visitor = await keyed(server)
    for (let day = 0; day < 100; day++) {
      server.clock.advance(DAY - 1)
      await server.pair.sweep()
      expect(await renew(visitor)).toBe('ok')
    }
    expect(await stateOf(visitor)).toBe('in')
    // Its marker must not be forgotten before it.
    await server.pair.sessions.revoke(visitor.session.id)
    for (let day = 0; day < 40; day++) {
      server.clock.advance(DAY)
      await server.pair.sweep()
      expect(await renew(visitor)).toMatch(/^session_(revoked|invalid)$/)
    }
  })

  test('SES-07 the revocation of a device that was renewed is kept as long as its session', async () => {
    const server = startServer({ session: { slidingMs: DAY } })
    const visitor = await keyed(server)
    for (let day = 0; day < 50; day++) {
      server.clock.advance(DAY / 2)
      expect(await renew(visitor)).toBe('ok')
    }
    await server.pair.devices.revoke(visitor.session.device.id)
    for (let day = 0; day < 60; day++) {
      server.clock.advance(DAY)
      await server.pair.sweep()
      expect(await renew(visitor)).toMatch(/^session_(revoked|invalid)$/)
    }
  })

  test('SES-07 a clock that answers NaN lets nobody in', async () => {
    const server = startServer()
    const visitor = await keyed(server)
    const { typed } = await server.pair.codes.issue({ origin: ORIGIN })
    server.clock.set(Number.NaN)
    expect((await server.pair.guard(await visitor.request('GET', '/x'), undefined, {})).ok).toBe(
      false,
    )
    const answer = await createVisitor(server)
      .redeem(typed)
      .catch(() => ({ status: 500 }))
    expect(answer.status).not.toBe(200)
  })
})
