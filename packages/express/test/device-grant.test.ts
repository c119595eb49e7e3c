import express from 'express'
import { describe } from 'vitest'
import { testStockClients } from '../../core/test/oauth/stock-clients.ts'
import { requireSession } from '../src/index.ts'
import { frameworks, startHome } from './kit/home.ts'

describe.each(frameworks)('the device grant behind %s, where body parsers ran', (_, framework) => {
  testStockClients((options) =>
    startHome(
      framework,
      (app, pair) =>
        void app.get('/notes', requireSession(pair, { scopes: ['notes:read'] }), (req, res) => {
          res.json(req.pair.session.device.label)
        }),
      {
        ...options,
        before: (app) => void app.use(express.json(), express.urlencoded({ extended: true })),
      },
    ),
  )
})
