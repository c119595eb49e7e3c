import type { IncomingMessage, ServerResponse } from 'node:http'

/** A request of Express, as far as we ask it. */
export interface ExpressRequest extends IncomingMessage {
  originalUrl: string
  /** What a body parser made of the body. */
  body?: unknown
}

/** A middleware of Express 4 and 5. It says nothing of route parameters, so that a route keeps the types of its own. */
export type Middleware = (
  request: ExpressRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>
