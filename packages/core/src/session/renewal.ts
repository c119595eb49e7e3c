import type { SessionId, Thumbprint } from '../ids.ts'
import type { Session } from './session.ts'

/** By what a session is renewed. */
export type RenewBy = (
  | {
      by: 'proof'
      thumbprint: Thumbprint
      /** The session that was named; absent: whichever that key has. */
      sessionId?: SessionId
    }
  | { by: 'cookie'; sessionId: SessionId }
  | { by: 'secret'; refreshToken: string }
) & {
  /** The client of the device grant that asks; absent: it is not asked for as one. */
  clientId?: string
}

export type RenewalOutcome = { ok: true } | { ok: false; why: 'way' | 'session' | 'client' }

/** Is that the way in which this session is renewed, by its own key, and for the client that it came in by? */
export function judgeRenewal(session: Session, by: RenewBy): RenewalOutcome {
  const { id, renewal, thumbprint, transport } = session
  if (renewal.by !== by.by) return { ok: false, why: 'way' }
  if (by.by === 'proof' && (thumbprint !== by.thumbprint || (by.sessionId ?? id) !== id))
    return { ok: false, why: 'session' }
  // RFC 6749 §6, §10.4: for the client that it was issued to. Whoever came in otherwise has none, and a client is told no cookie.
  if (session.clientId !== by.clientId || (by.clientId !== undefined && transport === 'cookie'))
    return { ok: false, why: 'client' }
  return { ok: true }
}
