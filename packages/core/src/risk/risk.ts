import { TYPED_LENGTHS, typedCodeBits, type TypedLength } from '../bootstrap/typed-code.ts'
import type { Millis } from '../time.ts'
import {
  chanceOf,
  codesOf,
  exceeds,
  guessesOfAddress,
  guessesOfAll,
  leftOfWindow,
  lesser,
  toDoubleUp,
} from './guess-bound.ts'
import { tooFew, tooLikely, tooLittleRoom, tooShortLife } from './risk-refusals.ts'
import { faultOfWish, type Refusal, type RiskWish } from './risk-wish.ts'
import { deriveMax, longestLife, roomForHonest, SHORTEST_LIFE } from './typed-budget.ts'

export type { RiskWish } from './risk-wish.ts'

/** What follows from a wish. */
export interface RiskPlan {
  /** Of a typed code. */
  symbols: TypedLength
  bits: number
  liveCodes: number
  /** No typed code may live longer. Milliseconds. */
  longestLifeMs: Millis
  typed: { max: number; windowMs: Millis }
  /** An attacker's most within `perMs`. */
  guesses: number
  /** That one of them hits, at most. */
  chance: number
  perMs: Millis
  guessProbability: number
}

export type RiskOutcome = { ok: true; plan: RiskPlan } | ({ ok: false } & Refusal)

/** How long a typed code is, how long it lives, and how often all may guess, so that the wish holds; or why nothing does. */
export function planRisk(wish: RiskWish): RiskOutcome {
  const fault = faultOfWish(wish)
  if (fault) return { ok: false, ...fault }
  const { liveCodes, perMs, guessProbability } = wish
  const room = roomForHonest(wish)
  const symbols = TYPED_LENGTHS.find((length) => deriveMax(wish, length) >= room)
  if (symbols === undefined) return { ok: false, ...tooLittleRoom(wish) }
  const derived = Number(lesser(deriveMax(wish, symbols), BigInt(Number.MAX_SAFE_INTEGER)))
  const typed = { max: wish.typed.max ?? derived, windowMs: wish.typed.windowMs }
  if (leftOfWindow(typed, wish) <= guessesOfAddress(wish, typed.windowMs))
    return { ok: false, ...tooFew(wish, typed, derived) }
  const { most } = guessesOfAll(typed, wish.addresses, wish, perMs)
  const chance = chanceOf(most, liveCodes, codesOf(symbols))
  if (exceeds(chance, guessProbability))
    return { ok: false, ...tooLikely(wish, symbols, typed, derived) }
  const longestLifeMs = longestLife(typed, guessProbability, symbols)
  if (longestLifeMs < SHORTEST_LIFE)
    return { ok: false, ...tooShortLife(wish, symbols, typed, derived) }
  return {
    ok: true,
    plan: {
      symbols,
      bits: typedCodeBits(symbols),
      liveCodes,
      longestLifeMs,
      typed,
      guesses: toDoubleUp({ over: most, under: 1n }),
      // it does not exceed the wish, so rounding up need not either
      chance: Math.min(toDoubleUp(chance), guessProbability),
      perMs,
      guessProbability,
    },
  }
}
