import type { LimitStanding } from '../errors.ts'
import { isDuration, MINUTE, type Millis } from '../time.ts'

export type { LimitStanding } from '../errors.ts'

/** At most so many in each window of that length. Windows begin at whole multiples of it, for everybody alike. */
export interface WindowRule {
  max: number
  /** Milliseconds. */
  windowMs: Millis
}

export type RuleOutcome =
  | { ok: true; rule: WindowRule }
  | { ok: false; field: 'max' | 'windowMs'; must: string }

/** A rule as somebody wrote it, a minute long unless told. */
export function checkRule(max: unknown, windowMs: unknown = MINUTE): RuleOutcome {
  if (!(Number.isInteger(max) && (max as number) >= 1 && (max as number) <= 1_000_000))
    return { ok: false, field: 'max', must: 'be a whole number from 1 to 1,000,000' }
  if (!isDuration(windowMs))
    return {
      ok: false,
      field: 'windowMs',
      must: 'be a whole number of milliseconds, from 1,000 to a hundred years',
    }
  return { ok: true, rule: { max: max as number, windowMs } }
}

/** The number of the window that an instant lies in. */
export function windowOf({ windowMs }: WindowRule, now: Millis): number {
  return Math.floor(now / windowMs)
}

/** Where somebody stands after that many in this window. */
export function standingOf(
  name: string,
  rule: WindowRule,
  count: number,
  now: Millis,
): LimitStanding {
  const { max, windowMs } = rule
  const resetAt = (windowOf(rule, now) + 1) * windowMs
  return { name, max, windowMs, remaining: Math.max(0, max - count), resetAt }
}
