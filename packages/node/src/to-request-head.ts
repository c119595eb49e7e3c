import type { IncomingMessage } from 'node:http'
import type { RequestHead } from '@pair/core'
import { toRequest, urlOf, type ToRequestOptions } from './to-request.ts'

/** Methods that a `Request` takes as they are. */
const PLAIN = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * As much of a request as a guard has to know, every header line kept; `null` where `toRequest` makes none. To make a whole
 * `Request` would take longer than all that a guard does.
 */
export function toRequestHead(
  incoming: IncomingMessage,
  { target = incoming.url }: Pick<ToRequestOptions, 'target'> = {},
): RequestHead | null {
  const { method = 'GET', rawHeaders } = incoming
  const url = urlOf(incoming, target)
  // What is out of the ordinary is left to a real one: it knows what to refuse.
  if (url === null || !PLAIN.has(method) || lineOf(rawHeaders, 'host') === null)
    return toRequest(incoming, { target })
  if (!URL.canParse(url)) return null
  const get = (name: string): string | null => lineOf(rawHeaders, name)
  return { method, url, headers: { get, has: (name) => get(name) !== null } }
}

/** All lines of that name as one. Node's own `headers` silently drop the second `Authorization` or `Host`. */
function lineOf(rawHeaders: readonly string[], name: string): string | null {
  let found: string | null = null
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const written = rawHeaders[at]!
    if (written.length !== name.length || written.toLowerCase() !== name) continue
    const value = rawHeaders[at + 1]!
    found = found === null ? value : `${found}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  // As a `Request` has it: no blank at the end, where the last of several lines is empty.
  return found?.endsWith(' ') ? found.slice(0, -1) : found
}
