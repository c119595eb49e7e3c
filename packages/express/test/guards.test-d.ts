import {
  createPair,
  memoryStore,
  type AgentAuth,
  type AuthResult,
  type SessionAuth,
} from '@pair/core'
import express from 'express'
import { expectTypeOf, test } from 'vitest'
import {
  optionalSession,
  pairExpress,
  requireAgent,
  requireAny,
  requireSession,
} from '../src/index.ts'

const pair = createPair({
  secret: new Uint8Array(32),
  store: memoryStore(),
  scopes: ['notes:read', 'notes:write'],
})

test('behind requireSession req.pair is the session, in every place of a handler', () => {
  const app = express().use(pairExpress(pair))
  app.use('/notes', requireSession(pair))
  express.Router().use(requireSession(pair), optionalSession(pair))
  app.get('/notes', requireSession(pair, { scopes: ['notes:read'] }), (req, res) => {
    expectTypeOf(req.pair).toEqualTypeOf<SessionAuth>()
    res.json(req.pair.session.device.label)
  })
  app.all('/notes', [requireSession(pair), express.json()], (req: express.Request) => {
    expectTypeOf(req.pair.kind).toEqualTypeOf<'session'>()
  })
})

test('behind optionalSession it may be nobody', () => {
  express().get('/', optionalSession(pair), (req, res) => {
    expectTypeOf(req.optionalPair).toEqualTypeOf<AuthResult>()
    // @ts-expect-error there may be no session
    void req.optionalPair.session
    res.send(req.optionalPair.kind)
  })
})

test('behind requireAgent req.agentPair is the agent, behind requireAny it may be a session', () => {
  express().get('/', requireAgent(pair, { agent: 'a' }), (req, res) => {
    expectTypeOf(req.agentPair).toEqualTypeOf<AgentAuth>()
    res.send(req.agentPair.agent.id)
  })
  express().get('/', requireAny(pair, { scopes: ['notes:read'] }), (req, res) => {
    expectTypeOf(req.anyPair).toEqualTypeOf<SessionAuth | AgentAuth>()
    res.send(req.anyPair.kind)
  })
  // @ts-expect-error agents do not pass there
  requireSession(pair, { who: 'agent' })
})

test('a guard leaves the types of the route’s parameters as they are', () => {
  express().get('/notes/:id', requireSession(pair), (req, res) => {
    expectTypeOf(req.params).toEqualTypeOf<{ id: string }>()
    res.send(req.params.id)
  })
})

test('only scopes of the options, and those of access, can be needed', () => {
  requireSession(pair, { scopes: ['access:read', 'notes:write'], proof: 'required' })
  // @ts-expect-error not a scope of this server
  requireSession(pair, { scopes: ['notes:raed'] })
  // @ts-expect-error there is no such word
  requireSession(pair, { proof: 'maybe' })
})

test('a need may come from the request, by the parameters of its route', () => {
  express().get(
    '/screens/:id',
    requireSession(pair, (req) => ({ resource: `screen:${req.params['id']}`, mode: 'view' })),
    (req, res) => {
      expectTypeOf(req.params).toEqualTypeOf<{ id: string }>()
      res.send(req.pair.resource?.mode)
    },
  )
})
