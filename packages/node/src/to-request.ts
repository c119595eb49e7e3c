import type { IncomingMessage } from 'node:http'
import type { RequestInfo } from '@pair/core'

// Anything else in a Host header could move the URL to another host: `a@b`, `a/b`, `a?b`.
const hostShape = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

/** The upgrade as a Web `Request`, every header line kept; `null` where host or target make no URL. */
export function toRequest(incoming: IncomingMessage): Request | null {
  const host = incoming.headers.host
  const target = incoming.url
  if (
    host === undefined ||
    !hostShape.test(host) ||
    target === undefined ||
    !target.startsWith('/')
  )
    return null
  const scheme = toRequestInfo(incoming).encrypted ? 'https' : 'http'
  try {
    return new Request(new URL(`${scheme}://${host}${target}`), {
      headers: toHeaders(incoming.rawHeaders),
    })
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
