import type { TypedLength } from '../bootstrap/typed-code.ts'
import { countText, numberOf, oddsText, powerText, roundUp, spanText, wishText } from './figures.ts'
import {
  chanceOf,
  codesOf,
  guessesOfAddress,
  guessesOfAll,
  guessesWithin,
  leftOfWindow,
  toDoubleUp,
  windowsTouched,
  type Cap,
} from './guess-bound.ts'
import type { Refusal, RiskWish } from './risk-wish.ts'
import { deriveMax, roomForHonest, SHORTEST_LIFE, steadyShare, STRANGERS } from './typed-budget.ts'

const LONGEST = 15

/** No code is long enough. */
export function tooLittleRoom(wish: RiskWish): Refusal {
  const { guessProbability, perMs, liveCodes, typed } = wish
  const windows = windowsTouched(perMs, typed.windowMs)
  const room = roomForHonest(wish)
  const codes = codesOf(LONGEST)
  const chance = roundUp(toDoubleUp({ over: room * BigInt(liveCodes) * windows, under: codes }))
  const fewer = guessesWithin(guessProbability, 1, codes) / (room * windows)
  return {
    reason:
      `\`risk\` leaves no room for honest people: ${guessProbability} × ${powerText(LONGEST)} codes / ` +
      `${numberOf(liveCodes, 'live code')} / ${countText(windows)} windows of ${spanText(typed.windowMs)} in ${spanText(perMs)} = ` +
      `${countText(deriveMax(wish, LONGEST))} guesses a window for all together, and it must be ${countText(room)}: ` +
      `${STRANGERS} strangers who fail ${numberOf(steadyShare(wish), 'time')} each must not suspend typed codes for all.`,
    mend:
      `risk: { guessProbability: ${chance} }` +
      (fewer > 0n ? ` or risk: { liveCodes: ${fewer} }` : ''),
  }
}

/** One network could use up what all together have. */
export function tooFew(wish: RiskWish, typed: Cap, derived: number): Refusal {
  const { windowMs } = typed
  const direct = guessesOfAddress(wish, windowMs)
  const folded = BigInt(typed.max) - leftOfWindow(typed, wish)
  return {
    reason:
      `\`limits.typedCodes.max\` ${countText(typed.max)} is too few: within ${spanText(windowMs)} one network can guess ` +
      `${numberOf(direct, 'time')} (${addressText(wish, windowMs)})` +
      (folded > 0n ? ` and ${numberOf(folded, 'time')} as a proxy that nobody declared` : '') +
      `, so that one stranger would suspend typed codes for all.`,
    mend: `limits: { typedCodes: { max: ${derived} } }`,
  }
}

/** The guesses add up to more than is tolerable. */
export function tooLikely(
  wish: RiskWish,
  symbols: TypedLength,
  typed: Cap,
  derived: number,
): Refusal {
  const { perMs, liveCodes, guessProbability } = wish
  const { byBudget, direct, folded, most } = guessesOfAll(typed, wish.addresses, wish, perMs)
  const guesses =
    byBudget === most
      ? `${numberOf(typed.max, 'guess', 'guesses')} × ${windowsText(perMs, typed.windowMs)}`
      : `(${numberOf(wish.addresses, 'network')} × ${countText(direct / BigInt(wish.addresses))} guesses + ` +
        `${countText(folded)} as proxies that nobody declared)`
  return {
    reason:
      `\`limits.typedCodes.max\` ${countText(typed.max)} is too many: ${guesses} in ${spanText(perMs)} × ` +
      `${numberOf(liveCodes, 'live code')} / ${powerText(symbols)} codes = ` +
      `${oddsText(chanceOf(most, liveCodes, codesOf(symbols)))}; tolerable is ${wishText(guessProbability)}.`,
    mend: `limits: { typedCodes: { max: ${derived} } }`,
  }
}

/** Before anybody could type it a code would have been guessed at too often. */
export function tooShortLife(
  wish: RiskWish,
  symbols: TypedLength,
  typed: Cap,
  derived: number,
): Refusal {
  const guesses = BigInt(typed.max) * windowsTouched(SHORTEST_LIFE, typed.windowMs)
  return {
    reason:
      `\`limits.typedCodes.max\` ${countText(typed.max)} is too many: ${numberOf(typed.max, 'guess', 'guesses')} × ` +
      `${windowsText(SHORTEST_LIFE, typed.windowMs)} while one code lives ${spanText(SHORTEST_LIFE)} / ${powerText(symbols)} codes = ` +
      `${oddsText(chanceOf(guesses, 1, codesOf(symbols)))}; tolerable is ${wishText(wish.guessProbability)}.`,
    mend: `limits: { typedCodes: { max: ${derived} } }`,
  }
}

/** How often windows of a span are touched: `35,041 windows of 15 minutes`. */
export function windowsText(spanMs: number, windowMs: number): string {
  return `${countText(windowsTouched(spanMs, windowMs))} windows of ${spanText(windowMs)}`
}

/** What holds one network back: its lockout, or its windows. */
export function addressText(wish: RiskWish, spanMs: number): string {
  const { lockout, redeem, preview } = wish
  const byLockout = BigInt(lockout.failures) * windowsTouched(spanMs, lockout.lockMs)
  return guessesOfAddress(wish, spanMs) === byLockout
    ? `${numberOf(lockout.failures, 'failure')} × ${windowsText(spanMs, lockout.lockMs)}`
    : `${numberOf(redeem.max, 'redeem')} × ${windowsText(spanMs, redeem.windowMs)} + ` +
        `${numberOf(preview.max, 'preview')} × ${windowsText(spanMs, preview.windowMs)}`
}
