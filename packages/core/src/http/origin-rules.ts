import { PairError } from '../errors.ts'
import type { Settings } from '../settings.ts'
import type { RequestHeaders } from '../pair.ts'
import type { HeadFacts, RequestFacts } from './request-facts.ts'

/**
 * Refuses host names that are neither loopback nor declared (DNS rebinding), and plain http that leaves the machine.
 *
 * @throws PairError `host_refused`, `insecure_transport`
 */
export function checkHost(facts: HeadFacts, settings: Settings): void {
  const { host, hostname, scheme, loopback } = facts
  if (host === null || hostname === null)
    throw new PairError('host_refused', { reason: 'the Host header is not a host' })
  if (loopback) return
  const withPort = host === hostname ? `${host}:${scheme === 'https' ? 443 : 80}` : host
  // In normal form: the host is what stands behind the two slashes.
  const publicHost = settings.publicUrl?.split('/', 3)[2]
  const declared =
    host === publicHost ||
    settings.allowedHosts.some((allowed) => allowed === hostname || allowed === withPort)
  if (!declared) throw new PairError('host_refused', { reason: `Host ${host} is not declared` })
  if (scheme === 'http' && !settings.allowInsecureLan) {
    throw new PairError('insecure_transport', {
      reason: `plain http for ${host}`,
      hint: 'Use https; behind a proxy that ends TLS declare `proxy`; on a network that you trust set `allowInsecureLan`.',
    })
  }
}

/** Is this a page whose requests we answer? */
export function isOwnOrigin(origin: string, facts: HeadFacts, settings: Settings): boolean {
  if (origin === 'null') return false
  if (origin === facts.origin || settings.allowedOrigins.includes(origin)) return true
  return settings.publicUrl !== undefined && origin === new URL(settings.publicUrl).origin
}

/** The origin of the page that asks, or `null`. A page's GET to its own server names it by Sec-Fetch-Site alone. */
export function askingPage({ request, origin }: HeadFacts): string | null {
  return (
    request.headers.get('origin') ??
    (request.headers.get('sec-fetch-site') === 'same-origin' ? origin : null)
  )
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses what another site's page sends to change something, cookie or not: other ports of localhost are the same site
 * to a browser, so `same-site` is not enough.
 *
 * @throws PairError `origin_refused`
 */
export function checkOrigin(facts: HeadFacts, settings: Settings): void {
  if (SAFE.has(facts.method)) return
  const origin = facts.request.headers.get('origin')
  const site = facts.request.headers.get('sec-fetch-site')
  if (origin !== null) {
    if (!isOwnOrigin(origin, facts, settings)) throw refused(`Origin ${origin.slice(0, 100)}`)
    return
  }
  if (site !== null && site !== 'same-origin' && site !== 'none')
    throw refused(`Sec-Fetch-Site ${site.slice(0, 20)}`)
}

/**
 * Refuses an upgrade from a page that is not ours. Without an `Origin` no browser is at work: such a client has to bring
 * a credential of its own, never a cookie.
 *
 * @throws PairError `origin_refused`
 */
export function checkUpgradeOrigin(
  facts: HeadFacts,
  settings: Settings,
  credential: 'cookie' | 'other' | 'none',
): void {
  const origin = facts.request.headers.get('origin')
  if (origin === null) {
    if (credential === 'cookie') throw refused('a cookie without an Origin')
    return
  }
  if (!isOwnOrigin(origin, facts, settings)) throw refused(`Origin ${origin.slice(0, 100)}`)
}

function refused(reason: string): PairError {
  return new PairError('origin_refused', { reason })
}

/** What a page may read: the words of every dialect, whichever is chosen. */
const EXPOSED = [
  'Retry-After',
  'DPoP-Nonce',
  'WWW-Authenticate',
  'RateLimit',
  'RateLimit-Policy',
  ...['Limit', 'Remaining', 'Reset'].flatMap((word) => [
    `RateLimit-${word}`,
    `X-RateLimit-${word}`,
  ]),
].join(', ')

/** CORS for listed origins, on answers and errors alike. */
export function corsHeaders(
  facts: { request: RequestHeaders },
  settings: Settings,
): Record<string, string> {
  const origin = facts.request.headers.get('origin')
  if (settings.allowedOrigins.length === 0) return {}
  if (origin === null || !settings.allowedOrigins.includes(origin)) return { vary: 'Origin' }
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': EXPOSED,
  }
}

/** The answer to a preflight, or `null` where this is none. */
export function preflight(facts: RequestFacts, settings: Settings): Response | null {
  const { request, method } = facts
  if (method !== 'OPTIONS' || !request.headers.has('access-control-request-method')) return null
  const cors = corsHeaders(facts, settings)
  if (!('access-control-allow-origin' in cors))
    throw refused('preflight of an origin that is not listed')
  return new Response(null, {
    status: 204,
    headers: {
      ...cors,
      'access-control-allow-methods': 'GET, POST, PATCH, PUT, DELETE',
      'access-control-allow-headers':
        'Authorization, Content-Type, DPoP, Idempotency-Key, Last-Event-ID',
      'access-control-max-age': '600',
    },
  })
}
