import type { Agent } from '../agent/agent.ts'
import { PairError, type ErrorCode } from '../errors.ts'
import { isAccessScope } from '../grant/scopes.ts'
import type { AgentAuth, AuthResult, Need, SessionAuth } from '../pair.ts'
import type { ResourceKinds } from '../resource/resource.ts'
import type { SessionView } from '../session/session.ts'
import type { Authenticated } from './authentication.ts'
import { neededAccess, requireAccess } from './resource-need.ts'

const REFUSED: Readonly<Record<'expired' | 'revoked' | 'invalid', ErrorCode>> = {
  expired: 'session_expired',
  revoked: 'session_revoked',
  invalid: 'session_invalid',
}

/**
 * Lets pass whoever meets the need.
 *
 * @throws PairError as `requireNeed`; `agent_key_required`, `agent_mismatch`
 */
export function requireAnyone<S extends string>(
  found: Authenticated,
  need: Need<S>,
  kinds: ResourceKinds,
): SessionAuth<S> | AgentAuth<S> {
  if (found.kind === 'agent' && (need.who === 'agent' || need.who === 'any'))
    return requireAgent(found, need)
  if (isForSessions(need)) return requireNeed(found, need, kinds)
  throw new PairError('agent_key_required', {
    reason: found.kind === 'none' ? found.detail : 'credentials that are not an agent’s',
  })
}

/** May sessions meet it? Where `who` is a word that is none of ours, nobody does. */
export function isForSessions({ who = 'session' }: Need): boolean {
  return who === 'session' || who === 'any'
}

function requireAgent<S extends string>(
  { agent, expiresAt }: Extract<Authenticated, { kind: 'agent' }>,
  need: Need<S>,
): AgentAuth<S> {
  if ('agent' in need && need.agent !== agent.id)
    throw new PairError('agent_mismatch', { reason: `the key is of ${agent.id}` })
  if (need.resource !== undefined || need.proof !== undefined)
    throw new PairError('agent_mismatch', {
      reason: 'an agent has no resource tokens and no proofs',
    })
  requireScopes(agent.scopes, need)
  return { kind: 'agent', agent: agent as Agent<S>, credentialExpiresAt: expiresAt }
}

/** @throws PairError `insufficient_scope` */
function requireScopes(scopes: readonly string[], need: Need): void {
  const missing = (need.scopes ?? []).filter((scope) => !scopes.includes(scope))
  if (missing.length === 0) return
  throw new PairError('insufficient_scope', {
    members: { scopes: missing },
    reason: `missing ${missing.join(' ')}`,
  })
}

/** Lets a session pass that meets the need. @throws PairError `session_…`, `resource_required`, `insufficient_scope`, `proof_required` */
export function requireNeed<S extends string>(
  found: Authenticated,
  need: Need<S>,
  kinds: ResourceKinds,
): SessionAuth<S> {
  if (found.kind === 'none') {
    throw new PairError(found.reason === undefined ? 'session_required' : REFUSED[found.reason], {
      reason: found.detail,
    })
  }
  if (found.kind === 'agent')
    throw new PairError('session_invalid', { reason: 'the key of an agent is no session' })
  const { scopes } = found.session
  const resource = requireAccess(found.resource, neededAccess(need, kinds), scopes, kinds)
  requireScopes(scopes, need)
  const careful = need.proof === 'required' || need.scopes?.some(isAccessScope) === true
  // Without a key there is nothing to prove: what such a device may have was settled when it paired.
  if (careful && found.thumbprint !== null && !found.proven) throw new PairError('proof_required')
  if (need.proof === 'required' && found.thumbprint === null)
    throw new PairError('device_key_required')
  const auth = toAuth<S>(found)
  return resource === null ? auth : { ...auth, resource }
}

export function toAuthResult<S extends string>(found: Authenticated): AuthResult<S> {
  if (found.kind === 'session') return toAuth(found)
  if (found.kind === 'agent')
    return { kind: 'agent', agent: found.agent as Agent<S>, credentialExpiresAt: found.expiresAt }
  return found.reason === undefined ? { kind: 'none' } : { kind: 'none', reason: found.reason }
}

function toAuth<S extends string>(
  found: Extract<Authenticated, { kind: 'session' }>,
): SessionAuth<S> {
  const { session, proven, expiresAt } = found
  return {
    kind: 'session',
    session: session as SessionView<S>,
    proven,
    credentialExpiresAt: expiresAt,
  }
}
