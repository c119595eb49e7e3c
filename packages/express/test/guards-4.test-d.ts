import { createPair, memoryStore, type AuthResult, type SessionAuth } from '@pair/core'
import express from 'express4'
import { expectTypeOf, test } from 'vitest'
import { optionalSession, pairExpress, requireSession } from '../src/index.ts'

const pair = createPair({
  secret: new Uint8Array(32),
  store: memoryStore(),
  scopes: ['notes:read', 'notes:write'],
})

test('mount and guards fit the types of Express 4, and the handlers behind them know the session', () => {
  const app = express().use(pairExpress(pair))
  app.use('/notes', requireSession(pair))
  express.Router().use(requireSession(pair), optionalSession(pair))
  app.get('/notes/:id', requireSession(pair, { scopes: ['notes:read'] }), (req, res) => {
    expectTypeOf(req.pair).toEqualTypeOf<SessionAuth>()
    expectTypeOf(req.params).toEqualTypeOf<{ id: string }>()
    res.json(req.pair.session.device.label)
  })
  app.get('/', optionalSession(pair), (req, res) => {
    expectTypeOf(req.optionalPair).toEqualTypeOf<AuthResult>()
    res.send(req.optionalPair.kind)
  })
})
