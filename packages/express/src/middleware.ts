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
) => void

/** A middleware that lets a request pass when `judge` says so. What that throws goes to the app's error handler. */
export function middleware(
  judge: (request: ExpressRequest, response: ServerResponse) => Promise<boolean>,
): Middleware {
  return (request, response, next) => {
    const run = async (): Promise<void> => {
      try {
        if (!(await judge(request, response))) return
      } catch (error) {
        return next(error)
      }
      next()
    }
    void run()
  }
}
