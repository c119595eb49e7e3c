import { toBase64Url } from '../encoding/base64url.ts'
import { PairError } from '../errors.ts'
import type { SessionId, Thumbprint } from '../ids.ts'
import { mintFacts } from '../policy/policy.ts'
import type { ServicePorts } from '../service-ports.ts'
import { endOf, viewSession, type SessionView } from '../session/session.ts'
import type { NoStanding } from '../session/standing.ts'
import { isBegun, MINUTE, SECOND, type Millis } from '../time.ts'
import {
  parseResourceClaims,
  resourceAudience,
  type ResourceClaims,
} from '../token/resource-claims.ts'
import { accessRefusal, gives, type ResourceAccess } from './resource.ts'

/** Long enough to open what it names, and short, since others who hold our public keys honour it to its end. */
const TOKEN_MS: Millis = 5 * MINUTE

export interface ResourceToken {
  token: string
  expiresAt: Millis
  /** The key that it is bound to; `null`: whoever holds it may use it. */
  thumbprint: Thumbprint | null
}

export type VerifiedResource =
  | {
      ok: true
      session: SessionView
      thumbprint: Thumbprint | null
      expiresAt: Millis
      /** As it is signed; what its session's scopes leave of it is still to be judged. */
      resource: ResourceAccess
    }
  | { ok: false; reason: NoStanding; detail: string; sessionId: SessionId }

export interface ResourceService {
  /**
   * A token for one resource in one mode, for a session that stands and may have that mode. It ends in five minutes, and with
   * the session or `endsAt` where that is sooner. Nothing is stored: it is worth what its session is at each use.
   *
   * @throws PairError `insufficient_scope`, `session_expired`, `session_revoked`, `session_invalid`, `clock_skew`, `store_unavailable`
   */
  mint(id: SessionId, access: ResourceAccess, endsAt: Millis | null): Promise<ResourceToken>
  /** Is this a resource token that still stands, presented the way its binding asks? `null`: it is none of ours at all. */
  verify(token: string, scheme: 'bearer' | 'dpop'): Promise<VerifiedResource | null>
}

export function createResourceService({
  records,
  clock,
  random,
  keys,
  settings,
  askPolicy,
  requireSteadyClock,
}: ServicePorts): ResourceService {
  return {
    async mint(id, access, endsAt) {
      await requireSteadyClock()
      const { judge } = await records.sessions.standpoint(id)
      const now = clock()
      const standing = judge(now)
      if (!standing.ok) throw new PairError(`session_${standing.reason}`)
      const { session, grant } = standing
      if (!gives(settings.resources, access, grant.scopes))
        throw new PairError(...accessRefusal(access))
      await askPolicy('mint', mintFacts('resource-token', standing, access))
      const ring = await keys()
      const { thumbprint } = session
      const iat = Math.floor(now / SECOND)
      const end = Math.min(now + TOKEN_MS, endOf(session) ?? Infinity, endsAt ?? Infinity)
      const claims: ResourceClaims = {
        iss: ring.instance,
        aud: resourceAudience(ring.instance),
        sub: grant.subject,
        sid: id,
        iat,
        // Rounded down, never beyond the end; what lives for less than a second is given one.
        exp: Math.max(Math.floor(end / SECOND), iat + 1),
        jti: toBase64Url(random(12)),
        resource: access.name,
        mode: access.mode,
        ...(thumbprint === null ? {} : { cnf: { jkt: thumbprint } }),
      }
      const token = await ring.sign('resource', claims)
      return { token, expiresAt: claims.exp * SECOND, thumbprint }
    },

    async verify(token, scheme) {
      const ring = await keys()
      const payload = await ring.verify('resource', token)
      const claims = payload && parseResourceClaims(payload, ring.instance)
      if (!claims) return null
      const { sid, sub, iat, exp, cnf, resource, mode } = claims
      const refuse = (reason: NoStanding, detail: string): VerifiedResource => ({
        ok: false,
        reason,
        detail,
        sessionId: sid,
      })
      const { judge } = await records.sessions.standpoint(sid)
      const now = clock()
      const standing = judge(now)
      if (!standing.ok) return refuse(standing.reason, `the session is ${standing.reason}`)
      const { session, grant, device } = standing
      if ((cnf?.jkt ?? null) !== session.thumbprint)
        return refuse('invalid', 'the token is bound to another key than its session')
      if ((session.thumbprint === null) !== (scheme === 'bearer'))
        return refuse('invalid', `the token was presented as ${scheme}`)
      if (sub !== grant.subject)
        return refuse('invalid', 'the token is of another subject than its session')
      if (!(now < exp * SECOND && isBegun(iat * SECOND, now)))
        return refuse('expired', 'the token has run out')
      return {
        ok: true,
        session: viewSession(session, grant, device),
        thumbprint: session.thumbprint,
        expiresAt: exp * SECOND,
        resource: { name: resource, mode },
      }
    },
  }
}
