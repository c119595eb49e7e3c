import { PairError } from '../errors.ts'
import { SECOND, type Millis } from '../time.ts'

/** The name of our cookie: other servers of this host have another, whatever their port. */
export function cookieName(instance: string, secure: boolean): string {
  return `${secure ? '__Host-' : ''}pair_${instance}`
}

/** The name of the cookie that stands for a key while a request waits. */
export function claimCookieName(cookie: string): string {
  return `${cookie}_claim`
}

/**
 * The value of that cookie, or `null`.
 *
 * @throws PairError `duplicate_credentials`: two of one name mean that somebody else set one
 */
export function readCookie(header: string | null, name: string): string | null {
  let found: string | null = null
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=')
    if (at < 0 || pair.slice(0, at).trim() !== name) continue
    if (found !== null)
      throw new PairError('duplicate_credentials', { reason: 'our cookie is there twice' })
    found = pair.slice(at + 1).trim()
  }
  return found
}

/** The header that sets our cookie (RFC 6265). The value is a token of ours: nothing in it needs quoting. */
export function setCookie(name: string, value: string, expiresAt: Millis, now: Millis): string {
  const maxAge = Math.max(0, Math.floor((expiresAt - now) / SECOND))
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${name.startsWith('__Host-') ? '; Secure' : ''}`
}

/** The header that takes our cookie away. */
export function clearCookie(name: string): string {
  return setCookie(name, '', 0, 0)
}
