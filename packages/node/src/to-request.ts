import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestInfo } from '@pair/core'

// Anything else in a Host header could move the URL to another host: `a@b`, `a/b`, `a?b`.
const hostShape = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

export interface ToRequestOptions {
  /** Path and query as the client asked for them. Default: `incoming.url`, which a framework may have cut. */
  target?: string | undefined
  /** The bytes of a body that was read from the socket before. Default: the socket, read when someone reads the body. */
  body?: Uint8Array | undefined
  /** The answer to it: with it, the request's `signal` aborts when the peer goes before the answer is whole. */
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
  const { host } = incoming.headers
  if (
    host === undefined ||
    !hostShape.test(host) ||
    target === undefined ||
    !target.startsWith('/')
  )
    return null
  const scheme = toRequestInfo(incoming).encrypted ? 'https' : 'http'
  const init: RequestInit & { duplex: 'half' } = {
    method: incoming.method ?? 'GET',
    duplex: 'half',
  }
  if (carriesBody(incoming)) init.body = (body as BodyInit | undefined) ?? streamOf(incoming)
  const gone = outgoing && new AbortController()
  if (gone) init.signal = gone.signal
  try {
    init.headers = toHeaders(incoming.rawHeaders)
    const request = new Request(new URL(`${scheme}://${host}${target}`), init)
    // The listener holds the request, without which its signal would hear nothing.
    outgoing?.once('close', () => {
      if (!outgoing.writableFinished && !request.signal.aborted) gone?.abort()
    })
    // Nobody may take a body that is gone for an empty one.
    if (body === undefined && wasRead(incoming)) void request.body?.cancel()
    return request
  } catch {
    return null
  }
}

/** What the socket tells and the request doesn't. */
export function toRequestInfo(incoming: IncomingMessage): RequestInfo & { encrypted: boolean } {
  const { socket } = incoming
  const encrypted = 'encrypted' in socket && socket.encrypted === true
  return socket.remoteAddress === undefined
    ? { encrypted }
    : { encrypted, remoteAddress: socket.remoteAddress }
}

/** From the raw lines: Node's own `headers` silently drops the second `Authorization` or `Host`. */
function toHeaders(raw: readonly string[]): Headers {
  const headers = new Headers()
  for (let at = 0; at + 1 < raw.length; at += 2) headers.append(raw[at]!, raw[at + 1]!)
  return headers
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
