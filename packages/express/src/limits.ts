import type { AppLimit, Pair } from '@pair/core'
import { sendResponse, toRequestHeaders, toRequestInfo } from '@pair/node'
import { middleware, type Middleware } from './middleware.ts'

/**
 * Lets as many requests of an address pass as the rule says, counted where pairings are counted; others are answered 429
 * with a problem body. Answers tell where the limit stands.
 *
 * @example
 * ```ts
 * import { createPair, memoryStore } from '@pair/core'
 * import { limitRequests } from '@pair/express'
 * import express from 'express'
 * const secret = crypto.getRandomValues(new Uint8Array(32))
 * const pair = createPair({ secret, store: memoryStore() })
 * const app = express()
 * app.get('/search', limitRequests(pair, { name: 'search', max: 30 }), (req, res) => res.send('found'))
 * ```
 */
export function limitRequests<S extends string>(pair: Pair<S>, rule: AppLimit): Middleware {
  return middleware(async (req, res) => {
    const limited = await pair.limit(toRequestHeaders(req), toRequestInfo(req), rule)
    if (!limited.ok) {
      await sendResponse(res, limited.response)
      return false
    }
    for (const [name, value] of Object.entries(limited.headers)) res.setHeader(name, value)
    return true
  })
}
