import type {
  AgentAuth,
  AuthOf,
  AuthResult,
  Need,
  Pair,
  SessionAuth,
  SessionNeed,
} from '@pair/core'
import type { Context, MiddlewareHandler } from 'hono'
import { peerInfo, requestOf, type PairHonoOptions } from './request-info.ts'

/** What is needed, or what a request says of it: the resource that its path names. */
export type NeedOf<S extends string> = SessionNeed<S> | ((c: Context) => SessionNeed<S>)

/** Who may come, people's devices among others: `who: 'any'` for both, `who: 'agent'` for agents alone. */
export type AnyNeed<S extends string, W extends Need['who']> = Need<S> & { who?: W }

/** The same, or what a request says of it: the agent that its path names. */
export type AnyNeedOf<S extends string, W extends Need['who']> =
  | AnyNeed<S, W>
  | ((c: Context) => AnyNeed<S, W>)

/** What is needed of an agent: `who` is said already. */
export type AgentNeed<S extends string> = Omit<
  Need<S>,
  'who' | 'proof' | 'resource' | 'mode' | 'classify'
>

/**
 * Lets a request pass that carries a live session and meets the need; `c.var.pair` is that session. Others are answered
 * 401 or 403 with a problem body.
 *
 * @example
 * ```ts
 * import { createPair, memoryStore } from '@pair/core'
 * import { requireSession } from '@pair/hono'
 * import { Hono } from 'hono'
 * const secret = crypto.getRandomValues(new Uint8Array(32))
 * const pair = createPair({ secret, store: memoryStore(), scopes: ['notes:read'] })
 * const app = new Hono()
 * app.get('/notes', requireSession(pair, { scopes: ['notes:read'] }), (c) => c.text(c.var.pair.session.subject))
 * ```
 */
export function requireSession<S extends string>(
  pair: Pair<S>,
  need: NeedOf<NoInfer<S>> = {},
  options: PairHonoOptions = {},
): MiddlewareHandler<{ Variables: { pair: SessionAuth<S> } }> {
  const ours = <N>(wanted: N): N & { who: 'session' } => ({ ...wanted, who: 'session' })
  return requireAny(pair, typeof need === 'function' ? (c) => ours(need(c)) : ours(need), options)
}

/**
 * Lets an agent pass that brings the live key of its own and meets the need; `c.var.pair` is that agent. Others are answered 401
 * or 403 with a problem body, people's devices too. Needs `agent()` among the `extensions`.
 *
 * @example
 * ```ts
 * import { createPair, memoryStore } from '@pair/core'
 * import { agent } from '@pair/core/agent'
 * import { requireAgent } from '@pair/hono'
 * import { Hono } from 'hono'
 * const secret = crypto.getRandomValues(new Uint8Array(32))
 * const pair = createPair({ secret, store: memoryStore(), extensions: [agent()] })
 * const app = new Hono()
 * app.get(
 *   '/agents/:name/jobs',
 *   requireAgent(pair, (c) => ({ agent: c.req.param('name') })),
 *   (c) => c.text(c.var.pair.agent.id),
 * )
 * ```
 */
export function requireAgent<S extends string>(
  pair: Pair<S>,
  need: AgentNeed<NoInfer<S>> | ((c: Context) => AgentNeed<NoInfer<S>>) = {},
  options: PairHonoOptions = {},
): MiddlewareHandler<{ Variables: { pair: AgentAuth<S> } }> {
  const ours = <N>(wanted: N): N & { who: 'agent' } => ({ ...wanted, who: 'agent' })
  return requireAny(pair, typeof need === 'function' ? (c) => ours(need(c)) : ours(need), options)
}

/**
 * Lets whoever meets the need pass, by its `who`: `any` are people's devices and agents; `c.var.pair` is the one or the other.
 * Others are answered 401 or 403 with a problem body.
 */
export function requireAny<S extends string, W extends Need['who'] = 'any'>(
  pair: Pair<S>,
  need: AnyNeedOf<NoInfer<S>, W>,
  { connInfo }: PairHonoOptions = {},
): MiddlewareHandler<{ Variables: { pair: AuthOf<S, W> } }> {
  return async (c, next) => {
    const needed = typeof need === 'function' ? need(c) : need
    const guarded = await pair.guard<W>(requestOf(c), peerInfo(c, connInfo), needed)
    if (!guarded.ok) return guarded.response
    c.set('pair', guarded.auth)
    await next()
    for (const [name, value] of Object.entries(guarded.headers ?? {})) c.header(name, value)
    return undefined
  }
}

/**
 * Tells who asks and lets everyone pass; `c.var.pair` is the session, or `{ kind: 'none' }`. Requests that no one may
 * send (another site's page, a host that is not ours, a credential twice) are still refused.
 */
export function optionalSession<S extends string>(
  pair: Pair<S>,
  { connInfo }: PairHonoOptions = {},
): MiddlewareHandler<{ Variables: { pair: AuthResult<S> } }> {
  return async (c, next) => {
    const guarded = await pair.identify(requestOf(c), peerInfo(c, connInfo))
    if (!guarded.ok) return guarded.response
    c.set('pair', guarded.auth)
    await next()
    return undefined
  }
}
