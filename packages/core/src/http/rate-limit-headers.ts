import type { RateLimitDialect } from '../limit/limits.ts'
import type { LimitStanding } from '../errors.ts'
import { SECOND, type Millis } from '../time.ts'

/**
 * Where somebody stands in a limit, in the words that were chosen.
 *
 * @see draft-ietf-httpapi-ratelimit-headers-08, §3 and §4; its versions 07 and 06 for the other two
 */
export function rateLimitHeaders(
  { name, max, windowMs, remaining, resetAt }: LimitStanding,
  dialect: RateLimitDialect,
  now: Millis,
): Record<string, string> {
  // The draft knows whole seconds alone.
  const window = Math.ceil(windowMs / SECOND)
  // As Retry-After: never more than the true wait.
  const reset = Math.max(0, Math.floor((resetAt - now) / SECOND))
  switch (dialect) {
    case 'draft-8':
      return {
        'ratelimit-policy': `"${name}";q=${max};w=${window}`,
        ratelimit: `"${name}";r=${remaining};t=${reset}`,
      }
    case 'draft-7':
      return {
        'ratelimit-policy': `${max};w=${window}`,
        ratelimit: `limit=${max}, remaining=${remaining}, reset=${reset}`,
      }
    case 'draft-6':
      return {
        'ratelimit-policy': `${max};w=${window}`,
        'ratelimit-limit': String(max),
        'ratelimit-remaining': String(remaining),
        'ratelimit-reset': String(reset),
      }
    case 'legacy':
      return {
        'x-ratelimit-limit': String(max),
        'x-ratelimit-remaining': String(remaining),
        'x-ratelimit-reset': String(Math.floor(resetAt / SECOND)),
      }
    case 'none':
      return {}
  }
}
