import { DAY, SECOND, type Millis } from '../time.ts'
import type { SessionClaims } from '../token/session-claims.ts'
import type { Keys } from '../token/keys-crypto.ts'
import type { Device } from '../device/device.ts'
import type { Grant } from '../grant/grant.ts'
import type { Authorized, Credential } from './credential.ts'
import type { DrawnPairing } from './pairing.ts'
import { makeRefreshToken } from './refresh-crypto.ts'
import { endOf, viewSession, type Session } from './session.ts'

/** Browsers keep no cookie longer, and nothing that can't be renewed is given for longer. */
const LONGEST_MS = 400 * DAY

export interface CredentialFacts {
  subject: string
  /** Life of a credential that is renewed. Milliseconds. */
  accessMs: number
  jti: string
  now: Millis
}

/** A fresh signed credential. What is renewed lives for a short time; what is not, as long as its session. */
export async function signCredential(
  keys: Keys,
  session: Session,
  { subject, accessMs, jti, now }: CredentialFacts,
): Promise<Credential> {
  const short = session.renewal.by === 'proof' || session.renewal.by === 'secret'
  const end = Math.min(endOf(session) ?? Infinity, now + (short ? accessMs : LONGEST_MS))
  const iat = Math.floor(now / SECOND)
  const claims: SessionClaims = {
    iss: keys.instance,
    aud: keys.instance,
    sub: subject,
    sid: session.id,
    iat,
    // Rounded down, never beyond the end; what lives for less than a second is given one.
    exp: Math.max(Math.floor(end / SECOND), iat + 1),
    jti,
    ...(session.thumbprint === null ? {} : { cnf: { jkt: session.thumbprint } }),
  }
  // Others who hold our public keys hear of no revoke: what lives long, and every cookie, is for us alone.
  const forOthers = short && session.transport !== 'cookie'
  const token = await keys.sign('session', claims, forOthers ? undefined : 'hs256')
  return { token, expiresAt: claims.exp * SECOND }
}

/** The refresh token that goes with a session as it stands, where it is renewed by one. */
export function refreshTokenOf(keys: Keys, { id, renewal }: Session): string | null {
  return renewal.by === 'secret' ? makeRefreshToken(keys.refresh, id, renewal.generation) : null
}

/** What a device is handed that has just been paired. */
export async function authorizePaired(
  keys: Keys,
  { session, grant, device }: { session: Session; grant: Grant; device: Device },
  drawn: DrawnPairing,
  accessMs: number,
  now: Millis,
): Promise<Authorized> {
  const facts = { subject: grant.subject, accessMs, jti: drawn.jti, now }
  return {
    status: 'authorized',
    session: viewSession(session, grant, device),
    credential: await signCredential(keys, session, facts),
    refreshToken: refreshTokenOf(keys, session),
  }
}
