import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createDeviceKey } from '../kit/device.ts'
import {
  askToken,
  enter,
  pairWith,
  presented,
  sealedTicket,
  startScreens,
  tokenOf,
  upgrade,
  viewOf,
  WALL,
} from '../kit/screens.ts'
import type { Visitor } from '../kit/visitor.ts'
import { keysFrom } from '../kit/keys.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { SECRET, type Server } from '../kit/server.ts'

/** By a token at a route, by a token at a socket. */
async function tries(
  server: Server,
  visitor: Visitor,
  token: string,
  need = viewOf(WALL),
): Promise<string[]> {
  const socket = await upgrade(server, await presented(server, visitor, token), need)
  return [
    await enter(server, await presented(server, visitor, token), need),
    typeof socket === 'string' ? socket : socket.auth.resource!.mode,
  ]
}

async function both(server: Server): Promise<Visitor[]> {
  const scopes = ['screen:control']
  const key = await createDeviceKey()
  return [
    await pairWith(server, scopes, { transport: 'bearer' }),
    await pairWith(server, scopes, { key: await createDeviceKey(), transport: 'dpop' }),
    await pairWith(server, scopes, { key }),
  ]
}

describe('RES-01 a resource token', () => {
  test('RES-01 opens the one resource that it names, in its mode and the weaker ones, without a key and with one', async () => {
    const server = startScreens()
    for (const visitor of await both(server)) {
      const point = await tokenOf(visitor, WALL, 'point')
      expect(await tries(server, visitor, point, viewOf(WALL, 'view'))).toEqual(['point', 'point'])
      expect(await tries(server, visitor, point, viewOf(WALL, 'point'))).toEqual(['point', 'point'])
      for (const need of [
        viewOf(WALL, 'control'),
        viewOf('screen:wall-2'),
        viewOf('screen:wall-11'),
        viewOf('screen:WALL-1'),
        viewOf('screen'),
        viewOf('camera:wall-1'),
        viewOf('nothing:wall-1'),
        viewOf('screen:wall-1/../wall-1'),
        viewOf('screen:'),
      ]) {
        const answers = await tries(server, visitor, point, need)
        expect(answers, need.resource).toEqual(['resource_required', 'resource_required'])
      }
    }
  })

  test('RES-01 of a whole kind opens that name alone, and none of its resources', async () => {
    const server = startScreens()
    const [visitor] = await both(server)
    const whole = await tokenOf(visitor!, 'screen', 'control')
    expect(await tries(server, visitor!, whole, viewOf('screen'))).toEqual(['control', 'control'])
    expect(await tries(server, visitor!, whole)).toEqual(['resource_required', 'resource_required'])
  })

  test('RES-01 is refused before the 101 where it ran out, was changed, or its session is over', async () => {
    const server = startScreens()
    for (const visitor of await both(server)) {
      const token = await tokenOf(visitor, WALL, 'view')
      const [head, body = '', tail = ''] = token.split('.')
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object
      const forge = (change: object): string =>
        [
          head,
          Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url'),
          tail,
        ].join('.')
      for (const text of [
        forge({ mode: 'control' }),
        forge({ resource: 'screen:wall-2' }),
        forge({ exp: 4_000_000_000 }),
        `${head}.${body}.${tail.slice(0, -1)}${tail.endsWith('A') ? 'B' : 'A'}`,
        `${head}.${body}.`,
        `${token}.`,
        'a.b.c',
      ])
        expect(await tries(server, visitor, text)).toEqual(['session_invalid', 'session_invalid'])
      server.clock.advance(299_999)
      expect(await tries(server, visitor, token)).toEqual(['view', 'view'])
      server.clock.advance(1)
      expect(await tries(server, visitor, token)).toEqual(['session_expired', 'session_expired'])
      const last = await tokenOf(await renewed(server, visitor), WALL, 'view')
      await server.pair.sessions.revoke(visitor.session.id)
      expect(await tries(server, visitor, last)).toEqual(['session_revoked', 'session_revoked'])
    }
  })

  test('RES-01 of a clock that ran ahead opens nothing before its time', async () => {
    const server = startScreens()
    const [visitor] = await both(server)
    server.clock.advance(60_000)
    const token = await tokenOf(visitor!, WALL, 'view')
    server.clock.advance(-60_000)
    expect(await tries(server, visitor!, token)).toEqual(['session_expired', 'session_expired'])
    server.clock.advance(60_000)
    expect(await tries(server, visitor!, token)).toEqual(['view', 'view'])
  })

  test('RES-01 of a key opens nothing without a proof, with that of another key or over another token', async () => {
    const server = startScreens()
    const [, visitor] = await both(server)
    const token = await tokenOf(visitor!, WALL, 'view')
    const other = await createDeviceKey()
    const prove = (key = visitor!.key!, over = token): Promise<string> =>
      key.prove({ htm: 'GET', htu: `${server.origin}/live`, at: server.clock(), token: over })
    const authorization = `DPoP ${token}`
    expect(await enter(server, { authorization: `Bearer ${token}` })).toBe('session_invalid')
    expect(await enter(server, { authorization: `Bearer ${token}`, dpop: await prove() })).toBe(
      'session_invalid',
    )
    expect(await enter(server, { authorization })).toBe('proof_required')
    expect(await enter(server, { authorization, dpop: await prove(other) })).toBe('proof_invalid')
    const over = visitor!.accessToken!
    expect(await enter(server, { authorization, dpop: await prove(visitor!.key!, over) })).toBe(
      'proof_invalid',
    )
    expect(await enter(server, { authorization, dpop: await prove() })).toBe('view')
  })

  test('RES-01 that our own key signed for another key, subject, audience, instance or session opens nothing', async () => {
    const server = startScreens()
    const keys = keysFrom(SECRET)
    const stranger = (await createDeviceKey()).thumbprint
    for (const visitor of await both(server)) {
      const right = await tokenOf(visitor, WALL, 'view')
      const [, body = ''] = right.split('.')
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as { iss: string }
      const at = async (change: object): Promise<string> => {
        const token = await keys.sign('resource', { ...claims, ...change })
        return enter(server, await presented(server, visitor, token))
      }
      expect(await at({})).toBe('view')
      const { cnf: _, ...unbound } = claims as { cnf?: unknown }
      const token = await keys.sign('resource', unbound)
      const isBound = visitor.key !== null
      expect(await enter(server, await presented(server, visitor, token))).toBe(
        isBound ? 'session_invalid' : 'view',
      )
      for (const change of [
        { cnf: { jkt: stranger } },
        { cnf: { jkt: 'x' } },
        { cnf: {} },
        { cnf: null },
        { sub: 'another' },
        { sub: undefined },
        { aud: claims.iss },
        { aud: `${claims.iss}/` },
        { aud: [`${claims.iss}/resource`] },
        { iss: '00000000' },
        { iss: '00000000', aud: '00000000/resource' },
        { sid: `ses_${'A'.repeat(22)}` },
        { sid: 'x' },
        { exp: undefined },
        { exp: Infinity },
        { exp: 1.5 },
        { iat: '1' },
        { jti: '' },
        { resource: undefined },
        { resource: [WALL] },
        { mode: undefined },
      ])
        expect(await at(change), JSON.stringify(change)).toBe('session_invalid')
      for (const change of [{ mode: 'drive' }, { mode: '' }, { resource: 'screen' }])
        expect(await at(change), JSON.stringify(change)).toBe('resource_required')
      const other = await keys.sign('session', claims)
      expect(await enter(server, await presented(server, visitor, other))).toBe('session_invalid')
    }
  })

  test('RES-01 without a key is no DPoP token', async () => {
    const server = startScreens()
    const [visitor] = await both(server)
    const token = await tokenOf(visitor!, WALL, 'view')
    const key = await createDeviceKey()
    const dpop = await key.prove({
      htm: 'GET',
      htu: `${server.origin}/live`,
      at: server.clock(),
      token,
    })
    expect(await enter(server, { authorization: `DPoP ${token}`, dpop })).toBe('session_invalid')
  })

  test('RES-01 a session that may all is not enough by itself, whatever it travels by', async () => {
    const server = startScreens()
    for (const visitor of await both(server)) {
      const request = await visitor.request('GET', '/live', { proof: visitor.key !== null })
      const headers = Object.fromEntries(request.headers)
      expect(await enter(server, headers)).toBe('resource_required')
    }
    const [cookie] = [await pairWith(server, ['screen:control'])]
    const headers = { cookie: cookie.cookieHeader(), origin: server.origin }
    expect([await enter(server, headers), await upgrade(server, headers)]).toEqual([
      'resource_required',
      'resource_required',
    ])
    expect(await enter(server, {})).toBe('session_required')
  })

  test('RES-01 is no session: at a route that needs no resource it is worth nothing', async () => {
    const server = startScreens()
    for (const visitor of await both(server)) {
      const headers = await presented(server, visitor, await tokenOf(visitor, WALL, 'control'))
      expect(await enter(server, headers, {})).toBe('session_invalid')
      const again = await presented(server, visitor, await tokenOf(visitor, WALL, 'control'))
      expect(await upgrade(server, again, {})).toBe('session_invalid')
      const asked = await visitor.call('POST', '/resource-tokens', {
        ...again,
        body: { resource: WALL, mode: 'view' },
        authorization: again.authorization!,
        cookies: false,
      })
      expect([asked.status, (asked.body as unknown as { code: string }).code]).toEqual([
        401,
        'session_invalid',
      ])
    }
  })

  test('RES-01 a need of scopes is judged beside it', async () => {
    const server = startScreens()
    const [visitor] = await both(server)
    const headers = await presented(server, visitor!, await tokenOf(visitor!, WALL, 'view'))
    const need = { ...viewOf(WALL), scopes: ['access:read'] as const }
    expect(await enter(server, headers, need)).toBe('insufficient_scope')
  })

  test('RES-01 a need that is half or names no mode of its kind is a fault of the app, told to the log alone', async () => {
    const server = startScreens()
    const [visitor] = await both(server)
    for (const need of [{ resource: WALL }, { mode: 'view' }, viewOf(WALL, 'drive')]) {
      const headers = await presented(server, visitor!, await tokenOf(visitor!, WALL, 'control'))
      expect(await enter(server, headers, need)).toBe('internal')
      expect(await upgrade(server, headers, need)).toBe('internal')
      expect(server.refusals.at(-1)).toMatchObject({ code: 'config_invalid' })
    }
  })

  test('RES-01 two servers of one store and two instances of one server: only the same server takes it', async () => {
    const here = startScreens()
    const again = startScreens({ store: here.store, clock: here.clock })
    const other = startScreens({
      store: here.store,
      clock: here.clock,
      secret: 'another-secret-0123456789-abcdefghijklmnopq',
    })
    const visitor = await pairWith(here, ['screen:view'], { transport: 'bearer' })
    const token = await tokenOf(visitor, WALL, 'view')
    const headers = { authorization: `Bearer ${token}` }
    expect(await Promise.all([here, again, other].map((server) => enter(server, headers)))).toEqual(
      ['view', 'view', 'session_invalid'],
    )
  })
})

describe('RES-01 a sealed ticket', () => {
  test('RES-01 opens once what it seals, and where it is brought elsewhere it is not used up', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:control'], { transport: 'bearer' })
    const ticket = await sealedTicket(visitor, WALL, 'point')
    const at = (need = viewOf(WALL)): Promise<unknown> =>
      upgrade(server, {}, need, `?ticket=${ticket}`)
    for (const need of [{}, viewOf('screen:wall-2'), viewOf('screen'), viewOf(WALL, 'control')])
      expect(await at(need)).toBe('session_invalid')
    expect(await at(viewOf(WALL, 'view'))).toMatchObject({
      auth: { resource: { name: WALL, mode: 'point' } },
    })
    expect(await at(viewOf(WALL, 'view'))).toBe('session_invalid')
  })

  test('SES-10 gives what a narrowing left since it was minted, and nothing where nothing is left', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:view', 'screen:control', 'notes:read'], {
      transport: 'bearer',
    })
    const open = async (ticket: string, mode: string): Promise<string> => {
      const guard = await upgrade(server, {}, viewOf(WALL, mode), `?ticket=${ticket}`)
      return typeof guard === 'string' ? guard : guard.auth.resource!.mode
    }
    const tickets = await Promise.all([1, 2, 3].map(() => sealedTicket(visitor, WALL, 'control')))
    await server.pair.sessions.narrow(visitor.session.id, ['screen:view', 'notes:read'] as never)
    expect(await open(tickets[0]!, 'view')).toBe('view')
    expect(await open(tickets[1]!, 'control')).toBe('insufficient_scope')
    await server.pair.sessions.narrow(visitor.session.id, ['notes:read'])
    expect(await open(tickets[2]!, 'view')).toBe('insufficient_scope')
  })

  test('SES-04 that one guard of a request refused lets in by the next, whose resource it is', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:view'], { transport: 'bearer' })
    const ticket = await sealedTicket(visitor, WALL, 'view', 'stream')
    const request = new Request(`${server.origin}/feed?ticket=${ticket}`)
    const guard = async (name: string): Promise<boolean> =>
      (await server.pair.guard(request, undefined, viewOf(name))).ok
    expect([await guard('screen:wall-2'), await guard(WALL), await guard(WALL)]).toEqual([
      false,
      true,
      true,
    ])
  })

  test('SES-04 of 40 who bring it at once, half of them to where it does not belong, one gets in', async () => {
    for (let round = 0; round < 8; round++) {
      const here = startScreens({ store: jitteredStore(memoryStore(), round + 5) })
      const there = startScreens({ store: here.store, clock: here.clock })
      const visitor = await pairWith(here, ['screen:view'], { transport: 'bearer' })
      const ticket = await sealedTicket(visitor, WALL, 'view')
      const needs = [viewOf(WALL), viewOf('screen:wall-2'), viewOf(WALL), {}]
      const guards = await race((rival) =>
        upgrade(rival % 3 ? here : there, {}, needs[rival % 4], `?ticket=${ticket}`),
      )
      const winners = guards.flatMap((guard, rival) => (typeof guard === 'string' ? [] : [rival]))
      expect(winners).toHaveLength(1)
      expect(winners[0]! % 2).toBe(0)
    }
  })

  test('RES-01 a plain ticket opens no resource, and still what it is for', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:control'], { transport: 'bearer' })
    const ticket = await visitor.ticket()
    expect(await upgrade(server, {}, viewOf(WALL), `?ticket=${ticket}`)).toBe('session_invalid')
    expect(await upgrade(server, {}, {}, `?ticket=${ticket}`)).toMatchObject({ auth: {} })
  })

  test('RES-01 a stream opens by a sealed ticket, with the proof of its key', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:view'], { key: await createDeviceKey() })
    const open = async (ticket: string, dpop: string | null): Promise<string> => {
      const guarded = await server.pair.guard(
        new Request(`${server.origin}/live?ticket=${ticket}`, {
          headers: dpop === null ? {} : { dpop },
        }),
        undefined,
        viewOf(WALL),
      )
      return guarded.ok ? guarded.auth.resource!.mode : String(guarded.response.status)
    }
    const url = { htm: 'GET', htu: `${server.origin}/live`, at: server.clock() }
    expect(await open(await sealedTicket(visitor, WALL, 'view', 'stream'), null)).toBe('401')
    const ticket = await sealedTicket(visitor, WALL, 'view', 'stream')
    expect(await open(ticket, await visitor.key!.prove({ ...url, token: ticket }))).toBe('view')
  })

  test('RES-01 a stream opens by a sealed ticket also where our cookie goes along, which opens no resource', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:view'], { transport: 'cookie' })
    const ticket = await sealedTicket(visitor, WALL, 'view', 'stream')
    const open = async (query: string): Promise<boolean> => {
      const headers = { cookie: visitor.cookieHeader() }
      const request = new Request(`${server.origin}/live${query}`, { headers })
      return (await server.pair.guard(request, undefined, viewOf(WALL))).ok
    }
    expect([await open(''), await open(`?ticket=${ticket}`)]).toEqual([false, true])
  })

  test('RES-01 a need that is no plain object lets nobody in', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:control'], { transport: 'bearer' })
    const headers = { authorization: `Bearer ${visitor.accessToken}` }
    const request = (): Request => new Request(`${server.origin}/live`, { headers })
    for (const need of [
      Promise.resolve({ scopes: ['access:write'] }),
      'screen:view',
      null,
      () => ({}),
    ]) {
      const guarded = await server.pair.guard(request(), undefined, need as never)
      expect(guarded.ok ? 200 : guarded.response.status).toBe(500)
      const socket = await server.pair.openSocket(request(), undefined, need as never)
      expect(socket).toMatchObject({ status: 500 })
    }
  })

  test('SES-10 whoever has a mode is narrowed to a weaker one, and to none that is stronger', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:point'], { transport: 'bearer' })
    const narrow = (scope: string): Promise<void> =>
      server.pair.sessions.narrow(visitor.session.id, [scope] as never)
    await expect(narrow('screen:control')).rejects.toMatchObject({ code: 'invalid_request' })
    await narrow('screen:view')
    const [item] = (await server.pair.sessions.list()).items
    expect(item!.scopes).toEqual(['screen:view'])
    await expect(narrow('screen:point')).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test('RES-01 two guards of one request: what is for a resource passes only those that need it', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:view'], { transport: 'bearer' })
    const ticket = await sealedTicket(visitor, WALL, 'view', 'stream')
    const request = new Request(`${server.origin}/live?ticket=${ticket}`)
    const first = await server.pair.guard(request, undefined, viewOf(WALL))
    const again = await server.pair.guard(request, undefined, viewOf(WALL))
    const session = await server.pair.guard(request, undefined, {})
    expect([first.ok, again.ok, session.ok]).toEqual([true, true, false])
  })

  test('RES-02 is minted like a token: not above the scopes, of no kind that is unknown, and never half', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:view'], { transport: 'bearer' })
    const ask = async (body: object): Promise<unknown> =>
      (await visitor.call('POST', '/tickets', { body: { for: 'socket', ...body } })).body.code
    expect(await ask({ resource: WALL, mode: 'point' })).toBe('insufficient_scope')
    for (const body of [
      { resource: WALL },
      { mode: 'view' },
      { resource: WALL, mode: 'drive' },
      { resource: 'desk:1', mode: 'view' },
      { resource: 'screen:a b', mode: 'view' },
      { resource: '', mode: '' },
      { resource: null, mode: null },
    ])
      expect(await ask(body), JSON.stringify(body)).toBe('invalid_request')
    expect(await ask({ resource: WALL, mode: 'view' })).toBeUndefined()
  })
})

/** With a fresh credential, where its session renews itself by a key. */
async function renewed(server: Server, visitor: Visitor): Promise<Visitor> {
  if (visitor.key === null) return visitor
  const dpop = await visitor.key.prove({
    htm: 'POST',
    htu: `${server.origin}/auth/renew`,
    at: server.clock(),
  })
  const answer = await visitor.call<{ accessToken?: string }>('POST', '/renew', {
    body: {},
    proof: dpop,
    authorization: null,
    cookies: false,
  })
  if (answer.status !== 200) throw new Error(answer.text)
  visitor.accessToken = answer.body.accessToken
  return visitor
}

test('RES-02 askToken is refused to who has no session at all, before anything is said of kinds', async () => {
  const server = startScreens()
  const visitor = await pairWith(server, ['screen:view'], { transport: 'bearer' })
  visitor.accessToken = undefined
  for (const [resource, mode] of [
    [WALL, 'view'],
    ['desk:1', 'view'],
  ])
    expect((await askToken(visitor, resource, mode)).status).toBe(401)
})
