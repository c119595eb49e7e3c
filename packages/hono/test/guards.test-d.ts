import {
  createPair,
  memoryStore,
  type AccessScope,
  type AgentAuth,
  type AuthResult,
  type Pair,
  type PairOptions,
  type ResourceAccess,
  type SessionAuth,
} from '@pair/core'
import { Hono } from 'hono'
import { expectTypeOf, test } from 'vitest'
import {
  optionalSession,
  requireAgent,
  requireAny,
  requireSession,
  requireSocket,
} from '../src/index.ts'

const pair = createPair({
  secret: new Uint8Array(32),
  store: memoryStore(),
  scopes: ['notes:read', 'notes:write'],
})
type Scope = 'notes:read' | 'notes:write'

test('behind requireSession c.var.pair is the session, with the scopes of the options', () => {
  new Hono().get('/', requireSession(pair, { scopes: ['notes:read'] }), (c) => {
    expectTypeOf(c.var.pair).toEqualTypeOf<SessionAuth<Scope>>()
    expectTypeOf(c.var.pair.session.scopes).toEqualTypeOf<(Scope | AccessScope)[]>()
    expectTypeOf(c.get('pair').kind).toEqualTypeOf<'session'>()
    return c.text(c.var.pair.session.device.label)
  })
})

test('behind optionalSession it may be nobody', () => {
  new Hono().get('/', optionalSession(pair), (c) => {
    expectTypeOf(c.var.pair).toEqualTypeOf<AuthResult<Scope>>()
    // @ts-expect-error there may be no session
    void c.var.pair.session
    return c.text(
      c.var.pair.kind === 'session'
        ? c.var.pair.session.subject
        : c.var.pair.kind === 'agent'
          ? c.var.pair.agent.id
          : (c.var.pair.reason ?? 'nobody'),
    )
  })
})

test('behind requireSocket the way in knows its session', () => {
  new Hono().get('/', requireSocket(pair), (c) => {
    expectTypeOf(c.var.pairSocket.auth).toEqualTypeOf<SessionAuth<Scope>>()
    return c.text('')
  })
})

test('behind requireAgent it is an agent, behind requireAny and such a socket what its need says', () => {
  new Hono().get('/', requireAgent(pair, { scopes: ['notes:read'], agent: 'a' }), (c) => {
    expectTypeOf(c.var.pair).toEqualTypeOf<AgentAuth<Scope>>()
    // @ts-expect-error no session
    void c.var.pair.session
    return c.text(c.var.pair.agent.id)
  })
  new Hono().get('/', requireAny(pair, { who: 'any' }), (c) => {
    expectTypeOf(c.var.pair).toEqualTypeOf<SessionAuth<Scope> | AgentAuth<Scope>>()
    return c.text(c.var.pair.kind)
  })
  new Hono().get('/', requireSocket(pair, { who: 'agent' }), (c) => {
    expectTypeOf(c.var.pairSocket.auth).toEqualTypeOf<AgentAuth<Scope>>()
    return c.text('')
  })
  // @ts-expect-error who may come is said already
  requireAgent(pair, { who: 'any' })
  // @ts-expect-error agents do not pass there
  requireSession(pair, { who: 'agent' })
})

test('without a guard there is no session', () => {
  new Hono().get('/', (c) => {
    // @ts-expect-error nobody put it there
    void c.var.pair.session
    return c.text('')
  })
})

test('only scopes of the options, and those of access, can be needed', () => {
  requireSession(pair, { scopes: ['access:read', 'notes:write'], proof: 'required' })
  // @ts-expect-error not a scope of this server
  requireSession(pair, { scopes: ['notes:raed'] })
  // @ts-expect-error not a scope of this server
  requireSocket(pair, { scopes: ['admin'] })
  // @ts-expect-error there is no such word
  requireSession(pair, { proof: 'maybe' })
})

const screens = createPair({
  secret: new Uint8Array(32),
  store: memoryStore(),
  scopes: ['notes:read'],
  resources: { screen: { modes: ['view', 'control'], messages: { control: ['key'] } } },
})

test('the modes of resources are scopes, and a need may come from the request', () => {
  requireSession(screens, { scopes: ['screen:control', 'notes:read'] })
  // @ts-expect-error no mode of a screen
  requireSession(screens, { scopes: ['screen:drive'] })
  void screens.codes.issue({ scopes: ['screen:view'] })
  new Hono().get(
    '/screens/:id',
    requireSession(screens, (c) => ({ resource: `screen:${c.req.param('id')}`, mode: 'view' })),
    requireSocket(screens, () => ({ resource: 'screen', mode: 'view' })),
    (c) => {
      expectTypeOf(c.var.pair.resource).toEqualTypeOf<ResourceAccess | undefined>()
      return c.text(c.var.pair.resource?.mode ?? '')
    },
  )
})

test('options that were annotated bring the scopes that they name', () => {
  const options: PairOptions<Scope> = {
    secret: new Uint8Array(32),
    store: memoryStore(),
    resources: { screen: { modes: ['view'] } },
  }
  expectTypeOf(createPair(options)).toEqualTypeOf<Pair<Scope>>()
})
