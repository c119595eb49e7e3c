import { createServer as createHttpServer, type Server } from 'node:http'
import { pairExpress, requireSession } from '@pair/express'
import { sendResponse, toRequest } from '@pair/node'
import { problem } from 'example-notes-server/api'
import type { Parts } from 'example-notes-server/start'
import express, {
  type ErrorRequestHandler,
  type Request as Req,
  type RequestHandler,
} from 'express'

/** The one place that knows Express: which path goes to which part, and what it needs. */
export function createServer({ pair, api, pages, addresses }: Parts): Server {
  const app = express().disable('x-powered-by')
  app.use(pairExpress(pair))

  const mayRead = requireSession(pair, { scopes: ['notes:read'] })
  const mayWrite = requireSession(pair, { scopes: ['notes:write'] })
  app.get(
    '/api/notes',
    mayRead,
    answer(() => api.list()),
  )
  app.post(
    '/api/notes',
    mayWrite,
    answer((request, req) => api.add(request, req.pair.session.device.label)),
  )
  app.delete(
    '/api/notes/:id',
    mayWrite,
    answer((_, req) => api.remove(String(req.params['id']))),
  )
  app.get('/api/addresses', requireSession(pair), (_, res) => void res.json({ items: addresses() }))

  app.use(answer(pages))
  app.use(failed)
  return createHttpServer(app)
}

/** A part of the app, which speaks Web requests and responses, as a handler of Express. */
function answer(
  part: (request: Request, req: Req) => Response | Promise<Response>,
): RequestHandler {
  return async (req, res) => {
    const request = toRequest(req)
    await sendResponse(
      res,
      request ? await part(request, req) : problem(400, 'That is no address of this server.'),
    )
  }
}

/** Express itself would answer with a stack trace. */
const failed: ErrorRequestHandler = (error: { status?: unknown }, _req, res, next) => {
  if (res.headersSent) return next(error)
  // A path that can't be decoded, for one: the fault is not ours.
  if (error.status === 400)
    return void sendResponse(res, problem(400, 'That request can not be read.'))
  console.error(error)
  void sendResponse(res, problem(500, 'That went wrong.'))
}
