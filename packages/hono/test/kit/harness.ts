import { createServer as createTlsServer } from 'node:https'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, upgradeWebSocket, type WebSocketServerLike } from '@hono/node-server'
import type { AdapterApp, AdapterHarness } from '@pair/testkit'
import { Hono } from 'hono'
import { WebSocketServer } from 'ws'
import {
  guardEvents,
  limitRequests,
  optionalSession,
  pairHono,
  requireSession,
  requireSocket,
} from '../../src/index.ts'

/** The app of the shared scenario on Hono. */
export const honoHarness: AdapterHarness = {
  async start(app) {
    const server = createAdaptorServer({
      fetch: toHono(app).fetch,
      websocket: {
        server: new WebSocketServer({ noServer: true }) as unknown as WebSocketServerLike,
      },
      ...(app.tls === null ? {} : { createServer: createTlsServer, serverOptions: app.tls }),
    }) as Server
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

function toHono({ pair, bodyParser, limit, show, greet, reply }: AdapterApp): Hono {
  const hono = new Hono()
  if (bodyParser === 'json')
    hono.use(async (c, next) => {
      const isJson = c.req.header('content-type')?.startsWith('application/json')
      const text = isJson ? await c.req.text() : ''
      if (text !== '') JSON.parse(text)
      await next()
    })
  hono.use(pairHono(pair))
  hono.all('/open', optionalSession(pair), (c) => c.json(show(c.var.pair)))
  hono.get('/notes', requireSession(pair, { scopes: ['notes:read'] }), (c) =>
    c.json(show(c.var.pair)),
  )
  hono.post('/notes', requireSession(pair, { scopes: ['notes:write'] }), async (c) =>
    c.json(await c.req.json()),
  )
  hono.get('/proved', requireSession(pair, { proof: 'required' }), (c) => c.json(show(c.var.pair)))
  hono.get('/limited', limitRequests(pair, limit), (c) => c.json(show({ kind: 'none' })))
  hono.get('/boom', () => {
    throw new Error('of the app')
  })
  hono.get(
    '/live',
    requireSocket(pair, { scopes: ['notes:read'] }),
    upgradeWebSocket((c) => {
      const { pairSocket } = c.var as unknown as {
        pairSocket: { auth: Parameters<typeof greet>[0] }
      }
      return guardEvents(
        c,
        {
          onOpen: (_, ws) => ws.send(greet(pairSocket.auth)),
          onMessage: ({ data }, ws) => ws.send(reply(pairSocket.auth, data as string)),
        },
        { onError: () => undefined },
      )
    }),
  )
  hono.notFound((c) => c.json({ app: 'nothing here' }, 404))
  hono.onError((error, c) => c.json({ app: 'failed' }, error instanceof SyntaxError ? 400 : 500))
  return hono
}
