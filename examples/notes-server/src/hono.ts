import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { pairHono, requireSession } from '@pair/hono'
import { Hono } from 'hono'
import type { Parts } from './start.ts'

/** The one place that knows Hono: which path goes to which part, and what it needs. */
export function createServer({ pair, api, pages, addresses }: Parts): Server {
  const app = new Hono()
  app.use(pairHono(pair))

  const mayRead = requireSession(pair, { scopes: ['notes:read'] })
  const mayWrite = requireSession(pair, { scopes: ['notes:write'] })
  app.get('/api/notes', mayRead, () => api.list())
  app.post('/api/notes', mayWrite, (c) => api.add(c.req.raw, c.var.pair.session.device.label))
  app.delete('/api/notes/:id', mayWrite, (c) => api.remove(c.req.param('id')))
  app.get('/api/addresses', requireSession(pair), (c) => c.json({ items: addresses() }))

  app.all('*', (c) => pages(c.req.raw))
  return createAdaptorServer({ fetch: app.fetch }) as Server
}
