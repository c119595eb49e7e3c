import type { RequestHeaders } from '../pair.ts'
import type { Settings } from '../settings.ts'
import type { Hop, ProxyRule } from './client-address.ts'

/**
 * Why an address is perhaps not one client's. `header`: proxies' headers, and none declared. `host`: from this machine for
 * another name; `page`: for loopback's, by a page of the public URL. `client`: declared proxies named nobody; `local`: nor
 * does anything show that one was in between. `peer`: nobody told the peer. `range`: a header from a peer that is not
 * among the declared.
 */
export type AddressDoubt = 'header' | 'host' | 'page' | 'client' | 'local' | 'peer' | 'range'

/** What proxies add to say for whom they ask. */
const HEADERS: readonly (readonly [asked: string, shown: string])[] = [
  'X-Forwarded-For',
  'Forwarded',
  'X-Real-IP',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
].map((name) => [name.toLowerCase(), name])

export interface Arrival {
  rule: ProxyRule
  hop: Hop
  headers: RequestHeaders['headers']
  /** Whether the Host header names loopback. */
  forLoopback: () => boolean
  /** Whether a page of a public URL that is not loopback's asks. */
  fromPublicPage: () => boolean
}

/** A request, as far as its sender is in doubt. */
export interface Doubted {
  doubt: AddressDoubt | null
  address: string | null
  hostname: string | null
  request: RequestHeaders
}

/** Why the address is perhaps not one client's, or `null`. */
export function doubtOf(arrival: Arrival): AddressDoubt | null {
  const { rule, hop, headers } = arrival
  const { address, trusted, named } = hop
  if (rule.trust === 'none') {
    if (address === null) return 'peer'
    if (forwardedBy(headers) !== null) return 'header'
    if (!isLoopback(address)) return null
    if (!arrival.forLoopback()) return 'host'
    return arrival.fromPublicPage() ? 'page' : null
  }
  const forwarded = headers.has('x-forwarded-for')
  if (trusted > 0) {
    if (named) return null
    return !forwarded && arrival.forLoopback() && !arrival.fromPublicPage() ? 'local' : 'client'
  }
  if (address === null) return 'peer'
  return forwarded ? 'range' : null
}

/**
 * Whether many may share the address, so that a limit on it would let one stranger lock out all. Unsure counts as shared:
 * who can make declared proxies name nobody could forge a name too. A peer outside the declared ranges shares with none.
 */
export function isFolded(doubt: AddressDoubt | null): boolean {
  return doubt !== null && doubt !== 'range'
}

/** The sentence for the operator where addresses can't be told apart, with the line that mends it; else `null`. */
export function diagnoseProxy(
  { doubt, address, hostname, request }: Doubted,
  settings: Settings,
): string | null {
  const peer = String(address)
  const shared = `Everybody behind ${peer} has one address, so no limit by address protects you there.`
  switch (doubt) {
    case null:
    // Whoever looks after the machine asks it directly, as its health checks do.
    case 'local':
      return null
    case 'header':
      return (
        `${forwardedBy(request.headers)} came from ${peer}, but no proxy is declared: it is not believed. ${shared} ` +
        `If ${peer} is a proxy of yours, set ${declare(peer)}. If not, a stranger wrote the header: declare nothing.`
      )
    case 'host':
      // A page of a stranger's domain that leads here (DNS rebinding) is refused, and no reason to declare anything.
      if (!isDeclaredName(hostname, settings)) return null
      return (
        `A request for ${hostname} came from ${peer}, this machine itself, but no proxy is declared. ${shared} ` +
        `If a proxy or tunnel runs here, have it add X-Forwarded-For, and set ${declare(peer)}.`
      )
    case 'page':
      return (
        `A page of ${settings.publicUrl} asked from ${peer} for ${hostname}, but no proxy is declared. ${shared} ` +
        `Have the proxy on this machine pass Host on and add X-Forwarded-For, and set ${declare(peer)}.`
      )
    case 'client':
      return (
        'A declared proxy named no client in X-Forwarded-For, so no limit by address protects you there. ' +
        'Have each proxy add the address of its peer, in nginx: ' +
        '`proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;`, and let `proxy` tell of the proxies alone, as many as there are.'
      )
    case 'peer':
      return (
        'The address of the peer is not known, so no limit by address protects you. ' +
        'Pass `remoteAddress` with each request; behind a proxy on a Unix socket set `proxy: { hops: 1 }`.'
      )
    case 'range':
      return (
        `X-Forwarded-For came from ${peer}, which \`proxy.cidrs\` does not hold: it is not believed. ` +
        `If ${peer} is a proxy of yours, add it there. If not, somebody came past your proxies: close that way.`
      )
  }
}

function declare(peer: string): string {
  // By its address: a count of hops is as good only where nobody gets past the proxy.
  return `\`proxy: { cidrs: ['${peer}'] }\` (or \`{ hops: 1 }\` where nobody can reach the server past it)`
}

function forwardedBy(headers: RequestHeaders['headers']): string | null {
  return HEADERS.find(([name]) => headers.has(name))?.[1] ?? null
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

function isDeclaredName(hostname: string | null, { publicUrl, allowedHosts }: Settings): boolean {
  if (hostname === null) return false
  return (
    (publicUrl !== undefined && new URL(publicUrl).hostname === hostname) ||
    allowedHosts.some((host) => host === hostname || host.startsWith(`${hostname}:`))
  )
}
