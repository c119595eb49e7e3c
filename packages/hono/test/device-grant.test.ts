import { describe } from 'vitest'
import { testStockClients } from '../../core/test/oauth/stock-clients.ts'
import { requireSession } from '../src/index.ts'
import { startHome } from './kit/home.ts'

describe('the device grant behind Hono', () => {
  testStockClients((options) =>
    startHome(
      (app, pair) =>
        app.get('/notes', requireSession(pair, { scopes: ['notes:read'] }), (c) =>
          c.json(c.var.pair.session.device.label),
        ),
      options,
    ),
  )
})
