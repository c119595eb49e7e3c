import type { CodeId, SessionId, Thumbprint } from '../ids.ts'
import type { Standing } from '../session/standing.ts'
import { isBegun, MINUTE, type Millis } from '../time.ts'
import type { Code, CodeFacts, CodeTerms } from './code.ts'

/** That somebody redeemed a code: where his answer was lost, he is answered again. */
export interface Redemption {
  /** What he got by it, the last time. */
  sessionId: SessionId
  /** The first time. Answering again does not move it. */
  at: Millis
}

/** For how long whoever redeemed a code is answered again. */
export const REPEAT_MS: Millis = MINUTE

/** How a redeemer is known again: by his key, else by the hash of a random name that he gave his request. */
export function redeemerName(
  thumbprint: Thumbprint | null,
  idempotencyHash: string | null,
): string | null {
  return thumbprint ?? idempotencyHash
}

/** Is this the same redemption once more? Later it would be another one. */
export function isRepeat(redemption: Redemption | null, now: Millis): redemption is Redemption {
  return redemption !== null && isBegun(redemption.at, now) && now < redemption.at + REPEAT_MS
}

/** May who got this session by a code be answered once more? By any clock that is nearly right. */
export function isRepeatable(createdAt: Millis, now: Millis): boolean {
  return now < createdAt + 2 * REPEAT_MS
}

export type RepeatOutcome =
  /** `offer`: what there is to give, no more than he got the first time. */
  | { ok: true; code: Code; offer: Pick<CodeTerms, 'scopes' | 'boundThumbprint'> }
  | { ok: false; reason: string }

/**
 * May whoever redeemed this code be answered again? Only while nothing was done with what he got: a session that was used has
 * an owner who has it. Whatever was ended since stays ended.
 */
export function judgeRepeat(
  { code, revoked, epoch, issuerHolds }: CodeFacts,
  first: { standing: Standing; isUsed: boolean; thumbprint: Thumbprint | null },
): RepeatOutcome {
  const { standing } = first
  if (code === null) return { ok: false, reason: 'unknown' }
  if (revoked || code.epoch !== epoch) return { ok: false, reason: 'revoked' }
  if (issuerHolds === null) return { ok: false, reason: 'issuer_gone' }
  if (!standing.ok) return { ok: false, reason: `used, and its session is ${standing.reason}` }
  const { session, grant } = standing
  if (first.isUsed) return { ok: false, reason: 'used, and so is its session' }
  if (session.codeId !== code.id || session.thumbprint !== first.thumbprint)
    return { ok: false, reason: 'used by somebody else' }
  const scopes = grant.scopes.filter(
    (scope) => issuerHolds === 'all' || issuerHolds.includes(scope),
  )
  // As where it is redeemed for the first time: who has nothing left gives nothing.
  if (scopes.length === 0 && grant.scopes.length > 0) return { ok: false, reason: 'issuer_gone' }
  return { ok: true, code, offer: { scopes, boundThumbprint: code.boundThumbprint } }
}

/** The code after its redeemer was answered again: nothing more of it is used up. */
export function followOnce(code: Code, from: SessionId, to: SessionId): Code | null {
  return code.state === 'redeemed' && code.redeemedBy.sessionId === from
    ? { ...code, redeemedBy: { ...code.redeemedBy, sessionId: to } }
    : null
}

export type ReuseOutcome =
  | { is: 'nothing' }
  /** `code`: with that noted; `null`: it was before. `ends`: the session that goes with it. */
  | { is: 'reused'; codeId: CodeId; code: Code | null; ends: SessionId | null }

/** What it means that this code is brought once more. `redemption`: that of who brings it. */
export function judgeReuse(
  code: Code | null,
  by: { thumbprint: Thumbprint | null; redemption: Redemption | null },
  onReuse: 'audit' | 'end-session',
  now: Millis,
): ReuseOutcome {
  if (code?.state !== 'redeemed') return { is: 'nothing' }
  const { sessionId, thumbprint } = code.redeemedBy
  const isOwn = by.redemption !== null || (thumbprint !== null && thumbprint === by.thumbprint)
  if (isOwn) return { is: 'nothing' }
  const isTold = (code.reusedAt ?? null) !== null
  return {
    is: 'reused',
    codeId: code.id,
    code: isTold ? null : { ...code, reusedAt: now },
    // Of a code for several only one is known here, and nobody says that it is the stolen one.
    ends: onReuse === 'end-session' && code.uses === 1 ? sessionId : null,
  }
}

/** Is there anything in it that is not known yet, or to be ended? */
export function saysMore(reused: ReuseOutcome): boolean {
  return reused.is === 'reused' && (reused.code !== null || reused.ends !== null)
}
