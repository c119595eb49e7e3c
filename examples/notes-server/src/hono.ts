import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { pairHono, requireSession } from '@pair/hono'
import type { Pair } from '@pair/core'
import { Hono } from 'hono'
import { problem, type NotesApi } from './api.ts'

/** The parts of the app, none of which knows the framework. */
export interface Parts {
  pair: Pair<NotesScope>
  api: NotesApi
  pages: (path: string) => Response | null
  /** The origins by which a phone may reach this server. */
  addresses: () => readonly string[]
}

export type NotesScope = 'notes:read' | 'notes:write'

/** The one place that knows Hono: which path goes to which part, and what it needs. */
export function createServer({ pair, api, pages, addresses }: Parts): Server {
  const app = new Hono()
  app.use(pairHono(pair))

  const mayRead = requireSession(pair, { scopes: ['notes:read'] })
  const mayWrite = requireSession(pair, { scopes: ['notes:write'] })
  app.get('/api/notes', mayRead, () => api.list())
  app.post('/api/notes', mayWrite, (c) => api.add(c.req.raw, c.var.pair.session.device.label))
  app.delete('/api/notes/:id', mayWrite, (c) => api.remove(c.req.param('id')))
  app.get('/api/addresses', requireSession(pair, {}), (c) => c.json({ items: addresses() }))

  // The pages are for everybody, at our own host names alone. Nothing else of the request counts: no cookie that was
  // planted or ran out keeps anybody from the page that mends it.
  app.get('*', async (c, next) => {
    const asked = await pair.identify(new Request(c.req.url))
    return asked.ok ? (pages(c.req.path) ?? (await next())) : asked.response
  })
  app.notFound(() => problem(404, 'There is nothing here.'))
  return createAdaptorServer({ fetch: app.fetch }) as Server
}
