import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createDeviceKey, type DeviceKey } from '../kit/device.ts'
import { dumpStore, dumpText } from '../kit/dump.ts'
import { jitteredStore, race } from '../kit/races.ts'
import {
  askToken,
  enter,
  pairWith,
  presented,
  SCREENS,
  startScreens,
  tokenOf,
  viewOf,
  WALL,
} from '../kit/screens.ts'
import type { Server } from '../kit/server.ts'
import { createVisitor, type Visitor } from '../kit/visitor.ts'

interface Claims {
  iat: number
  exp: number
  [name: string]: unknown
}

function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Claims
}

async function outcome(answer: Promise<{ status: number; body: unknown }>): Promise<string> {
  const { status, body } = await answer
  return `${status} ${(body as { code?: string; mode?: string }).code ?? (body as { mode?: string }).mode}`
}

describe('RES-02 minting a resource token', () => {
  test('RES-02 control or admin gets control, view gets view only, another gets 403', async () => {
    const server = startScreens({ keyless: 'full' })
    const table: [string[], string, string][] = [
      [['screen:view'], 'view', '200 view'],
      [['screen:view'], 'point', '403 insufficient_scope'],
      [['screen:view'], 'control', '403 insufficient_scope'],
      [['screen:point'], 'view', '200 view'],
      [['screen:point'], 'point', '200 point'],
      [['screen:point'], 'control', '403 insufficient_scope'],
      [['screen:control'], 'view', '200 view'],
      [['screen:control'], 'control', '200 control'],
      [['access:write'], 'control', '200 control'],
      [['access:read'], 'view', '403 insufficient_scope'],
      [['camera:view', 'notes:write'], 'view', '403 insufficient_scope'],
    ]
    for (const [scopes, mode, expected] of table) {
      const visitor = await pairWith(server, scopes, { transport: 'bearer' })
      expect(await outcome(askToken(visitor, WALL, mode)), `${scopes.join()} ${mode}`).toBe(
        expected,
      )
    }
  })

  test('RES-02 a refusal names the scope that is missing', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:view'], { transport: 'bearer' })
    const { body } = await askToken(visitor, WALL, 'control')
    expect(body).toMatchObject({ code: 'insufficient_scope', scopes: ['screen:control'] })
  })

  test('RES-02 the answer says what it is for and how it is presented, and is kept by nobody', async () => {
    const store = memoryStore()
    const server = startScreens({ store })
    const keyless = await pairWith(server, ['screen:view'], { transport: 'bearer' })
    const key = await createDeviceKey()
    const keyed = await pairWith(server, ['screen:view'], { key })
    const before = dumpText(await dumpStore(store))
    for (const [visitor, tokenType] of [
      [keyless, 'Bearer'],
      [keyed, 'DPoP'],
    ] as const) {
      const { body, headers } = await askToken(visitor, WALL, 'view')
      const { resourceToken, ...rest } = body
      expect(rest).toEqual({
        tokenType,
        expiresAt: new Date(server.clock() + 300_000).toISOString(),
        resource: WALL,
        mode: 'view',
      })
      expect(headers.get('cache-control')).toBe('no-store')
      const { instance } = { instance: claimsOf(resourceToken).iss as string }
      expect(claimsOf(resourceToken)).toEqual({
        iss: instance,
        aud: `${instance}/resource`,
        sub: 'owner',
        sid: visitor.session.id,
        iat: server.clock() / 1_000,
        exp: server.clock() / 1_000 + 300,
        jti: expect.stringMatching(/^[\w-]{16}$/) as string,
        resource: WALL,
        mode: 'view',
        ...(visitor.key === null ? {} : { cnf: { jkt: key.thumbprint } }),
      })
      const header = JSON.parse(Buffer.from(resourceToken.split('.')[0]!, 'base64url').toString())
      expect(header).toMatchObject({ typ: 'pair-resource+jwt' })
    }
    const kinds = (text: string): string[] => text.match(/"kind":"(?!presence|proof)\w+"/g) ?? []
    expect(kinds(dumpText(await dumpStore(store)))).toEqual(kinds(before))
  })

  test('RES-02 what is malformed is 400 and counts for nothing; an unknown kind or mode is told to a session alone', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:view'], { transport: 'bearer' })
    for (const [resource, mode] of [
      [undefined, 'view'],
      [WALL, undefined],
      [7, 'view'],
      [WALL, ['view']],
      [null, null],
      [`screen:${'a'.repeat(200)}`, 'view'],
      ['desk:1', 'view'],
      [WALL, 'drive'],
      ['screen:a b', 'view'],
      ['screen:', 'view'],
      ['__proto__', 'view'],
      ['screen:constructor', '__proto__'],
    ])
      expect(await outcome(askToken(visitor, resource, mode)), `${String(resource)}`).toBe(
        '400 invalid_request',
      )
    const stranger = createVisitor(server)
    const answers = [
      await askToken(stranger, WALL, 'view'),
      await askToken(stranger, 'desk:1', 'view'),
      await askToken(stranger, WALL, 'drive'),
    ]
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers[0]!.body).toMatchObject({ code: 'session_required' })
  })

  test('RES-02 SES-13 a key’s cookie or token alone mints none: it needs a proof, as for tickets', async () => {
    const server = startScreens()
    for (const transport of ['cookie', 'dpop'] as const) {
      const key = await createDeviceKey()
      const visitor = await pairWith(server, ['screen:view'], { key, transport })
      const body = { resource: WALL, mode: 'view' }
      const alone = await visitor.call('POST', '/resource-tokens', { body })
      expect(alone.body).toMatchObject({ code: 'proof_required' })
      expect(await outcome(askToken(visitor, WALL, 'view'))).toBe('200 view')
    }
  })

  test('RES-02 a page of another origin mints none with our cookie', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:view'])
    const answer = await visitor.call('POST', '/resource-tokens', {
      body: { resource: WALL, mode: 'view' },
      headers: { origin: 'https://evil.example' },
    })
    expect(answer.body).toMatchObject({ code: 'origin_refused' })
  })

  test('RES-02 it counts for its session, as tickets do', async () => {
    const many = { max: 1_000_000 }
    const limits = { redeem: many, change: many, preview: many, poll: { max: 3 } }
    const server = startScreens({ limits })
    const [one, other] = [
      await pairWith(server, ['screen:view'], { transport: 'bearer' }),
      await pairWith(server, ['screen:view'], { transport: 'bearer' }),
    ]
    const said: string[] = []
    for (let n = 0; n < 4; n++) said.push(await outcome(askToken(one, WALL, 'view')))
    expect(said).toEqual(['200 view', '200 view', '200 view', '429 rate_limited'])
    expect(await outcome(askToken(other, WALL, 'view'))).toBe('200 view')
  })

  test('RES-04 it ends no later than its session, and than the bearer that asked for it', async () => {
    const server = startScreens()
    const key = await createDeviceKey()
    const session = { absoluteMs: 100_000 }
    const keyed = await pairWith(server, ['screen:view'], { key, session })
    const keyless = await pairWith(server, ['screen:view'], { transport: 'bearer', session })
    server.clock.advance(40_500)
    for (const visitor of [keyed, keyless]) {
      const { iat, exp } = claimsOf(await tokenOf(visitor, WALL, 'view'))
      expect(exp - iat).toBe(60)
    }
    const full = startScreens({ keyless: 'full', session: { accessMs: 90_000 } })
    const bearer = await pairWith(full, ['screen:view'], { transport: 'bearer' })
    full.clock.advance(60_000)
    const short = claimsOf(await tokenOf(bearer, WALL, 'view'))
    expect(short.exp - short.iat).toBe(30)
    const dpop = await pairWith(full, ['screen:view'], {
      key: await createDeviceKey(),
      transport: 'dpop',
    })
    full.clock.advance(60_000)
    const proven = claimsOf(await tokenOf(dpop, WALL, 'view'))
    expect(proven.exp - proven.iat).toBe(300)
  })

  test('RES-02 a session by a code that gives a mode hands on that mode and no more', async () => {
    const server = startScreens()
    const key = await createDeviceKey()
    const owner = await pairWith(server, ['screen:point', 'access:read', 'access:write'], { key })
    const ask = (scopes: string[]): Promise<{ status: number }> =>
      owner.call('POST', '/codes', { body: { scopes }, proof: true })
    expect((await ask(['screen:point'])).status).toBe(201)
    expect((await ask(['screen:control'])).status).toBe(403)
    expect((await ask(['screen:drive'])).status).toBe(400)
  })

  test('RES-02 the start-up code gives every mode', async () => {
    const server = startScreens()
    const { typed } = await server.pair.startupCode({ origin: server.origin })
    const key = await createDeviceKey()
    const visitor = createVisitor(server, key)
    await visitor.redeem(typed)
    expect(visitor.session.scopes).toEqual(
      expect.arrayContaining(['screen:control', 'camera:view']),
    )
  })
})

interface World {
  here: Server
  there: Server
  visitor: Visitor
  other: Visitor
  token: string
}

/** Two instances of one server, and a token of one of two who are in. */
async function createWorld(key: DeviceKey): Promise<World> {
  const here = startScreens()
  const there = startScreens({ store: here.store, clock: here.clock })
  const visitor = await pairWith(here, ['screen:view'], { key })
  const other = await pairWith(here, ['screen:view'], { transport: 'bearer' })
  return { here, there, visitor, other, token: await tokenOf(visitor, WALL, 'view') }
}

describe('SES-05', () => {
  test('SES-05 a token minted at the very moment of a revoke is worth nothing after it', async () => {
    for (let round = 0; round < 8; round++) {
      const server = startScreens({ store: jitteredStore(memoryStore(), round + 11) })
      const visitor = await pairWith(server, ['screen:control'], { transport: 'bearer' })
      let begun: () => void = () => {}
      const first = new Promise<void>((resolve) => (begun = resolve))
      const answers = await race(async (rival) => {
        if (rival !== 20) return askToken(visitor, WALL, 'control').finally(begun)
        await first
        const { pair } = server
        await (round % 2
          ? pair.sessions.revoke(visitor.session.id)
          : pair.devices.revoke(visitor.session.device.id))
        return null
      })
      const tokens = answers.flatMap((answer) => answer?.body.resourceToken ?? [])
      expect(tokens.length).toBeGreaterThan(0)
      for (const token of tokens) {
        const headers = await presented(server, visitor, token)
        expect(await enter(server, headers)).toBe('session_revoked')
      }
    }
  })

  test('SES-10 a token minted at the very moment of a narrowing gives what is left', async () => {
    for (let round = 0; round < 8; round++) {
      const server = startScreens({ store: jitteredStore(memoryStore(), round + 77) })
      const scopes = ['screen:view', 'screen:control']
      const visitor = await pairWith(server, scopes, { transport: 'bearer' })
      let begun: () => void = () => {}
      const first = new Promise<void>((resolve) => (begun = resolve))
      const answers = await race(async (rival) => {
        if (rival !== 20) return askToken(visitor, WALL, 'control').finally(begun)
        await first
        await server.pair.sessions.narrow(visitor.session.id, ['screen:view'] as never)
        return null
      })
      const tokens = answers.flatMap((answer) => answer?.body.resourceToken ?? [])
      expect(tokens.length).toBeGreaterThan(0)
      for (const token of tokens) {
        const headers = await presented(server, visitor, token)
        expect(await enter(server, headers, viewOf(WALL, 'control'))).toBe('insufficient_scope')
        expect(await enter(server, headers)).toBe('view')
      }
      expect(await outcome(askToken(visitor, WALL, 'control'))).toBe('403 insufficient_scope')
    }
  })

  test('SES-05 tokens die with logout, revoke-others, revoke-all and re-pairing, on every instance', async () => {
    const key = await createDeviceKey()
    const endings: [string, (world: World) => Promise<unknown>][] = [
      ['logout', ({ visitor }) => visitor.call('POST', '/logout', { proof: true })],
      ['revoke-all', ({ here }) => here.pair.sessions.revokeAll()],
      ['revoke-others', ({ here, other }) => here.pair.sessions.revokeOthers(other.session.id)],
      ['re-pairing', ({ here }) => pairWith(here, ['screen:view'], { key })],
    ]
    for (const [name, end] of endings) {
      const made = await createWorld(key)
      const at = async (server: typeof made.here): Promise<string> =>
        enter(server, await presented(server, made.visitor, made.token))
      expect([await at(made.here), await at(made.there)], name).toEqual(['view', 'view'])
      await end(made)
      expect([await at(made.here), await at(made.there)], name).toEqual([
        'session_revoked',
        'session_revoked',
      ])
    }
  })
})

test('RES-01 tokens are read strictly by who holds our public keys too: EdDSA where it is asked for', async () => {
  const server = startScreens({ signing: 'eddsa', resources: SCREENS })
  const visitor = await pairWith(server, ['screen:view'], { transport: 'bearer' })
  const token = await tokenOf(visitor, WALL, 'view')
  const header = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as object
  expect(header).toMatchObject({ alg: 'EdDSA', typ: 'pair-resource+jwt' })
  expect(await enter(server, { authorization: `Bearer ${token}` })).toBe('view')
  expect(await enter(server, { authorization: `Bearer ${token}` }, {})).toBe('session_invalid')
})
