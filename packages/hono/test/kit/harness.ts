import { createServer as createTlsServer } from 'node:https'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, upgradeWebSocket, type WebSocketServerLike } from '@hono/node-server'
import type { AdapterApp, AdapterHarness } from '@pair/testkit'
import { Hono, type Context } from 'hono'
import type { WSEvents } from 'hono/ws'
import { WebSocketServer } from 'ws'
import {
  guardEvents,
  limitRequests,
  optionalSession,
  pairHono,
  requireAgent,
  requireAny,
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

function toHono(app: AdapterApp): Hono {
  const { pair, bodyParser, limit, show, screenNeed, agentNeed, greet, reply } = app
  const hono = new Hono()
  const talk = (c: Context): WSEvents => {
    const pairSocket = c.get('pairSocket') as { auth: Parameters<typeof greet>[0] }
    return guardEvents(
      c,
      {
        onOpen: (_, ws) => ws.send(greet(pairSocket.auth)),
        onMessage: ({ data }, ws) => ws.send(reply(pairSocket.auth, data as string)),
      },
      { onError: () => undefined },
    )
  }
  if (bodyParser === 'json')
    hono.use(async (c, next) => {
      const isJson = c.req.header('content-type')?.startsWith('application/json')
      const text = isJson ? await c.req.text() : ''
      if (text !== '') JSON.parse(text)
      await next()
    })
  if (bodyParser === 'form')
    hono.use(async (c, next) => {
      const isForm = c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded')
      if (isForm) await c.req.parseBody()
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
  hono.get('/live', requireSocket(pair, { scopes: ['notes:read'] }), upgradeWebSocket(talk))
  hono.get(
    '/screens/:id',
    requireSession(pair, (c) => screenNeed(c.req.param('id') ?? '')),
    (c) => c.json(show(c.var.pair)),
  )
  hono.get(
    '/screen',
    requireSocket(pair, (c) => screenNeed(c.req.query('id') ?? '')),
    upgradeWebSocket(talk),
  )
  hono.get('/jobs', requireAgent(pair, { scopes: ['notes:read'] }), (c) => c.json(show(c.var.pair)))
  hono.get(
    '/jobs/:name',
    requireAgent(pair, (c) => agentNeed(c.req.param('name') ?? '')),
    (c) => c.json(show(c.var.pair)),
  )
  hono.get('/anyone', requireAny(pair, { who: 'any' }), (c) => c.json(show(c.var.pair)))
  hono.get('/work', requireSocket(pair, { who: 'agent' }), upgradeWebSocket(talk))
  hono.notFound((c) => c.json({ app: 'nothing here' }, 404))
  hono.onError((error, c) => c.json({ app: 'failed' }, error instanceof SyntaxError ? 400 : 500))
  return hono
}
