import type { ServerResponse } from 'node:http'
import type { Pair, RequestInfo } from '@pair/core'
import { sendResponse, toRequest, toRequestInfo } from '@pair/node'
import { middleware, type ExpressRequest, type Middleware } from './middleware.ts'

/**
 * Mounts the routes of @pair, before or after body parsers: `app.use(pairExpress(pair))`. Requests that are not ours go
 * on to the app.
 *
 * @example
 * ```ts
 * import { createPair, memoryStore } from '@pair/core'
 * import { pairExpress } from '@pair/express'
 * import express from 'express'
 * const pair = createPair({ secret: crypto.getRandomValues(new Uint8Array(32)), store: memoryStore() })
 * const app = express().use(pairExpress(pair))
 * ```
 */
export function pairExpress<S extends string>(pair: Pair<S>): Middleware {
  const answering = middleware(async (req, res) => {
    const response = await answer(pair, req, res)
    if (response !== null) await sendResponse(res, response)
    return response === null
  })
  return (req, res, next) => (pair.owns(req.originalUrl) ? answering(req, res, next) : next())
}

async function answer<S extends string>(
  pair: Pair<S>,
  req: ExpressRequest,
  res: ServerResponse,
): Promise<Response | null> {
  const { bytes, parsed } = readBefore(req)
  const request = toRequest(req, { target: req.originalUrl, body: bytes, outgoing: res })
  // No usable host, target or method.
  if (request === null) return new Response(null, { status: 400 })
  const info: RequestInfo = toRequestInfo(req)
  return pair.handler(request, parsed === undefined ? info : { ...info, parsedBody: parsed })
}

/** What a body parser left of a body that it has read: the bytes, or what it made of them. */
function readBefore(req: ExpressRequest): { bytes?: Uint8Array; parsed?: unknown } {
  const { body } = req
  // Parsers that leave a body alone put an empty one into its place.
  if (!req.readableDidRead && !req.readableEnded) return {}
  if (typeof body === 'string') return { bytes: new TextEncoder().encode(body) }
  return body instanceof Uint8Array ? { bytes: body } : { parsed: body }
}
