import type { AuthResult, Need, Pair, SessionAuth } from '@pair/core'
import type { Context, MiddlewareHandler } from 'hono'
import { peerInfo, requestOf, type PairHonoOptions } from './request-info.ts'

/** What is needed, or what a request says of it: the resource that its path names. */
export type NeedOf<S extends string> = Need<S> | ((c: Context) => Need<S>)

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
  { connInfo }: PairHonoOptions = {},
): MiddlewareHandler<{ Variables: { pair: SessionAuth<S> } }> {
  return async (c, next) => {
    const needed = typeof need === 'function' ? need(c) : need
    const guarded = await pair.guard(requestOf(c), peerInfo(c, connInfo), needed)
    if (!guarded.ok) return guarded.response
    c.set('pair', guarded.auth)
    await next()
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
