import type { TypedLength } from '../bootstrap/typed-code.ts'
import { DAY, SECOND, type Millis } from '../time.ts'
import { codesOf, guessesWithin, lesser, windowsTouched, type Cap } from './guess-bound.ts'
import type { RiskWish } from './risk-wish.ts'

/** So many networks that fail as often as they may must leave typed codes to the others. */
export const STRANGERS = 50
export const LONGEST_LIFE: Millis = 30 * DAY
/** In less nobody reads a code out and types it. */
export const SHORTEST_LIFE: Millis = 30 * SECOND

/** How many guesses all together have in a window, if a code has so many symbols. */
export function deriveMax(wish: RiskWish, symbols: TypedLength): bigint {
  const { guessProbability, liveCodes, perMs, typed } = wish
  const guesses = guessesWithin(guessProbability, liveCodes, codesOf(symbols))
  return guesses / windowsTouched(perMs, typed.windowMs)
}

/** What one network spends of a window when it fails as often as it may, window after window. */
export function steadyShare(wish: RiskWish): bigint {
  const { lockout, redeem, preview, typed } = wish
  const inWindow = (max: number, windowMs: Millis): bigint =>
    BigInt(max) * BigInt(Math.ceil(typed.windowMs / windowMs))
  const one = lesser(
    inWindow(lockout.failures, lockout.lockMs),
    inWindow(redeem.max, redeem.windowMs) + inWindow(preview.max, preview.windowMs),
  )
  const failures = BigInt(lockout.failures)
  return one > failures ? one : failures
}

/** How many guesses a window must have, so that fifty strangers don't use them up. */
export function roomForHonest(wish: RiskWish): bigint {
  return BigInt(STRANGERS) * steadyShare(wish)
}

/** How long one code may live before the guesses at it alone exceed the tolerable chance. */
export function longestLife(typed: Cap, tolerable: number, symbols: TypedLength): Millis {
  const windows = guessesWithin(tolerable, 1, codesOf(symbols)) / BigInt(typed.max)
  return Number(lesser((windows - 1n) * BigInt(typed.windowMs), BigInt(LONGEST_LIFE)))
}
