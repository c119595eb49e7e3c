import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { AgentAuth, SessionAuth } from '@pair/core'
import { attachUpgrade, type UpgradeOptions } from '@pair/node'
import type { AdapterApp, AdapterHarness, AdapterScope } from '@pair/testkit'
import type express from 'express'
import type { ErrorRequestHandler, Express } from 'express'
import { WebSocketServer } from 'ws'
import {
  limitRequests,
  optionalSession,
  pairExpress,
  requireAgent,
  requireAny,
  requireSession,
} from '../../src/index.ts'

/** The app of the shared scenario on this Express, 4 or 5. */
export function expressHarness(framework: typeof express): AdapterHarness {
  return {
    async start(app) {
      const handler = toExpress(framework, app)
      const server: Server =
        app.tls === null ? createServer(handler) : createTlsServer(app.tls, handler)
      const talk = <W extends 'session' | 'agent'>(
        path: string,
        need: UpgradeOptions<AdapterScope, W>['need'],
      ): void => {
        attachUpgrade<AdapterScope, W>(server, {
          pair: app.pair,
          path,
          need,
          ws: { WebSocketServer },
          onConnection(connection) {
            // Both have what the app looks at; which of them it is says `who`.
            const auth = (): SessionAuth | AgentAuth => connection.auth
            connection.socket.send(app.greet(auth()))
            return { onMessage: (frame) => connection.socket.send(app.reply(auth(), frame)) }
          },
          onError: () => undefined,
        })
      }
      talk<'session'>('/live', { scopes: ['notes:read'] })
      talk<'session'>('/screen', ({ url }) =>
        app.screenNeed(new URL(url).searchParams.get('id') ?? ''),
      )
      talk<'agent'>('/work', { who: 'agent' })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      return {
        origin: `${app.tls === null ? 'http' : 'https'}://127.0.0.1:${port}`,
        async close() {
          server.closeAllConnections()
          server.close()
        },
      }
    },
  }
}

function toExpress(
  framework: typeof express,
  { pair, bodyParser, limit, show, screenNeed, agentNeed }: AdapterApp,
): Express {
  const app = framework()
  const json = framework.json({ limit: '1mb' })
  if (bodyParser === 'json') app.use(json)
  if (bodyParser === 'form') app.use(framework.urlencoded({ extended: false, limit: '1mb' }))
  app.use(pairExpress(pair))
  app.all('/open', optionalSession(pair), (req, res) => void res.json(show(req.optionalPair)))
  app.get(
    '/notes',
    requireSession(pair, { scopes: ['notes:read'] }),
    (req, res) => void res.json(show(req.pair)),
  )
  app.post(
    '/notes',
    requireSession(pair, { scopes: ['notes:write'] }),
    json,
    (req, res) => void res.json(req.body),
  )
  app.get(
    '/proved',
    requireSession(pair, { proof: 'required' }),
    (req, res) => void res.json(show(req.pair)),
  )
  app.get(
    '/screens/:id',
    requireSession(pair, (req) => screenNeed(req.params['id'] ?? '')),
    (req, res) => void res.json(show(req.pair)),
  )
  app.get(
    '/jobs',
    requireAgent(pair, { scopes: ['notes:read'] }),
    (req, res) => void res.json(show(req.agentPair)),
  )
  app.get(
    '/jobs/:name',
    requireAgent(pair, (req) => agentNeed(req.params['name'] ?? '')),
    (req, res) => void res.json(show(req.agentPair)),
  )
  app.get('/anyone', requireAny(pair), (req, res) => void res.json(show(req.anyPair)))
  app.get('/limited', limitRequests(pair, limit), (_, res) => void res.json(show({ kind: 'none' })))
  app.get('/boom', () => {
    throw new Error('of the app')
  })
  app.use((_, res) => void res.status(404).json({ app: 'nothing here' }))
  const onError: ErrorRequestHandler = (error: { status?: number }, _req, res, _next) => {
    res.status(error.status ?? 500).json({ app: 'failed' })
  }
  app.use(onError)
  return app
}
