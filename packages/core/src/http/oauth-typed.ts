import { parseCode } from '../bootstrap/typed-code.ts'
import { PairError } from '../errors.ts'
import type { Attempt } from '../limit/limit-service.ts'
import type { Visit } from './route.ts'

/**
 * Judges a user code that was typed, counted as a guess before.
 *
 * @throws PairError `code_malformed`, `rate_limited`, `locked_out`, `codes_suspended`; what `judge` throws
 */
export async function typed<T>(
  { parts, facts }: Visit,
  userCode: string,
  judge: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  // Nothing was guessed by what is no code at all.
  if (parseCode(userCode, parts.settings.risk.symbols).form !== 'typed')
    throw new PairError('code_malformed')
  return parts.limiter.guess('typed', facts, judge)
}
