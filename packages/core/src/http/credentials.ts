import { PairError } from '../errors.ts'
import type { RequestHead } from '../pair.ts'
import { readCookie } from './cookie.ts'

/** What a request brings to say who it is, not yet verified. */
export type Presented =
  | { by: 'none' }
  | { by: 'cookie'; token: string }
  | { by: 'bearer'; token: string }
  | { by: 'dpop'; token: string }
  /** An Authorization that is not of our schemes. */
  | { by: 'other' }

export interface Credentials {
  presented: Presented
  /** The text of the DPoP header. */
  proof: string | null
}

const OURS = /^(?:bearer|dpop)\b/i

/**
 * Reads Authorization, DPoP and our cookie. If `Authorization` is there it alone decides.
 *
 * @throws PairError `duplicate_credentials`
 */
export function readCredentials(headers: RequestHead['headers'], cookie: string): Credentials {
  const proof = headers.get('dpop')
  // A second header of the name is joined by a comma, which no proof and no token holds.
  if (proof?.includes(','))
    throw new PairError('duplicate_credentials', { reason: 'two DPoP headers' })
  const token = readCookie(headers.get('cookie'), cookie)
  const authorization = headers.get('authorization')
  if (authorization === null)
    return { presented: token === null ? { by: 'none' } : { by: 'cookie', token }, proof }
  // Neither scheme of ours has a comma in it.
  if (authorization.includes(',') && isTwice(authorization)) {
    throw new PairError('duplicate_credentials', { reason: 'two Authorization headers' })
  }
  return { presented: readAuthorization(authorization), proof }
}

/** Is there a second credential behind ours, or ours behind another? A header that is there twice is joined by commas. */
function isTwice(text: string): boolean {
  const [first = '', ...others] = text.split(',')
  return /^(?:bearer|dpop) /i.test(first) || others.some((part) => OURS.test(part.trimStart()))
}

/** RFC 9110 §11.4: a scheme in any case, spaces, and what the scheme wants: of ours a token, whose grammar has no blank. */
function readAuthorization(text: string): Presented {
  const end = text.indexOf(' ')
  const scheme = text.slice(0, Math.max(0, end)).toLowerCase()
  if (scheme !== 'bearer' && scheme !== 'dpop') return { by: 'other' }
  let start = end + 1
  while (text[start] === ' ') start++
  const token = text.slice(start)
  return /^[^\s,]+$/.test(token) ? { by: scheme, token } : { by: 'other' }
}
