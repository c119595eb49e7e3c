import type { AppLimit, Pair } from '@pair/core'
import type { MiddlewareHandler } from 'hono'
import { peerInfo, type PairHonoOptions } from './request-info.ts'

/**
 * Lets as many requests of an address pass as the rule says, counted where pairings are counted; others are answered 429
 * with a problem body. Answers tell where the limit stands.
 *
 * @example
 * ```ts
 * import { createPair, memoryStore } from '@pair/core'
 * import { limitRequests } from '@pair/hono'
 * import { Hono } from 'hono'
 * const secret = crypto.getRandomValues(new Uint8Array(32))
 * const pair = createPair({ secret, store: memoryStore() })
 * const app = new Hono()
 * app.get('/search', limitRequests(pair, { name: 'search', max: 30 }), (c) => c.text('found'))
 * ```
 */
export function limitRequests<S extends string>(
  pair: Pair<S>,
  rule: AppLimit,
  { connInfo }: PairHonoOptions = {},
): MiddlewareHandler {
  return async (c, next) => {
    const limited = await pair.limit(c.req.raw, peerInfo(c, connInfo), rule)
    if (!limited.ok) return limited.response
    await next()
    // What a limit further in has said is the nearer truth.
    for (const [name, value] of Object.entries(limited.headers))
      if (!c.res.headers.has(name)) c.header(name, value)
    return undefined
  }
}
