import type { RequestInfo } from '../pair.ts'
import type { Settings } from '../settings.ts'
import { clientAddress, networkOf } from './client-address.ts'

/** What a request tells of where it came from and to, through the declared proxies and no others. */
export interface RequestFacts {
  request: Request
  url: URL
  method: string
  address: string | null
  /** The address as limits see it: IPv6 by its /64. */
  network: string
  scheme: 'http' | 'https'
  /** `host[:port]` in normal form, or `null` where the header is junk. */
  host: string | null
  hostname: string | null
  /** Our own origin as the client sees it. */
  origin: string
  /** The request's URL as the client sees it, without query. */
  externalUrl: string
  /** What links begin with: the public URL where the request came by it, else our origin. */
  linkBase: string
}

const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

export function isLoopbackName(hostname: string): boolean {
  return LOOPBACK.test(hostname)
}

export function readFacts(
  request: Request,
  info: RequestInfo | undefined,
  settings: Settings,
): RequestFacts {
  const url = new URL(request.url)
  const { headers } = request
  const { address, trusted } = clientAddress(
    info?.remoteAddress,
    headers.get('x-forwarded-for'),
    settings.proxy,
  )
  const encrypted = info?.encrypted ?? url.protocol === 'https:'
  const forwardedScheme = trusted > 0 ? fromRight(headers.get('x-forwarded-proto'), trusted) : null
  const scheme =
    forwardedScheme === 'https' || (forwardedScheme === null && encrypted) ? 'https' : 'http'
  // Never X-Forwarded-Host: many a proxy passes on what the client wrote there, and a rebinding page may write it.
  const authority = parseHost(headers.get('host') ?? url.host, scheme)
  const host = authority?.host ?? null
  const origin = `${scheme}://${host ?? 'invalid'}`
  const base =
    settings.publicUrl !== undefined && new URL(settings.publicUrl).origin === origin
      ? settings.publicUrl
      : origin
  const prefix = new URL(base).pathname.replace(/\/$/, '')
  const path =
    prefix !== '' && url.pathname.startsWith(`${prefix}/`) ? url.pathname : prefix + url.pathname
  return {
    request,
    url,
    method: request.method,
    address,
    network: networkOf(address),
    scheme,
    host,
    hostname: authority?.hostname ?? null,
    origin,
    externalUrl: origin + path,
    linkBase: base,
  }
}

/** What the outermost believed proxy wrote into a list that each proxy may append to. */
function fromRight(list: string | null, trusted: number): string | null {
  const parts = list?.split(',').map((part) => part.trim()) ?? []
  return parts[Math.max(0, parts.length - trusted)]?.toLowerCase() || null
}

function parseHost(text: string, scheme: string): URL | null {
  if (!/^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(text)) return null
  const url = `${scheme}://${text}/`
  return URL.canParse(url) ? new URL(url) : null
}
