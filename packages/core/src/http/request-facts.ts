import type { RequestHeaders, RequestInfo } from '../pair.ts'
import type { Settings } from '../settings.ts'
import { clientAddress, networkOf } from './client-address.ts'
import { doubtOf, isFolded, type AddressDoubt } from './undeclared-proxy.ts'

/** Who sends a request. */
export interface Sender {
  address: string | null
  /** How many proxies in front were believed. */
  trusted: number
  /** The address as limits see it: IPv6 by its prefix. */
  network: string
  /** Why the address is perhaps not one client's, or `null`. */
  doubt: AddressDoubt | null
  /** Whether many may share the address: a limit on it would let one stranger lock out all. */
  folded: boolean
}

/** What a request tells of where it came from and to, through the declared proxies and no others. */
export interface RequestFacts extends Sender {
  request: Request
  url: URL
  method: string
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
  const sender = readSender(request, info, settings)
  const { trusted } = sender
  const encrypted = info?.encrypted ?? url.protocol === 'https:'
  const forwardedScheme = trusted > 0 ? fromRight(headers.get('x-forwarded-proto'), trusted) : null
  const scheme =
    forwardedScheme === 'https' || (forwardedScheme === null && encrypted) ? 'https' : 'http'
  // Never X-Forwarded-Host: many a proxy passes on what the client wrote there, and a rebinding page may write it.
  const authority = parseHost(headers.get('host') ?? url.host, scheme)
  const host = authority?.host ?? null
  const hostname = authority?.hostname ?? null
  const origin = `${scheme}://${host ?? 'invalid'}`
  const base =
    settings.publicUrl !== undefined && new URL(settings.publicUrl).origin === origin
      ? settings.publicUrl
      : origin
  const prefix = new URL(base).pathname.replace(/\/$/, '')
  const path =
    prefix !== '' && url.pathname.startsWith(`${prefix}/`) ? url.pathname : prefix + url.pathname
  return {
    ...sender,
    request,
    url,
    method: request.method,
    scheme,
    host,
    hostname,
    origin,
    externalUrl: origin + path,
    linkBase: base,
  }
}

/** Who sends a request, as limits see it. */
export function readSender(
  request: RequestHeaders,
  info: RequestInfo | undefined,
  settings: Settings,
): Sender {
  const { headers } = request
  const hop = clientAddress(info?.remoteAddress, headers.get('x-forwarded-for'), settings.proxy)
  const { address, trusted } = hop
  const doubt = doubtOf({
    rule: settings.proxy,
    hop,
    headers,
    forLoopback: () =>
      isLoopbackName(parseHost(headers.get('host') ?? hostOf(request.url), 'http')?.hostname ?? ''),
    fromPublicPage: () => isPublicPage(headers.get('origin'), settings),
  })
  const network = networkOf(address, settings.limits.ipv6Prefix)
  return { address, trusted, network, doubt, folded: isFolded(doubt) }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : ''
}

/** Does a page of the public URL ask? Where the Host is loopback's all the same, a proxy wrote it. */
function isPublicPage(origin: string | null, { publicUrl }: Settings): boolean {
  if (origin === null || publicUrl === undefined) return false
  const base = new URL(publicUrl)
  return origin === base.origin && !isLoopbackName(base.hostname)
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
