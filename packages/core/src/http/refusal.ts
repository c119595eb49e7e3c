import type { Refusal } from '../audit/event.ts'
import { isPairError } from '../errors.ts'
import type { Millis } from '../time.ts'
import type { RequestFacts } from './request-facts.ts'

/** A refusal as the operator hears of it. */
export function toRefusal(
  error: unknown,
  { address, url }: Pick<RequestFacts, 'address' | 'url'>,
  at: Millis,
): Refusal {
  const known = isPairError(error) ? error : null
  return {
    code: known?.code ?? 'internal',
    reason: known?.reason ?? known?.message ?? 'a fault',
    at,
    path: url.pathname,
    ...(address === null ? {} : { address }),
  }
}
