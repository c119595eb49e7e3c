import { isAccessScope, narrowScopes } from '../grant/scopes.ts'
import type { CodeId, DeviceId, EpochId, SessionId, Thumbprint } from '../ids.ts'
import type { SessionLife, Transport } from '../session/session.ts'
import type { Millis } from '../time.ts'

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
  boundThumbprint: Thumbprint | null
  /** Whose session issued it; `null`: the operator. */
  issuer: { sessionId: SessionId; deviceId: DeviceId } | null
  epoch: EpochId
  createdAt: Millis
  expiresAt: Millis
  life: SessionLife
}

/** A code and where it stands. Using it up is a kept transition, so that a second use is seen. */
export type Code = CodeTerms &
  (
    | { state: 'open' }
    | {
        state: 'redeemed'
        redeemedAt: Millis
        redeemedBy: { sessionId: SessionId; thumbprint: Thumbprint | null }
      }
    | { state: 'expired' }
  )

export type OpenCode = CodeTerms & { state: 'open' }

export interface CodeFacts {
  code: Code | null
  revoked: boolean
  epoch: EpochId | null
  /** The scopes that the session holds which issued it; `null`: that stands no more; `all`: the operator's. */
  issuerHolds: readonly string[] | 'all' | null
}

export type UsableOutcome =
  | { ok: true; code: OpenCode }
  | { ok: false; reason: 'unknown' | 'used' | 'revoked' | 'expired' | 'issuer_gone' }

/** May this code be redeemed now, and for what? Strangers are not told which reason it was. */
export function judgeCode(
  { code, revoked, epoch, issuerHolds }: CodeFacts,
  now: Millis,
): UsableOutcome {
  if (code === null) return { ok: false, reason: 'unknown' }
  if (code.state === 'redeemed') return { ok: false, reason: 'used' }
  if (revoked || code.epoch !== epoch) return { ok: false, reason: 'revoked' }
  if (issuerHolds === null) return { ok: false, reason: 'issuer_gone' }
  if (code.state === 'expired' || !(now < code.expiresAt)) return { ok: false, reason: 'expired' }
  if (issuerHolds === 'all') return { ok: true, code }
  // Whoever was narrowed since gives no more than is left to him.
  const scopes = code.scopes.filter((scope) => issuerHolds.includes(scope))
  return scopes.length > 0 || code.scopes.length === 0
    ? { ok: true, code: { ...code, scopes } }
    : { ok: false, reason: 'issuer_gone' }
}

export interface Redeemer {
  thumbprint: Thumbprint | null
  transport: Transport
  /** `null`: all that the code gives to such a device. */
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

/** What this redeemer gets from this code. Asked before anything is used up. */
export function admit(
  code: OpenCode,
  redeemer: Redeemer,
  { keyless, hasAppScopes }: AdmitPolicy,
): AdmitOutcome {
  const keyed = redeemer.thumbprint !== null
  if (code.boundThumbprint !== null && code.boundThumbprint !== redeemer.thumbprint)
    return { ok: false, refusal: 'wrong_key' }
  const held =
    keyed || keyless === 'full' ? code.scopes : code.scopes.filter((scope) => !isAccessScope(scope))
  if (held.length === 0 && hasAppScopes) return { ok: false, refusal: 'device_key_required' }
  const narrowed = narrowScopes(redeemer.scopes ?? held, held)
  return narrowed.ok
    ? narrowed
    : { ok: false, refusal: 'insufficient_scope', scopes: narrowed.scopes }
}

/** The code after one more redemption. */
export function redeemOnce(
  code: OpenCode,
  by: { sessionId: SessionId; thumbprint: Thumbprint | null },
  now: Millis,
): Code {
  const used = code.used + 1
  if (code.uses === null || used < code.uses) return { ...code, used }
  return { ...code, used, state: 'redeemed', redeemedAt: now, redeemedBy: by }
}

export interface CodeView {
  id: CodeId
  label: string | null
  scopes: string[]
  uses: number | null
  used: number
  boundThumbprint: Thumbprint | null
  issuedBy: { sessionId: SessionId; deviceId: DeviceId } | null
  createdAt: Millis
  expiresAt: Millis
}

export function viewCode(code: Code): CodeView {
  const { id, label, scopes, uses, used, boundThumbprint, issuer, createdAt, expiresAt } = code
  return { id, label, scopes, uses, used, boundThumbprint, issuedBy: issuer, createdAt, expiresAt }
}
