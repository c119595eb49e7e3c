import type { RequestInfo } from '@pair/core'
import type { Context } from 'hono'
import type { GetConnInfo } from 'hono/conninfo'

export interface PairHonoOptions {
  /** Tells the peer's address on runtimes other than Node: the `getConnInfo` of Hono's adapter for it. */
  connInfo?: GetConnInfo
}

/** What `@hono/node-server` puts into `c.env`, as far as it is asked here. */
interface NodeBindings {
  incoming?: {
    socket?: { remoteAddress?: string; encrypted?: boolean }
    rawHeaders?: readonly string[]
    headers?: { upgrade?: string }
  }
}

function incomingOf(c: Context): NodeBindings['incoming'] {
  return (c.env as NodeBindings | undefined)?.incoming
}

/** Who sends a request, as far as Hono knows. */
export function peerInfo(c: Context, connInfo: GetConnInfo | undefined): RequestInfo {
  const socket = incomingOf(c)?.socket
  const remoteAddress = connInfo === undefined ? socket?.remoteAddress : connInfo(c).remote.address
  const info: RequestInfo = {}
  if (remoteAddress !== undefined) info.remoteAddress = remoteAddress
  if (socket !== undefined) info.encrypted = socket.encrypted === true
  return info
}

/** What Hono knows of a request beside the `Request` itself. */
export async function requestInfo(
  c: Context,
  connInfo: GetConnInfo | undefined,
): Promise<RequestInfo> {
  const info = peerInfo(c, connInfo)
  const { method } = c.req
  // Asked of no more than have a body: to ask, `@hono/node-server` makes a whole `Request` first.
  if (method === 'GET' || method === 'HEAD' || !c.req.raw.bodyUsed) return info
  const parsedBody = await parsedBefore(c)
  return parsedBody === undefined ? info : { ...info, parsedBody }
}

/** A body that was read before us by `c.req`, which keeps it; `undefined`: by something else, and it is gone. */
async function parsedBefore(c: Context): Promise<unknown> {
  if (/^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i.test(c.req.header('content-type') ?? ''))
    return formBefore(c)
  const text = await c.req.text().catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return text === '' ? {} : (JSON.parse(text) as unknown)
  } catch {
    return null
  }
}

/** The same of a form; a name that is there twice has a list, so that it is seen. */
async function formBefore(c: Context): Promise<unknown> {
  const read = async (): Promise<Iterable<[string, unknown]>> =>
    // What was kept as text is no form to it.
    c.req.formData().catch(async () => new URLSearchParams(await c.req.text()))
  const entries = await read().catch(() => undefined)
  if (entries === undefined) return undefined
  const form = new Map<string, unknown>()
  for (const [name, value] of entries) form.set(name, form.has(name) ? [value] : value)
  return Object.fromEntries(form)
}

/**
 * The request that every guard on its way judges: the same one, so that one proof serves them all though a middleware
 * between them put another in its place.
 */
export function requestOf(c: Context): Request {
  const before = c.get('pairRequest') as Request | undefined
  if (before !== undefined) return before
  const request = withEveryLine(c)
  c.set('pairRequest', request)
  return request
}

/** For upgrades `@hono/node-server` copies Node's own `headers`, in which a second `Authorization` or `Host` is gone. */
function withEveryLine(c: Context): Request {
  const { raw } = c.req
  const incoming = incomingOf(c)
  const lines = incoming?.rawHeaders
  // Most requests are none: Node's own word on that is there without looking through the lines.
  if (lines === undefined || incoming?.headers?.upgrade === undefined) return raw
  if (!raw.headers.has('upgrade')) return raw
  const count = (wanted: string): number =>
    lines.filter((name, at) => at % 2 === 0 && name.toLowerCase() === wanted).length
  if (count('authorization') < 2 && count('host') < 2) return raw
  const headers = new Headers()
  for (let at = 0; at + 1 < lines.length; at += 2) headers.append(lines[at]!, lines[at + 1]!)
  return new Request(raw.url, { headers })
}
