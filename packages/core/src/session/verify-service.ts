import { frozen } from '../encoding/frozen.ts'
import type { SessionId, Thumbprint } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import type { FreshCache } from '../storage/fresh-cache.ts'
import { isBegun, MINUTE, SECOND, type Millis } from '../time.ts'
import { RING_KEY } from '../token/key-ring-records.ts'
import { parseSessionClaims, type SessionClaims } from '../token/session-claims.ts'
import { viewSession, type SessionView, type Transport } from './session.ts'
import { standsWithin, type NoStanding } from './standing.ts'

/** How long a token is known before it is verified once more, whatever happens. */
const AGAIN_MS: Millis = 5 * MINUTE

export type Verified =
  | { ok: true; session: SessionView; thumbprint: Thumbprint | null; expiresAt: Millis }
  /** `detail` is the operator's to know. */
  | { ok: false; reason: NoStanding; detail: string; sessionId?: SessionId }

export interface VerifyService {
  /** Is this the text of a live credential, presented the way its session's credentials travel? */
  verify(token: string, transport: Transport): Promise<Verified>
  /** The same at once where it is known and nothing of it has changed since; `null`: it has to be verified. */
  recall(token: string, transport: Transport): Verified | null
  /** Does this session stand now? */
  standing(id: SessionId): Promise<Verified>
}

/** A token that was verified, and when the answer holds. Its signature names it. */
export interface VerifiedToken {
  text: string
  transport: Transport
  verified: Extract<Verified, { ok: true }>
  from: Millis
  until: Millis
}

interface Found {
  ok: true
  session: SessionView
  thumbprint: Thumbprint | null
  transport: Transport
  /** When it stands. */
  from: Millis
  until: Millis
  /** What that hangs on. */
  ids: string[]
}

type Refused = Extract<Verified, { ok: false }>

export function createVerifyService(
  ports: ServicePorts & { cache: FreshCache<VerifiedToken> },
): VerifyService {
  const { records, clock, cache } = ports

  async function find(id: SessionId): Promise<Found | Refused> {
    const standpoint = await records.sessions.standpoint(id)
    const judged = standpoint.judge(clock())
    if (!judged.ok) {
      const { reason } = judged
      return { ok: false, reason, detail: `the session is ${reason}`, sessionId: id }
    }
    const { session, grant, device } = judged
    return {
      ok: true,
      // One answer is handed to many requests: what an app does to its own changes no other's.
      session: frozen(viewSession(session, grant, device)),
      thumbprint: session.thumbprint,
      transport: session.transport,
      ...standsWithin(session),
      ids: ['epoch', id, grant.id, device.id],
    }
  }

  /** What a token says that is of a session, in time, and travels as its session's do. */
  function judge(claims: SessionClaims, found: Found, transport: Transport): Refused | null {
    const { sid, sub, iat, exp, cnf } = claims
    const invalid = (detail: string): Refused => ({
      ok: false,
      reason: 'invalid',
      detail,
      sessionId: sid,
    })
    if (found.transport !== transport)
      return invalid(`a ${found.transport} credential was presented as ${transport}`)
    if ((cnf?.jkt ?? null) !== found.thumbprint)
      return invalid('the token is bound to another key than its session')
    if (sub !== found.session.subject)
      return invalid('the token is of another subject than its session')
    if (!(clock() < exp * SECOND && isBegun(iat * SECOND, clock())))
      return { ok: false, reason: 'expired', detail: 'the credential has run out', sessionId: sid }
    return null
  }

  return {
    async standing(id) {
      const found = await find(id)
      if (!found.ok) return found
      const { session, thumbprint } = found
      return { ok: true, session, thumbprint, expiresAt: session.expiresAt ?? Infinity }
    },

    recall(token, transport) {
      const known = cache.get(nameOf(token))
      // Two texts may have one signature only where one of them is forged.
      if (known === undefined || known.text !== token || known.transport !== transport) return null
      const now = clock()
      return now >= known.from && now < known.until ? known.verified : null
    },

    async verify(token, transport) {
      const look = cache.begin()
      try {
        const keys = await ports.keys()
        const payload = await keys.verify('session', token)
        const claims = payload && parseSessionClaims(payload, keys.instance)
        if (!claims) return { ok: false, reason: 'invalid', detail: 'the token is not one of ours' }
        const found = await find(claims.sid)
        if (!found.ok) return found
        const refused = judge(claims, found, transport)
        if (refused) return refused
        const { session, thumbprint } = found
        const expiresAt = claims.exp * SECOND
        const verified: Verified = Object.freeze({ ok: true, session, thumbprint, expiresAt })
        const from = Math.max(found.from, claims.iat * SECOND)
        const until = Math.min(found.until, expiresAt, clock() + AGAIN_MS)
        const known = { text: token, transport, verified, from, until }
        cache.keep(look, nameOf(token), known, [...RING_KEY, ...found.ids])
        return verified
      } finally {
        cache.end(look)
      }
    },
  }
}

/** The signature of a token: shorter than the token, and as good a name. */
function nameOf(token: string): string {
  return token.slice(token.lastIndexOf('.') + 1)
}
