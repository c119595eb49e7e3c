import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createDeviceKey } from '../kit/device.ts'
import { NOON } from '../kit/clock.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { ORIGIN, startServer, type Scope, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor, type Visitor } from '../kit/visitor.ts'

const keyed = async (server: Server): Promise<Visitor> =>
  pairVisitor(server, { key: await createDeviceKey() })

async function may(server: Server, visitor: Visitor, scope: Scope): Promise<boolean> {
  return (
    await server.pair.guard(await visitor.request('GET', '/app', { headers: CLAIMS }), undefined, {
      scopes: [scope],
    })
  ).ok
}

/** What a client might say of itself. */
const CLAIMS = {
  'x-scopes': 'notes:read notes:write access:write',
  'x-role': 'admin',
  'x-user': 'owner',
  scope: 'notes:write',
  'x-pair-session': '{"scopes":["notes:write"]}',
}

describe('SES-10', () => {
  test('SES-10 what a client declares of itself gives it nothing', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server, {
      key: await createDeviceKey(),
      code: { scopes: ['notes:read'] },
    })
    const answer = await visitor.call<{ session: { scopes: string[]; subject: string } }>(
      'GET',
      '/session?scopes=notes:write&scope=access:write',
      { headers: CLAIMS },
    )
    expect(answer.body.session).toMatchObject({ scopes: ['notes:read'], subject: 'owner' })
    expect(await may(server, visitor, 'notes:write')).toBe(false)
    expect(await may(server, visitor, 'notes:read')).toBe(true)
    for (const body of [
      { scopes: ['notes:write'] },
      { session: { scopes: ['notes:write'] } },
      { subject: 'root', transport: 'bearer', scope: 'notes:write' },
    ]) {
      const renewed = await visitor.call<{
        session: { scopes: string[]; subject: string; transport: string }
      }>('POST', '/renew', { body, proof: true })
      expect(renewed.body.session).toMatchObject({
        scopes: ['notes:read'],
        subject: 'owner',
        transport: 'cookie',
      })
    }
  })

  test('SES-10 a redeem gives what the code holds: more is refused whole and burns nothing, fewer is given', async () => {
    const server = startServer()
    const { typed } = await server.pair.codes.issue({
      scopes: ['notes:read', 'access:read'],
      origin: ORIGIN,
    })
    const key = await createDeviceKey()
    for (const scopes of [
      ['notes:write'],
      ['notes:read', 'notes:write'],
      ['access:write'],
      ['notes:read', 'access:write'],
    ]) {
      expect((await createVisitor(server, key).redeem(typed, { scopes })).status).toBe(403)
    }
    for (const scopes of [
      [],
      ['nonsense'],
      ['notes:read', 'notes:read'],
      ['*'],
      ['NOTES:READ'],
      ['notes:read '],
    ]) {
      expect((await createVisitor(server, key).redeem(typed, { scopes })).status).toBe(400)
    }
    const visitor = createVisitor(server, key)
    const body = {
      code: typed,
      device: {
        label: 'A',
        kind: 'agent',
        publicKey: key.jwk,
        scopes: ['access:write'],
        id: 'dev_x',
      },
      scopes: ['notes:read'],
      subject: 'root',
      data: { admin: true },
      expiresAt: '2100-01-01',
    }
    const answer = await visitor.call<{ session: Visitor['session'] }>('POST', '/redeem', {
      body,
      proof: true,
    })
    expect(answer.body.session).toMatchObject({
      scopes: ['notes:read'],
      subject: 'owner',
      data: null,
    })
    expect(answer.body.session.device.id).toMatch(/^dev_[\w-]{22}$/)
  })

  test('SES-10 a keyless device gets no access:* under the default policy, asked for or not', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server)
    expect(visitor.session.scopes).toEqual(['notes:read', 'notes:write'])
    const { typed } = await server.pair.codes.issue({
      scopes: ['notes:read', 'access:read'],
      origin: ORIGIN,
    })
    expect((await createVisitor(server).redeem(typed, { scopes: ['access:read'] })).status).toBe(
      403,
    )
    const only = await server.pair.codes.issue({ scopes: ['access:read'], origin: ORIGIN })
    expect((await createVisitor(server).redeem(only.typed)).body).toMatchObject({
      code: 'device_key_required',
    })
    const refusing = startServer({ keyless: 'refuse' })
    const issued = await refusing.pair.codes.issue({ origin: ORIGIN })
    expect((await createVisitor(refusing).redeem(issued.typed)).body).toMatchObject({
      code: 'device_key_required',
    })
    expect(
      (await createVisitor(refusing, await createDeviceKey()).redeem(issued.typed)).status,
    ).toBe(200)
    const full = await pairVisitor(startServer({ keyless: 'full' }))
    expect(full.session.scopes).toContain('access:write')
  })

  test('SES-10 narrowing acts on the next request, of every credential made before', async () => {
    const server = startServer()
    const [admin, visitor] = [
      await keyed(server),
      await pairVisitor(server, { transport: 'bearer' }),
    ]
    expect(await may(server, visitor, 'notes:write')).toBe(true)
    const narrow = (scopes: string[]): Promise<{ status: number }> =>
      admin.call('PATCH', `/sessions/${visitor.session.id}`, { body: { scopes }, proof: true })
    expect((await narrow(['notes:read'])).status).toBe(204)
    expect([
      await may(server, visitor, 'notes:read'),
      await may(server, visitor, 'notes:write'),
    ]).toEqual([true, false])
    const guarded = await server.pair.guard(await visitor.request('GET', '/app'), undefined, {
      scopes: ['notes:write'],
    })
    expect(guarded).toMatchObject({ ok: false, response: expect.objectContaining({ status: 403 }) })
    // Never wider again, neither by this road nor by another.
    for (const scopes of [
      ['notes:read', 'notes:write'],
      ['notes:write'],
      ['access:write'],
      [],
      ['notes:read', 'notes:read'],
      ['nonsense'],
    ]) {
      expect((await narrow(scopes)).status, JSON.stringify(scopes)).toBe(400)
    }
    expect((await narrow(['notes:read'])).status).toBe(204)
    const told = (await server.pair.audit.read()).items.filter(
      ({ type }) => type === 'session.narrowed',
    )
    expect(told).toMatchObject([
      {
        sessionId: visitor.session.id,
        detail: { scopes: ['notes:read'] },
        actor: { sessionId: admin.session.id },
      },
    ])
  })

  test('SES-10 a narrowing survives renewal, and a renewal at the same moment brings nothing back', async () => {
    for (let round = 0; round < 8; round++) {
      const clock = fixedClock(NOON)
      const server = startServer({
        clock,
        store: jitteredStore(memoryStore({ clock }), round + 31),
      })
      const visitor = await keyed(server)
      clock.advance(10 * 86_400_000)
      await race(async (rival) => {
        if (rival === 7) return server.pair.sessions.narrow(visitor.session.id, ['notes:read'])
        await visitor.call('POST', '/renew', { body: {}, proof: true })
      })
      const renewed = await visitor.call<{ session: { scopes: string[] } }>('POST', '/renew', {
        body: {},
        proof: true,
      })
      expect(renewed.body.session.scopes).toEqual(['notes:read'])
      expect(await may(server, visitor, 'notes:write')).toBe(false)
    }
  })

  test('SES-10 who may not write access may not narrow, nor who may write it widen himself', async () => {
    const server = startServer()
    const admin = await keyed(server)
    const reader = await pairVisitor(server, {
      key: await createDeviceKey(),
      code: { scopes: ['notes:read', 'access:read'] },
    })
    const at = (visitor: Visitor): string => `/sessions/${visitor.session.id}`
    expect(
      (await reader.call('PATCH', at(admin), { body: { scopes: ['notes:read'] }, proof: true }))
        .status,
    ).toBe(403)
    expect(
      (await reader.call('PATCH', at(reader), { body: { scopes: ['notes:read'] }, proof: true }))
        .status,
    ).toBe(403)
    expect(
      (
        await admin.call('PATCH', at(admin), {
          body: { scopes: ['notes:read', 'access:write'] },
          proof: true,
        })
      ).status,
    ).toBe(204)
    expect(
      (
        await admin.call('PATCH', at(admin), {
          body: { scopes: ['notes:read', 'access:write', 'access:read'] },
          proof: true,
        })
      ).status,
    ).toBe(400)
    expect((await admin.call('GET', '/sessions', { proof: true })).body).toMatchObject({
      code: 'insufficient_scope',
      scopes: ['access:read'],
    })
    // Nobody gives more than he has, also not to a code that he redeems himself.
    expect(
      (await admin.call('POST', '/codes', { body: { scopes: ['notes:write'] }, proof: true }))
        .status,
    ).toBe(403)
    expect(
      (await admin.call('POST', '/codes', { body: { scopes: ['access:read'] }, proof: true }))
        .status,
    ).toBe(403)
  })

  test('SES-10 a row of a grant that was tampered into junk lets nobody in', async () => {
    const store = memoryStore()
    const server = startServer({ store })
    const visitor = await keyed(server)
    const [row] = await store.list(['pair', 'grant'], { limit: 10 })
    await store.commit(
      [],
      [
        {
          key: row!.key,
          value: row!.value.replace('"scopes":[', '"scopes":"all",["'),
          purgeAt: null,
        },
      ],
    )
    expect(await may(server, visitor, 'notes:read')).toBe(false)
    await store.commit(
      [],
      [{ key: row!.key, value: row!.value.replace('"scopes":[', '"scopes":[1,'), purgeAt: null }],
    )
    expect(await may(server, visitor, 'notes:read')).toBe(false)
    await store.commit([], [{ key: row!.key, value: row!.value, purgeAt: null }])
    expect(await may(server, visitor, 'notes:read')).toBe(true)
  })
})
