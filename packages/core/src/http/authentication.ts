import type { Agent, AgentVerifier } from '../agent/agent.ts'
import { sha256Base64Url } from '../encoding/bytes.ts'
import { isPairError, PairError } from '../errors.ts'
import type { Subject } from '../limit/limits.ts'
import type { LimitService } from '../limit/limit-service.ts'
import type { Thumbprint } from '../ids.ts'
import type { ProofService } from '../proof/proof-service.ts'
import type { PresenceService } from '../session/presence-service.ts'
import type { ResourceService, VerifiedResource } from '../resource/resource-service.ts'
import type { ResourceAccess } from '../resource/resource.ts'
import type { SessionView } from '../session/session.ts'
import type { Verified, VerifyService } from '../session/verify-service.ts'
import type { TicketService } from '../ticket/ticket-service.ts'
import type { TicketUse } from '../ticket/ticket.ts'
import type { Millis } from '../time.ts'
import type { Credentials } from './credentials.ts'
import { askingPage } from './origin-rules.ts'
import { externalUrlOf, type HeadFacts } from './request-facts.ts'

export interface AuthenticationParts {
  /** `null`: no agents here. */
  agents: AgentVerifier | null
  proofs: ProofService
  limiter: LimitService
  presence: PresenceService
  resources: ResourceService
  tickets: TicketService
  verifier: VerifyService
}

/** A request's session before it is known what the route asks of it. */
export type Authenticated =
  | {
      kind: 'session'
      session: SessionView
      thumbprint: Thumbprint | null
      by: 'cookie' | 'bearer' | 'dpop' | 'ticket'
      proven: boolean
      expiresAt: Millis
      /** The one resource that the credential is for; `null`: for what needs none. */
      resource: ResourceAccess | null
    }
  | { kind: 'agent'; agent: Agent; expiresAt: Millis }
  | { kind: 'none'; reason?: 'expired' | 'revoked' | 'invalid'; detail: string }

/**
 * The same at once as `authenticateRequest`, for a session that is known and proves nothing now; `null`: ask that. A promise:
 * its first use has to be on record first.
 */
export function recallAuthenticated(
  { verifier, presence }: AuthenticationParts,
  { presented, proof }: Credentials,
): Promise<Authenticated> | Authenticated | null {
  if (proof !== null || (presented.by !== 'bearer' && presented.by !== 'cookie')) return null
  const known = verifier.recall(presented.token, presented.by)
  if (known === null || !known.ok) return null
  const { session, thumbprint, expiresAt } = known
  const found: Authenticated = {
    kind: 'session',
    session,
    thumbprint,
    by: presented.by,
    proven: false,
    expiresAt,
    resource: null,
  }
  return presence.seen(session)?.then(() => found) ?? found
}

/**
 * Who asks? A proof that is needed for the credential itself is verified here. Only where a resource is needed a resource token
 * is looked at as one.
 *
 * @throws PairError `proof_required`, `proof_invalid`
 */
export async function authenticateRequest(
  parts: AuthenticationParts,
  facts: HeadFacts,
  { presented, proof }: Credentials,
  needed: ResourceAccess | null = null,
): Promise<Authenticated> {
  if (presented.by === 'none') return { kind: 'none', detail: 'no credentials' }
  if (presented.by === 'other')
    return { kind: 'none', reason: 'invalid', detail: 'an Authorization that is not ours' }
  if (presented.by === 'bearer' && parts.agents?.knows(presented.token)) {
    // A proof beside it would be of nothing.
    const named = facts.request.headers.get('pair-agent')
    const verified = await parts.agents.verify(presented.token, named)
    if (verified.ok) {
      const { agent, expiresAt } = verified
      return { kind: 'agent', agent, expiresAt }
    }
    // Nobody guesses one: only what leads nowhere is counted, so that the store keeps up.
    if (verified.isGuess) await parts.limiter.count('poll', facts)
    return { kind: 'none', reason: verified.reason, detail: verified.detail }
  }
  const ofResource =
    needed === null || presented.by === 'cookie'
      ? null
      : await parts.resources.verify(presented.token, presented.by)
  const verified: Verified | VerifiedResource =
    ofResource ??
    parts.verifier.recall(presented.token, presented.by) ??
    (await parts.verifier.verify(presented.token, presented.by))
  if (!verified.ok) return { kind: 'none', reason: verified.reason, detail: verified.detail }
  const { session, thumbprint, expiresAt } = verified
  let proven = false
  if (presented.by === 'dpop' || (thumbprint !== null && proof !== null)) {
    if (proof === null) throw new PairError('proof_required')
    const ath = presented.by === 'dpop' ? sha256Base64Url(presented.token) : null
    await parts.proofs.prove(proof, {
      method: facts.method,
      url: externalUrlOf(facts),
      ath,
      bodyHash: null,
      thumbprint,
    })
    proven = true
  }
  await parts.presence.seen(session)
  const resource = ofResource?.ok ? ofResource.resource : null
  return { kind: 'session', session, thumbprint, by: presented.by, proven, expiresAt, resource }
}

/** The session behind `?ticket=`; a stream's key is proven by the DPoP header, a socket's by its first frame. */
export async function exchangeTicket(
  parts: AuthenticationParts,
  facts: HeadFacts,
  use: TicketUse,
  ticket: string,
  proof: string | null,
  needed: ResourceAccess | null = null,
): Promise<Extract<Authenticated, { kind: 'session' }>> {
  const { session, thumbprint, endsAt, resource } = await unlessUnknown(
    parts,
    facts,
    parts.tickets.exchange(ticket, use, askingPage(facts), needed),
  )
  if (use === 'stream' && thumbprint !== null) {
    if (proof === null) throw new PairError('proof_required')
    const ath = sha256Base64Url(ticket)
    await parts.proofs.prove(proof, {
      method: facts.method,
      url: externalUrlOf(facts),
      ath,
      bodyHash: null,
      thumbprint,
    })
  }
  await parts.presence.seen(session)
  return {
    kind: 'session',
    session,
    thumbprint,
    by: 'ticket',
    proven: thumbprint !== null,
    expiresAt: Math.min(session.expiresAt ?? Infinity, endsAt ?? Infinity),
    resource,
  }
}

/**
 * What a secret of 256 bits leads to. Nobody guesses one, so only what leads nowhere is counted, by address: whoever brings a
 * right one is never held up by others who don't.
 */
export async function unlessUnknown<T>(
  { limiter }: Pick<AuthenticationParts, 'limiter'>,
  by: Subject,
  found: Promise<T>,
): Promise<T> {
  return found.catch(async (error: unknown) => {
    if (isPairError(error) && error.status < 500) await limiter.count('poll', by)
    throw error
  })
}
