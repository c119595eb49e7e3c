import type { Pair } from '@pair/core'
import type { MiddlewareHandler } from 'hono'
import { requestInfo, type PairHonoOptions } from './request-info.ts'

/**
 * Mounts the routes of @pair: `app.use(pairHono(pair))`. Requests that are not ours go on to the app.
 *
 * @example
 * ```ts
 * import { createPair, memoryStore } from '@pair/core'
 * import { pairHono } from '@pair/hono'
 * import { Hono } from 'hono'
 * const pair = createPair({ secret: crypto.getRandomValues(new Uint8Array(32)), store: memoryStore() })
 * const app = new Hono().use(pairHono(pair))
 * ```
 */
export function pairHono<S extends string>(
  pair: Pair<S>,
  { connInfo }: PairHonoOptions = {},
): MiddlewareHandler {
  return async (c, next) => {
    // The app's own requests pass by as they came.
    if (!pair.owns(c.req.raw.url)) return next()
    const response = await pair.handler(c.req.raw, await requestInfo(c, connInfo))
    if (response) return response
    await next()
    return undefined
  }
}
