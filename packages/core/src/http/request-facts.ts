import type { RequestHead, RequestHeaders, RequestInfo } from '../pair.ts'
import type { Settings } from '../settings.ts'
import { clientAddress, networkOf, type Hop } from './client-address.ts'
import { remembering } from './remembering.ts'
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
export interface HeadFacts<R extends RequestHead = RequestHead> extends Sender {
  request: R
  method: string
  scheme: 'http' | 'https'
  /** `host[:port]` in normal form, or `null` where the header is junk. */
  host: string | null
  hostname: string | null
  /** Whether that is loopback's. */
  loopback: boolean
  /** Our own origin as the client sees it. */
  origin: string
  /** What links begin with: the public URL where the request came by it, else our origin. */
  linkBase: string
}

/** The same with its URL, which most guards do without. */
export interface RequestFacts<R extends RequestHead = Request> extends HeadFacts<R> {
  url: URL
  /** The request's URL as the client sees it, without query. */
  externalUrl: string
}

/** In place of a URL that is none. */
export const NOWHERE = 'http://invalid/'

const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

export function isLoopbackName(hostname: string): boolean {
  return LOOPBACK.test(hostname)
}

/** What single texts of requests say, the same for the same text. Who keeps it has each reckoned once. */
export interface Reckoner {
  /** Of a Host header under that scheme. */
  authority(scheme: 'http' | 'https', text: string): Authority
  /** Of the peer, and X-Forwarded-For where it is there. */
  hop(peer: string | undefined, forwardedFor: string | null): Readonly<Hop & { network: string }>
}

/** What a Host header tells under one scheme. */
type Authority = Readonly<Pick<HeadFacts, 'host' | 'hostname' | 'loopback' | 'origin' | 'linkBase'>>

export function createReckoner(settings: Settings): Reckoner {
  const { publicUrl, proxy, limits } = settings
  const authorityOf = (scheme: string): ((text: string) => Authority) =>
    remembering((text) => {
      const url = parseHost(text, scheme)
      const origin = `${scheme}://${url?.host ?? 'invalid'}`
      const isPublic = publicUrl !== undefined && new URL(publicUrl).origin === origin
      const linkBase = isPublic ? publicUrl : origin
      const hostname = url?.hostname ?? null
      const loopback = hostname !== null && isLoopbackName(hostname)
      return { host: url?.host ?? null, hostname, loopback, origin, linkBase }
    })
  const authorities = { http: authorityOf('http'), https: authorityOf('https') }
  const hopOf = (peer: string | undefined, list: string | null): Hop & { network: string } => {
    const hop = clientAddress(peer, list, proxy)
    return { ...hop, network: networkOf(hop.address, limits.ipv6Prefix) }
  }
  const alone = remembering((peer) => hopOf(peer, null))
  // No header holds a line feed.
  const forwarded = remembering((text) => {
    const at = text.lastIndexOf('\n')
    return hopOf(text.slice(0, at), text.slice(at + 1))
  })
  return {
    authority: (scheme, text) => authorities[scheme](text),
    hop(peer, list) {
      if (typeof peer !== 'string') return hopOf(undefined, list)
      // Without a declared proxy nothing that the list says counts.
      return list === null || proxy.trust === 'none' ? alone(peer) : forwarded(`${peer}\n${list}`)
    },
  }
}

export function readFacts<R extends RequestHead>(
  request: R,
  info: RequestInfo | undefined,
  settings: Settings,
): RequestFacts<R> {
  return withUrl(readHead(request, info, settings, createReckoner(settings)))
}

export function withUrl<R extends RequestHead>(facts: HeadFacts<R>): RequestFacts<R> {
  return { ...facts, url: urlOf(facts), externalUrl: externalUrlOf(facts) }
}

export function urlOf({ request: { url } }: HeadFacts): URL {
  return new URL(URL.canParse(url) ? url : NOWHERE)
}

export function externalUrlOf(facts: HeadFacts): string {
  const { pathname } = urlOf(facts)
  const prefix = new URL(facts.linkBase).pathname.replace(/\/$/, '')
  const isBelow = prefix !== '' && pathname.startsWith(`${prefix}/`)
  return facts.origin + (isBelow ? pathname : prefix + pathname)
}

export function readHead<R extends RequestHead>(
  request: R,
  info: RequestInfo | undefined,
  settings: Settings,
  reckoner: Reckoner,
): HeadFacts<R> {
  const { headers } = request
  // Never X-Forwarded-Host: many a proxy passes on what the client wrote there, and a rebinding page may write it.
  const named = nameOfHost(request)
  const sender = readSender(request, info, settings, reckoner, named)
  const { address, trusted, network, doubt, folded } = sender
  const encrypted = info?.encrypted ?? request.url.startsWith('https:')
  const forwardedScheme = trusted > 0 ? fromRight(headers.get('x-forwarded-proto'), trusted) : null
  const scheme =
    forwardedScheme === 'https' || (forwardedScheme === null && encrypted) ? 'https' : 'http'
  const { host, hostname, loopback, origin, linkBase } = reckoner.authority(scheme, named)
  return {
    address,
    trusted,
    network,
    doubt,
    folded,
    request,
    method: request.method,
    scheme,
    host,
    hostname,
    loopback,
    origin,
    linkBase,
  }
}

/** Who sends a request, as limits see it. */
export function readSender(
  request: RequestHeaders,
  info: RequestInfo | undefined,
  settings: Settings,
  reckoner: Reckoner,
  named: string = nameOfHost(request),
): Sender {
  const { headers } = request
  const hop = reckoner.hop(info?.remoteAddress, headers.get('x-forwarded-for'))
  const doubt = doubtOf({
    rule: settings.proxy,
    hop,
    headers,
    forLoopback: () => reckoner.authority('http', named).loopback,
    fromPublicPage: () => isPublicPage(headers.get('origin'), settings),
  })
  const { address, trusted, network } = hop
  return { address, trusted, network, doubt, folded: isFolded(doubt) }
}

function nameOfHost({ url, headers }: RequestHeaders): string {
  return headers.get('host') ?? (URL.canParse(url) ? new URL(url).host : '')
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
