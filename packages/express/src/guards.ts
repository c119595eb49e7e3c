import type {
  AgentAuth,
  AuthResult,
  Guarded,
  Identified,
  Need,
  Pair,
  RequestHead,
  SessionAuth,
  SessionNeed,
} from '@pair/core'
import { sendResponse, toRequestHead, toRequestInfo } from '@pair/node'
import { middleware, type ExpressRequest, type Middleware } from './middleware.ts'

declare global {
  namespace Express {
    interface Request {
      /** The session, behind `requireSession`. On other routes it is not there, so that a use of it fails. */
      pair: SessionAuth
      /** The agent, behind `requireAgent`. On other routes it is not there. */
      agentPair: AgentAuth
      /** The session or agent, behind `requireAny`. On other routes it is not there. */
      anyPair: SessionAuth | AgentAuth
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
export type NeedOf<S extends string> = SessionNeed<S> | ((req: RoutedRequest) => SessionNeed<S>)

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
  const ours = (wanted: SessionNeed<S>) => ({ ...wanted, who: 'session' as const })
  return guardedBy(pair, 'pair', typeof need === 'function' ? (req) => ours(need(req)) : ours(need))
}

/** What is needed of an agent: `who` is said already. */
export type AgentNeed<S extends string> = Omit<
  Need<S>,
  'who' | 'proof' | 'resource' | 'mode' | 'classify'
>

/**
 * Lets an agent pass that brings the live key of its own and meets the need; `req.agentPair` is that agent. Others are answered
 * 401 or 403 with a problem body, people's devices too. Needs `agent()` among the `extensions`.
 *
 * @example
 * ```ts
 * import { createPair, memoryStore } from '@pair/core'
 * import { agent } from '@pair/core/agent'
 * import { requireAgent } from '@pair/express'
 * import express from 'express'
 * const secret = crypto.getRandomValues(new Uint8Array(32))
 * const pair = createPair({ secret, store: memoryStore(), extensions: [agent()] })
 * const app = express()
 * app.get(
 *   '/agents/:name/jobs',
 *   requireAgent(pair, (req) => ({ agent: req.params['name'] ?? '' })),
 *   (req, res) => {
 *     res.send(req.agentPair.agent.id)
 *   },
 * )
 * ```
 */
export function requireAgent<S extends string>(
  pair: Pair<S>,
  need: AgentNeed<NoInfer<S>> | ((req: RoutedRequest) => AgentNeed<NoInfer<S>>) = {},
): Middleware {
  const ours = (wanted: AgentNeed<S>) => ({ ...wanted, who: 'agent' as const })
  return guardedBy(
    pair,
    'agentPair',
    typeof need === 'function' ? (req) => ours(need(req)) : ours(need),
  )
}

/** Who may come: people's devices and agents, the one or the other. */
export type AnyNeed<S extends string> = Need<S> & { who?: 'any' }

/**
 * Lets people's devices and agents pass that meet the need; `req.anyPair` is the one or the other. Others are answered 401 or
 * 403 with a problem body.
 */
export function requireAny<S extends string>(
  pair: Pair<S>,
  need: AnyNeed<NoInfer<S>> | ((req: RoutedRequest) => AnyNeed<NoInfer<S>>) = {},
): Middleware {
  const ours = (wanted: AnyNeed<S>) => ({ ...wanted, who: 'any' as const })
  return guardedBy(
    pair,
    'anyPair',
    typeof need === 'function' ? (req) => ours(need(req)) : ours(need),
  )
}

function guardedBy<S extends string>(
  pair: Pair<S>,
  name: 'pair' | 'agentPair' | 'anyPair',
  need: Need<S> | ((req: RoutedRequest) => Need<S>),
): Middleware {
  return guarded(name, (req, request) => {
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
  name: 'pair' | 'agentPair' | 'anyPair' | 'optionalPair',
  judge: (
    req: ExpressRequest,
    request: RequestHead,
  ) => Promise<Guarded<SessionAuth<S> | AgentAuth<S>> | Identified<S>>,
): Middleware {
  return middleware(async (req, res) => {
    const request = requestOf(req)
    const judged = request && (await judge(req, request))
    if (!judged?.ok) {
      await sendResponse(res, judged?.response ?? new Response(null, { status: 400 }))
      return false
    }
    Object.assign(req, { [name]: judged.auth })
    const headers = 'headers' in judged ? judged.headers : {}
    for (const [header, value] of Object.entries(headers ?? {})) res.setHeader(header, value)
    return true
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
