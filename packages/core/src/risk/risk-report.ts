import { countText, numberOf, oddsText, powerText, spanText, wishText } from './figures.ts'
import { chanceOf, codesOf, guessesOfAddress, guessesOfAll, leftOfWindow } from './guess-bound.ts'
import { addressText, windowsText } from './risk-refusals.ts'
import type { RiskPlan } from './risk.ts'
import type { RiskWish } from './risk-wish.ts'

/** How a plan was reckoned, line by line, for people. */
export function explainRisk(plan: RiskPlan, wish: RiskWish): string[] {
  const { symbols, typed, liveCodes, perMs } = plan
  const { byBudget, direct, folded, most } = guessesOfAll(typed, wish.addresses, wish, perMs)
  const share = guessesOfAddress(wish, typed.windowMs)
  const left = leftOfWindow(typed, wish)
  const taken = BigInt(typed.max) - left
  // several of them share one half
  const others = BigInt(typed.max) - (wish.folded > 0 ? BigInt(typed.max) / 2n : 0n)
  return [
    `Tolerable: ${wishText(plan.guessProbability)} in ${spanText(perMs)} that strangers guess any typed code.`,
    `A typed code has ${symbols} symbols of 31: ${powerText(symbols)} codes, ${plan.bits.toFixed(2)} bits.`,
    `Alive at once: ${numberOf(liveCodes, 'code')} at most; one guess may hit any of them.`,
    `All together may guess ${countText(typed.max)} times in ${spanText(typed.windowMs)}: ` +
      `× ${windowsText(perMs, typed.windowMs)} in ${spanText(perMs)}, one more than fit in it = ${countText(byBudget)} guesses.`,
    `One network may guess ${numberOf(guessesOfAddress(wish, perMs), 'time')} (${addressText(wish, perMs)}): ` +
      `× ${numberOf(wish.addresses, 'network')} = ${countText(direct)} guesses` +
      (folded > 0n
        ? `, and ${countText(folded)} as proxies that nobody declared: without a lockout, but half of what all have.`
        : '.'),
    `The smaller counts: ${numberOf(most, 'guess', 'guesses')} × ${numberOf(liveCodes, 'live code')} / ${powerText(symbols)} codes = ` +
      `${oddsText(chanceOf(most, liveCodes, codesOf(symbols)))} in ${spanText(perMs)}.`,
    `A typed code lives ${spanText(plan.longestLifeMs)} at most.`,
    `One network spends at most ${countText(share)} of the ${countText(typed.max)} guesses of a window` +
      (taken > 0n ? `, and ${countText(taken)} as a proxy that nobody declared` : '') +
      `; ${numberOf((others + share - 1n) / share, 'network')} at once can suspend typed codes until the next. Links go on.`,
  ]
}
