import type { Millis } from '../time.ts'
import type { LockoutRule } from './limits.ts'

/** What is kept of a network that was locked, or cleared by a mint. Where nothing is, the generation is 0 and nobody is locked. */
export interface Lockout {
  /** Wrong codes are counted by generation: a new one starts clean. */
  generation: number
  /** When the last lock began; `null`: this generation has seen none. */
  lockedAt: Millis | null
}

export type LockJudgement =
  | { is: 'open'; generation: number }
  /** Where its failures still stand. */
  | { is: 'locked'; generation: number; resetMs: Millis }

/** Two clocks of one store are not further apart. */
const SKEW_MS = 5_000

/**
 * Is a network locked at that moment? A lock that is over has a new generation behind it, with nothing to write for it. One
 * that begins later than a clock could be wrong was set by a clock that has jumped, and holds nobody.
 */
export function judgeLock(
  lockout: Lockout | null,
  { lockMs }: LockoutRule,
  now: Millis,
): LockJudgement {
  const { generation, lockedAt } = lockout ?? { generation: 0, lockedAt: null }
  if (lockedAt === null) return { is: 'open', generation }
  const resetMs = lockedAt + lockMs - now
  return resetMs > 0 && resetMs <= lockMs + SKEW_MS
    ? { is: 'locked', generation, resetMs: Math.min(resetMs, lockMs) }
    : { is: 'open', generation: generation + 1 }
}

/** Attempts are counted by slices of time, and this one and the one before it count: what is older is forgotten. */
export function sliceOf({ lockMs }: LockoutRule, now: Millis): number {
  return Math.floor(now / sliceMs(lockMs))
}

/** The slices that count at that moment: where the next one is near, somebody whose clock is ahead may count in it. */
export function slicesAround(rule: LockoutRule, now: Millis): number[] {
  const slice = sliceOf(rule, now)
  const next = sliceOf(rule, now + SKEW_MS)
  return next === slice ? [slice - 1, slice] : [slice - 1, slice, next]
}

/** Until when the counters of that slice matter: in the next one, and for a lock that begins at its end. */
export function sliceEnd({ lockMs }: LockoutRule, slice: number): Millis {
  return (slice + 3) * sliceMs(lockMs)
}

/** Long beside the lock: whoever stays below the number of failures in it gains nothing over being locked. */
function sliceMs(lockMs: Millis): Millis {
  return 4 * lockMs
}
