import type { RequestInfo } from '@pair/core'
import type { Context } from 'hono'
import type { GetConnInfo } from 'hono/conninfo'

export interface PairHonoOptions {
  /** Tells the peer's address on runtimes other than Node: the `getConnInfo` of Hono's adapter for it. */
  connInfo?: GetConnInfo
}

/** What `@hono/node-server` puts into `c.env`, as far as it is asked here. */
interface NodeBindings {
  incoming?: { socket?: { remoteAddress?: string; encrypted?: boolean } }
}

/** What Hono knows of a request beside the `Request` itself. */
export async function requestInfo(c: Context, connInfo: GetConnInfo | undefined): Promise<RequestInfo> {
  const socket = (c.env as NodeBindings | undefined)?.incoming?.socket
  const remoteAddress = connInfo === undefined ? socket?.remoteAddress : connInfo(c).remote.address
  return {
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
    ...(socket === undefined ? {} : { encrypted: socket.encrypted === true }),
    // A body that was read before us is kept by Hono as it was parsed.
    ...(c.req.raw.bodyUsed ? { parsedBody: await c.req.json<unknown>().catch(() => null) } : {}),
  }
}
