import type { SessionId, Thumbprint } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import { isBegun, SECOND, type Millis } from '../time.ts'
import { parseSessionClaims } from '../token/session-claims.ts'
import { verifyToken } from '../token/token-crypto.ts'
import { viewSession, type SessionView, type Transport } from './session.ts'
import type { NoStanding } from './standing.ts'

export type Verified =
  | { ok: true; session: SessionView; thumbprint: Thumbprint | null; expiresAt: Millis }
  /** `detail` is the operator's to know. */
  | { ok: false; reason: NoStanding; detail: string; sessionId?: SessionId }

export interface VerifyService {
  /** Is this the text of a live credential, presented the way its session's credentials travel? */
  verify(token: string, transport: Transport): Promise<Verified>
  /** Does this session stand now? */
  standing(id: SessionId): Promise<Verified>
}

export function createVerifyService(ports: ServicePorts): VerifyService {
  const { records, clock } = ports

  async function standing(id: SessionId): Promise<Verified & { transport?: Transport }> {
    const standpoint = await records.sessions.standpoint(id)
    const judged = standpoint.judge(clock())
    if (!judged.ok)
      return {
        ok: false,
        reason: judged.reason,
        detail: `the session is ${judged.reason}`,
        sessionId: id,
      }
    const { session, grant, device } = judged
    const view = viewSession(session, grant, device)
    return {
      ok: true,
      session: view,
      thumbprint: session.thumbprint,
      expiresAt: view.expiresAt ?? Infinity,
      transport: session.transport,
    }
  }

  return {
    standing,
    async verify(token, transport) {
      const keys = await ports.keys()
      const payload = verifyToken(keys.session, token)
      const claims = payload && parseSessionClaims(payload, keys.instance)
      if (!claims) return { ok: false, reason: 'invalid', detail: 'the token is not one of ours' }
      const { sid, iat, exp } = claims
      const found = await standing(sid)
      if (!found.ok) return found
      const invalid = (detail: string): Verified => ({
        ok: false,
        reason: 'invalid',
        detail,
        sessionId: sid,
      })
      if (found.transport !== transport)
        return invalid(`a ${found.transport} credential was presented as ${transport}`)
      if ((claims.cnf?.jkt ?? null) !== found.thumbprint)
        return invalid('the token is bound to another key than its session')
      if (claims.sub !== found.session.subject)
        return invalid('the token is of another subject than its session')
      if (!(clock() < exp * SECOND && isBegun(iat * SECOND, clock())))
        return {
          ok: false,
          reason: 'expired',
          detail: 'the credential has run out',
          sessionId: sid,
        }
      return {
        ok: true,
        session: found.session,
        thumbprint: found.thumbprint,
        expiresAt: exp * SECOND,
      }
    },
  }
}
