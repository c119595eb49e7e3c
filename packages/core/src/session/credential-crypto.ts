import { toBase64Url } from '../encoding/base64url.ts'
import type { RandomSource } from '../ports/runtime.ts'
import { DAY, MINUTE, SECOND, type Millis } from '../time.ts'
import type { SessionClaims } from '../token/session-claims.ts'
import { signToken, type Keys } from '../token/token-crypto.ts'
import { endOf, type Session } from './session.ts'

/** What a device presents: the text of an access token or of a cookie, and when it ends. */
export interface Credential {
  token: string
  expiresAt: Millis
}

/** Browsers keep no cookie longer, and nothing that can't be renewed is given for longer. */
const LONGEST_MS = 400 * DAY

/** A fresh credential of a session. What is renewed lives for a short time; what is not, as long as the session. */
export function mintCredential(
  keys: Keys,
  session: Session,
  subject: string,
  accessMs: number,
  now: Millis,
  random: RandomSource,
): Credential {
  const short = session.renewal.by === 'proof' || session.renewal.by === 'secret'
  const expiresAt = Math.min(endOf(session) ?? Infinity, now + (short ? accessMs : LONGEST_MS))
  // Rounded down, never beyond the end; a credential of less than a second is one of a second.
  const exp = Math.max(Math.floor(expiresAt / SECOND), Math.floor(now / SECOND) + 1)
  const claims: SessionClaims = {
    iss: keys.instance,
    aud: keys.instance,
    sub: subject,
    sid: session.id,
    iat: Math.floor(now / SECOND),
    exp,
    jti: toBase64Url(random(16)),
    ...(session.thumbprint === null ? {} : { cnf: { jkt: session.thumbprint } }),
  }
  return { token: signToken(keys.session, claims), expiresAt: exp * SECOND }
}

export const DEFAULT_ACCESS_MS: Millis = 15 * MINUTE
