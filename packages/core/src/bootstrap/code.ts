import type { AdmissionMode } from '../admission/admission.ts'
import { isAccessScope, narrowScopes } from '../grant/scopes.ts'
import type {
  AgentKeyId,
  ApprovalId,
  CodeId,
  DeviceId,
  EpochId,
  SessionId,
  Thumbprint,
} from '../ids.ts'
import type { SessionLife, Transport } from '../session/session.ts'
import { DAY, isBegun, type Millis } from '../time.ts'

/** What a bootstrap code gives and to whom; none of its secrets. */
export interface CodeTerms {
  id: CodeId
  label: string | null
  scopes: string[]
  subject: string
  data: unknown
  /** How many may redeem it; `null`: any number until it expires. */
  uses: number | null
  used: number
  /** Whose requests hold a use of it. One counts only while it may still be approved or collected. */
  holds: ApprovalId[]
  boundThumbprint: Thumbprint | null
  /** Whose session issued it; `null`: the operator. */
  issuer: { sessionId: SessionId; deviceId: DeviceId } | null
  epoch: EpochId
  createdAt: Millis
  expiresAt: Millis
  life: SessionLife
  /** A support code: it gives an agent its first key, and no session. Pairing codes have none. */
  support?: SupportTerms | undefined
}

/** What a support code is for. */
export interface SupportTerms {
  /** The one agent that may come by it; `null`: any that has no key yet. */
  agent: string | null
  /** How long the key lives. Milliseconds; `null`: until it is revoked. */
  keyMs: Millis | null
}

/** A code and where it stands. Using it up is a kept transition, so that a second use is seen. */
export type Code = CodeTerms &
  (
    | { state: 'open' }
    | {
        state: 'redeemed'
        redeemedAt: Millis
        redeemedBy: { sessionId: SessionId; thumbprint: Thumbprint | null }
        /** When somebody else brought it again, the first time. */
        reusedAt?: Millis | null | undefined
      }
    /** Its last use was burned: who came with it was turned away. */
    | { state: 'rejected'; rejectedAt: Millis; approvalId: ApprovalId }
    | { state: 'expired' }
    /** It was a support code, and gave that key. */
    | { state: 'bound'; boundAt: Millis; agentKeyId: AgentKeyId }
  )

/** Used and expired codes are kept a day longer than they could be valid: a second use is still seen. */
export function codePurgeAt(code: Pick<Code, 'expiresAt'>): Millis {
  return code.expiresAt + DAY
}

export type OpenCode = CodeTerms & { state: 'open' }

export interface CodeFacts {
  code: Code | null
  revoked: boolean
  epoch: EpochId | null
  /** The scopes that the session holds which issued it; `null`: that stands no more; `all`: the operator's. */
  issuerHolds: readonly string[] | 'all' | null
  /** Those of its holds that count. */
  holds: readonly ApprovalId[]
  /** For whose sake is asked: what this request holds is there for it, also when the code itself has run out. */
  own: ApprovalId | null
}

export type UsableOutcome =
  | { ok: true; code: OpenCode }
  /** Free again if none of those who hold it are let in. */
  | { ok: false; reason: 'held'; code: OpenCode }
  | { ok: false; reason: 'unknown' | 'used' | 'revoked' | 'expired' | 'issuer_gone' }

/** May this code be redeemed now, and for what? Strangers are not told which reason it was. */
export function judgeCode(facts: CodeFacts, now: Millis): UsableOutcome {
  const { code, issuerHolds, own } = facts
  if (code === null) return { ok: false, reason: 'unknown' }
  if (code.state === 'redeemed' || code.state === 'rejected' || code.state === 'bound')
    return { ok: false, reason: 'used' }
  if (facts.revoked || code.epoch !== facts.epoch) return { ok: false, reason: 'revoked' }
  if (issuerHolds === null) return { ok: false, reason: 'issuer_gone' }
  const mine = own !== null && facts.holds.includes(own)
  if (!isBegun(code.createdAt, now) || code.state === 'expired' || !(now < code.expiresAt || mine))
    return { ok: false, reason: 'expired' }
  // Whoever was narrowed since gives no more than is left to him.
  const scopes =
    issuerHolds === 'all' ? code.scopes : code.scopes.filter((scope) => issuerHolds.includes(scope))
  if (scopes.length === 0 && code.scopes.length > 0) return { ok: false, reason: 'issuer_gone' }
  const open: OpenCode = { ...code, scopes }
  const taken = code.used + facts.holds.length - (mine ? 1 : 0)
  return code.uses !== null && taken >= code.uses
    ? { ok: false, reason: 'held', code: open }
    : { ok: true, code: open }
}

export interface Redeemer {
  thumbprint: Thumbprint | null
  transport: Transport
  /** `null`: all that is there for such a device. */
  scopes: readonly string[] | null
}

export type KeylessPolicy = 'limited' | 'refuse' | 'full'

export type AdmitOutcome =
  | { ok: true; scopes: string[] }
  | { ok: false; refusal: 'device_key_required' | 'wrong_key' }
  | { ok: false; refusal: 'insufficient_scope'; scopes: string[] }

/** May somebody like that come in at all? Asked before any code is looked at, so that the answer tells nothing of one. */
export function refuseRedeemer(
  { thumbprint, transport }: Pick<Redeemer, 'thumbprint' | 'transport'>,
  keyless: KeylessPolicy,
): 'device_key_required' | 'transport' | null {
  const keyed = thumbprint !== null
  if (!keyed && keyless === 'refuse') return 'device_key_required'
  // A key's owner would gain nothing by a token that anybody can use, and dpop is nothing without a key.
  return transport === (keyed ? 'bearer' : 'dpop') ? 'transport' : null
}

export interface AdmitPolicy {
  keyless: KeylessPolicy
  /** An app without scopes of its own has something to give even where none are left. */
  hasAppScopes: boolean
}

/** What this newcomer gets of that. Asked before anything is used up. */
export function admit(
  offer: Pick<CodeTerms, 'scopes' | 'boundThumbprint'>,
  redeemer: Redeemer,
  { keyless, hasAppScopes }: AdmitPolicy,
): AdmitOutcome {
  const keyed = redeemer.thumbprint !== null
  if (offer.boundThumbprint !== null && offer.boundThumbprint !== redeemer.thumbprint)
    return { ok: false, refusal: 'wrong_key' }
  const held =
    keyed || keyless === 'full'
      ? offer.scopes
      : offer.scopes.filter((scope) => !isAccessScope(scope))
  if (held.length === 0 && hasAppScopes) return { ok: false, refusal: 'device_key_required' }
  const narrowed = narrowScopes(redeemer.scopes ?? held, held)
  return narrowed.ok
    ? narrowed
    : { ok: false, refusal: 'insufficient_scope', scopes: narrowed.scopes }
}

/** The code after one more redemption; by a request that held it where one is named. */
export function redeemOnce(
  code: Code,
  by: { sessionId: SessionId; thumbprint: Thumbprint | null },
  now: Millis,
  own: ApprovalId | null = null,
): Code {
  const next = { ...code, used: code.used + 1, holds: code.holds.filter((id) => id !== own) }
  if (code.uses === null || next.used < code.uses) return next
  return { ...next, state: 'redeemed', redeemedAt: now, redeemedBy: by }
}

/** The code, with one use held by a request. Holds that no longer count are let go. */
export function holdOnce(code: OpenCode, counting: readonly ApprovalId[], own: ApprovalId): Code {
  return { ...code, holds: [...counting.filter((id) => id !== own), own] }
}

/** The code after a request that held it was rejected: that use is gone. */
export function burnOnce(code: OpenCode, own: ApprovalId, now: Millis): Code {
  const next = { ...code, used: code.used + 1, holds: code.holds.filter((id) => id !== own) }
  if (code.uses === null || next.used < code.uses) return next
  return { ...next, state: 'rejected', rejectedAt: now, approvalId: own }
}

/** What a code would give, for who brings it. */
export interface CodePreview {
  label: string | null
  scopes: string[]
  /** How many may redeem it after all; `null`: any number until it expires. */
  uses: number | null
  expiresAt: Millis
  /** Whether a person decides then. */
  isDecided: boolean
}

export function previewCode(
  { label, scopes, uses, expiresAt }: Code,
  mode: AdmissionMode | null,
): CodePreview {
  return { label, scopes, uses, expiresAt, isDecided: mode === 'code+approval' }
}

export interface CodeView {
  id: CodeId
  label: string | null
  scopes: string[]
  uses: number | null
  used: number
  /** How many uses wait for a decision. */
  held: number
  boundThumbprint: Thumbprint | null
  /** It is a support code, for that agent or, by `null`, any. Pairing codes have none. */
  support?: { agent: string | null }
  issuedBy: { sessionId: SessionId; deviceId: DeviceId } | null
  createdAt: Millis
  expiresAt: Millis
}

export function viewCode(code: Code, holds: readonly ApprovalId[]): CodeView {
  const { id, label, scopes, uses, used, boundThumbprint, issuer, createdAt, expiresAt } = code
  return {
    id,
    label,
    scopes,
    uses,
    used,
    held: holds.length,
    boundThumbprint,
    ...(code.support === undefined ? {} : { support: { agent: code.support.agent } }),
    issuedBy: issuer,
    createdAt,
    expiresAt,
  }
}
