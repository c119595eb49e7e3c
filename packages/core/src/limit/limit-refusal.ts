import type { ErrorCode, ErrorDetail, LimitStanding } from '../errors.ts'
import { SECOND, type Millis } from '../time.ts'

/** A refusal in time, as it is told. Whole seconds, never more than the true wait. */
export function limitedOf(
  why: 'rate_limited' | 'locked_out' | 'codes_suspended',
  standing: LimitStanding,
  now: Millis,
): [ErrorCode, ErrorDetail] {
  const { name, max, windowMs, resetAt } = standing
  return [
    why,
    {
      members: { retryAfter: Math.max(0, Math.floor((resetAt - now) / SECOND)) },
      reason: `over ${max} of ${name} in ${windowMs / SECOND} s`,
      limit: standing,
    },
  ]
}
