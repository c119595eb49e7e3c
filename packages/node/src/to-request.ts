import type { IncomingMessage, ServerResponse } from 'node:http'
import { PairError, type RequestHeaders, type RequestInfo } from '@pair/core'

// Anything else in a Host header could move the URL to another host: `a@b`, `a/b`, `a?b`.
const hostShape = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

export interface ToRequestOptions {
  /** Path and query as the client asked for them. Default: `incoming.url`, which a framework may have cut. */
  target?: string | undefined
  /** The bytes of a body that was read from the socket before. Default: the socket, read when someone reads the body. */
  body?: Uint8Array | undefined
  /** What answers it: where the client hangs up before that is sent, the `signal` of the request aborts. */
  outgoing?: ServerResponse | undefined
}

/**
 * The same request as a Web `Request`, every header line kept; `null` where host, target or method make none. Its body
 * stays on the socket until someone reads it.
 */
export function toRequest(
  incoming: IncomingMessage,
  { target = incoming.url, body, outgoing }: ToRequestOptions = {},
): Request | null {
  const url = urlOf(incoming, target)
  if (url === null) return null
  const init: RequestInit & { duplex: 'half' } = {
    method: incoming.method ?? 'GET',
    duplex: 'half',
  }
  if (outgoing) init.signal = hangUpOf(outgoing)
  if (carriesBody(incoming)) init.body = (body as BodyInit | undefined) ?? streamOf(incoming)
  try {
    const headers = toHeaders(incoming)
    if (body) headers.set('content-length', String(body.byteLength))
    init.headers = headers
    return new Request(new URL(url), init)
  } catch {
    return null
  }
}

/** The URL that it asks for, not yet parsed; `null` where host or target make none. */
export function urlOf(incoming: IncomingMessage, target: string | undefined): string | null {
  const { host } = incoming.headers
  if (host === undefined || !hostShape.test(host) || !target?.startsWith('/')) return null
  const scheme = toRequestInfo(incoming).encrypted ? 'https' : 'http'
  return `${scheme}://${host}${target}`
}

/** Aborts when the client goes unanswered. Asked of the answer: of a request whose body was read nothing more is heard. */
function hangUpOf(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController()
  const judge = (): void => {
    if (!outgoing.writableFinished) controller.abort()
  }
  if (outgoing.destroyed) judge()
  else outgoing.once('close', judge)
  return controller.signal
}

/** What the socket tells and the request doesn't. */
export function toRequestInfo(incoming: IncomingMessage): RequestInfo & { encrypted: boolean } {
  const { socket } = incoming
  const encrypted = 'encrypted' in socket && socket.encrypted === true
  return socket.remoteAddress === undefined
    ? { encrypted }
    : { encrypted, remoteAddress: socket.remoteAddress }
}

/** As much of a request as a limit has to know, without making a `Request` of it. */
export function toRequestHeaders(
  incoming: IncomingMessage & { originalUrl?: string },
): RequestHeaders {
  const { headers } = incoming
  const lineOf = (name: string): string | undefined => {
    const value = headers[name]
    return typeof value === 'string' ? value : value?.join(', ')
  }
  return {
    url: `http://${headers.host}${incoming.originalUrl ?? incoming.url}`,
    headers: {
      get: (name) => lineOf(name) ?? null,
      has: (name) => lineOf(name) !== undefined,
    },
  }
}

/** From the raw lines: Node's own `headers` silently drops the second `Authorization` or `Host`. */
function toHeaders({ rawHeaders, headers }: IncomingMessage): Headers {
  const all = new Headers()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    all.append(rawHeaders[at]!, rawHeaders[at + 1]!)
  if (all.has('host')) return all
  // A request that no socket brought: serverless hosts and test tools fill `headers` alone.
  return new Headers(
    Object.entries(headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((line): [string, string] => [name, line]),
    ),
  )
}

function carriesBody({ method, headers }: IncomingMessage): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  return (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined
}

function wasRead(incoming: IncomingMessage): boolean {
  return incoming.readableDidRead || incoming.readableEnded
}

/** The body, asked of the socket piece by piece and only from the first read on. */
function streamOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let pieces: AsyncIterator<Uint8Array> | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // asked at this moment: who listens to the request may have taken it while it was judged
        if (pieces === undefined && wasRead(incoming))
          throw new PairError('internal', {
            reason: 'the body was read before us and not handed on',
          })
        pieces ??= incoming.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>
        const piece = await pieces.next()
        if (piece.done) controller.close()
        else controller.enqueue(piece.value)
      },
      async cancel() {
        if (pieces === undefined) return
        await pieces.return?.()
        // What is left of it has to go, or the next request on this connection would never be seen.
        incoming.resume()
      },
    },
    { highWaterMark: 0 },
  )
}
