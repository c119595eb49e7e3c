import { DAY, SECOND, type Millis } from '../time.ts'
import type { SessionClaims } from '../token/session-claims.ts'
import { endOf, type Session, type SessionView } from './session.ts'

/** What a device presents: the text of an access token or of a cookie, and when it ends. */
export interface Credential {
  token: string
  expiresAt: Millis
}

/** What a device gets when it is let in. The secrets in it are handed out once. */
export interface Authorized {
  session: SessionView
  credential: Credential
  refreshToken: string | null
}

/** Browsers keep no cookie longer, and nothing that can't be renewed is given for longer. */
const LONGEST_MS = 400 * DAY

export interface CredentialInput {
  instance: string
  subject: string
  /** Life of a credential that is renewed. Milliseconds. */
  accessMs: number
  jti: string
}

/** The claims of a fresh credential. What is renewed lives for a short time; what is not, as long as its session. */
export function credentialClaims(
  session: Session,
  input: CredentialInput,
  now: Millis,
): SessionClaims {
  const short = session.renewal.by === 'proof' || session.renewal.by === 'secret'
  const end = Math.min(endOf(session) ?? Infinity, now + (short ? input.accessMs : LONGEST_MS))
  const iat = Math.floor(now / SECOND)
  return {
    iss: input.instance,
    aud: input.instance,
    sub: input.subject,
    sid: session.id,
    iat,
    // Rounded down, never beyond the end; what lives for less than a second is given one.
    exp: Math.max(Math.floor(end / SECOND), iat + 1),
    jti: input.jti,
    ...(session.thumbprint === null ? {} : { cnf: { jkt: session.thumbprint } }),
  }
}
