import type { AgentKeyId, CodeId, DeviceId, EpochId, SessionId } from '../ids.ts'
import type { MintFacts } from '../policy/policy.ts'
import { DAY, isBegun, type Millis } from '../time.ts'

/** What a key gives and to whom; none of its secret. */
export interface AgentKeyTerms {
  id: AgentKeyId
  agent: string
  label: string | null
  scopes: string[]
  /** SHA-256 of its text. */
  hash: string
  /** Whose session issued it, or the code that it came by; `null`: the operator. */
  issuer: { sessionId: SessionId; deviceId: DeviceId } | null
  /** The support code that it came by. */
  codeId: CodeId | null
  /** The key that it took the place of. */
  predecessor: AgentKeyId | null
  epoch: EpochId
  createdAt: Millis
  /** `null`: it has no end of its own. */
  expiresAt: Millis | null
}

/** A key and where it stands. One that was rotated lives on until `endsAt`, and has one heir for good. */
export type AgentKey = AgentKeyTerms &
  (
    | { state: 'live' }
    | { state: 'rotated'; rotatedAt: Millis; endsAt: Millis; successor: AgentKeyId }
  )

/** The keys of one agent that may be live, oldest first. It is kept for good: whoever had a key needs one. */
export interface AgentRoll {
  keys: AgentKeyId[]
}

/** Who came with the shared key; of each the first and the last time. */
export interface SharedUse {
  agents: { agent: string; firstAt: Millis; lastAt: Millis }[]
}

/** All that the validity of a key hangs on, as it was read. */
export interface AgentKeyFacts {
  key: AgentKey | null
  revoked: boolean
  epoch: EpochId | null
  /** The scopes that the session holds which issued it; `null`: that stands no more; `all`: the operator's. */
  issuerHolds: readonly string[] | 'all' | null
  /** Between which instants that session stands as it is; `null`: there is none. */
  issuerWithin: { from: Millis; until: Millis } | null
}

export type AgentKeyOutcome =
  /** `endsAt`: its own end. As long as nothing changes it stands from `from` until `until`, and outside of these it is asked anew. */
  | { ok: true; key: AgentKey; endsAt: Millis | null; from: Millis; until: Millis }
  | { ok: false; reason: 'unknown' | 'revoked' | 'expired' | 'issuer_gone' }

/** When a key ends by itself; `null`: it doesn't. */
export function endOfKey(key: AgentKey): Millis | null {
  if (key.state !== 'rotated') return key.expiresAt
  return Math.min(key.endsAt, key.expiresAt ?? Infinity)
}

/** Does this key stand now, and with which scopes? Derived at each use; anything missing denies. */
export function judgeAgentKey(facts: AgentKeyFacts, now: Millis): AgentKeyOutcome {
  const { key, issuerHolds } = facts
  if (key === null) return { ok: false, reason: 'unknown' }
  if (facts.revoked || key.epoch !== facts.epoch) return { ok: false, reason: 'revoked' }
  if (issuerHolds === null) return { ok: false, reason: 'issuer_gone' }
  const endsAt = endOfKey(key)
  // Written so that a clock that answers NaN denies.
  if (!isBegun(key.createdAt, now) || !(now < (endsAt ?? Infinity)))
    return { ok: false, reason: 'expired' }
  // Whoever was narrowed since gives no more than is left to him.
  const scopes =
    issuerHolds === 'all' ? key.scopes : key.scopes.filter((scope) => issuerHolds.includes(scope))
  if (scopes.length === 0 && key.scopes.length > 0) return { ok: false, reason: 'issuer_gone' }
  const issuer = facts.issuerWithin
  const from = Math.max(key.createdAt, issuer?.from ?? -Infinity)
  const until = Math.min(endsAt ?? Infinity, issuer?.until ?? Infinity)
  return { ok: true, key: { ...key, scopes }, endsAt, from, until }
}

export interface AgentKeyView<S extends string = string> {
  id: AgentKeyId
  agent: string
  label: string | null
  scopes: S[]
  /** Whose session issued it, and ends it by its own end; `null`: the operator. */
  issuedBy: { sessionId: SessionId; deviceId: DeviceId } | null
  /** The key that it took the place of. */
  predecessor: AgentKeyId | null
  /** The key that takes its place. */
  successor: AgentKeyId | null
  createdAt: Millis
  /** When it ends by itself; `null`: it doesn't. */
  expiresAt: Millis | null
  /** To the minute; `null`: never. */
  lastUsedAt: Millis | null
}

export function viewAgentKey(key: AgentKey, lastUsedAt: Millis | null): AgentKeyView {
  const { id, agent, label, scopes, issuer, predecessor, createdAt } = key
  return {
    id,
    agent,
    label,
    scopes,
    issuedBy: issuer,
    predecessor,
    successor: key.state === 'rotated' ? key.successor : null,
    createdAt,
    expiresAt: endOfKey(key),
    lastUsedAt,
  }
}

/** What the app's policy is told of a key that is about to be made. */
export function agentMintFacts({ agent, scopes, issuer }: AgentKey): MintFacts {
  return {
    what: 'agent-key',
    sessionId: issuer?.sessionId ?? null,
    deviceId: issuer?.deviceId ?? null,
    scopes,
    resource: null,
    mode: null,
    agent,
  }
}

/** How long a key is kept after it ended. */
const KEEP_MS = 30 * DAY

/** Until when a key is kept; `null`: for good. */
export function keepKeyUntil(key: Pick<AgentKeyTerms, 'expiresAt'>): Millis | null {
  return key.expiresAt === null ? null : key.expiresAt + KEEP_MS
}
