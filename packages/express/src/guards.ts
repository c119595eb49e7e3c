import type {
  AuthResult,
  Guarded,
  Identified,
  Need,
  Pair,
  RequestHead,
  SessionAuth,
} from '@pair/core'
import { sendResponse, toRequestHead, toRequestInfo } from '@pair/node'
import { middleware, type ExpressRequest, type Middleware } from './middleware.ts'

declare global {
  namespace Express {
    interface Request {
      /** The session, behind `requireSession`. On other routes it is not there, so that a use of it fails. */
      pair: SessionAuth
      /** Who asks, behind `optionalSession`. On other routes it is not there. */
      optionalPair: AuthResult
    }
  }
}

/** A request that a route has matched. */
export interface RoutedRequest extends ExpressRequest {
  params: Readonly<Record<string, string>>
}

/** What is needed, or what a request says of it: the resource that its path names. */
export type NeedOf<S extends string> = Need<S> | ((req: RoutedRequest) => Need<S>)

/**
 * Lets a request pass that carries a live session and meets the need; `req.pair` is that session. Others are answered
 * 401 or 403 with a problem body.
 *
 * @example
 * ```ts
 * import { createPair, memoryStore } from '@pair/core'
 * import { requireSession } from '@pair/express'
 * import express from 'express'
 * const secret = crypto.getRandomValues(new Uint8Array(32))
 * const pair = createPair({ secret, store: memoryStore(), scopes: ['notes:read'] })
 * const app = express()
 * app.get('/notes', requireSession(pair, { scopes: ['notes:read'] }), (req, res) => {
 *   res.send(req.pair.session.subject)
 * })
 * ```
 */
export function requireSession<S extends string>(
  pair: Pair<S>,
  need: NeedOf<NoInfer<S>> = {},
): Middleware {
  return guarded('pair', (req, request) => {
    const needed = typeof need === 'function' ? need(req as RoutedRequest) : need
    return pair.guard(request, toRequestInfo(req), needed)
  })
}

/**
 * Tells who asks and lets everyone pass; `req.optionalPair` is the session, or `{ kind: 'none' }`. Requests that no one
 * may send (another site's page, a host that is not ours, a credential twice) are still refused.
 */
export function optionalSession<S extends string>(pair: Pair<S>): Middleware {
  return guarded('optionalPair', (req, request) => pair.identify(request, toRequestInfo(req)))
}

function guarded<S extends string>(
  name: 'pair' | 'optionalPair',
  judge: (req: ExpressRequest, request: RequestHead) => Promise<Guarded<S> | Identified<S>>,
): Middleware {
  return middleware(async (req, res) => {
    const request = requestOf(req)
    const judged = request && (await judge(req, request))
    if (judged?.ok) (req as { pair?: unknown; optionalPair?: unknown })[name] = judged.auth
    else await sendResponse(res, judged?.response ?? new Response(null, { status: 400 }))
    return judged?.ok === true
  })
}

// Every copy of this module knows it.
const judgedRequest = Symbol.for('@pair/express judged request')

/** The request that every guard on its way judges: the same one, so that one proof serves them all. */
function requestOf(req: ExpressRequest & { [judgedRequest]?: RequestHead }): RequestHead | null {
  const before = req[judgedRequest]
  // What overrides the method makes another request of it, which the rules for that method judge.
  if (before !== undefined && before.method === req.method) return before
  const request = toRequestHead(req, { target: req.originalUrl })
  if (request !== null) req[judgedRequest] = request
  return request
}
