import { TYPED_ALPHABET } from '../bootstrap/typed-code.ts'
import type { Millis } from '../time.ts'

/** So many counted at most in each fixed window. */
export interface Cap {
  max: number
  windowMs: Millis
}

/** What holds back one address. */
export interface AddressLimits {
  lockout: { failures: number; lockMs: Millis }
  redeem: Cap
  preview: Cap
  /**
   * So many times its windows an address has that seems to be a proxy nobody declared, without any lockout, and half of what
   * all have. Anybody can seem so by a header. 0 where a proxy is declared.
   */
  folded: number
}

/** A number without rounding. Everything here is exact: 31^15 is beyond what a double counts. */
export interface Fraction {
  over: bigint
  under: bigint
}

/** How many codes of so many symbols there are. */
export function codesOf(symbols: number): bigint {
  return BigInt(TYPED_ALPHABET.length) ** BigInt(symbols)
}

/** A double as the fraction that it is. */
export function toFraction(value: number): Fraction {
  let under = 1n
  let whole = value
  while (!Number.isInteger(whole)) {
    whole *= 2
    under *= 2n
  }
  return { over: BigInt(whole), under }
}

/** How many fixed windows a span can touch: one more than fit in it, since it may begin at the end of one. */
export function windowsTouched(spanMs: Millis, windowMs: Millis): bigint {
  return BigInt(Math.ceil(spanMs / windowMs)) + 1n
}

/** How often one address can guess within a span: until it is locked out, or its windows are full. */
export function guessesOfAddress(limits: AddressLimits, spanMs: Millis): bigint {
  const { failures, lockMs } = limits.lockout
  return lesser(most({ max: failures, windowMs: lockMs }, spanMs), ofWindows(limits, spanMs))
}

/** What is left of a window to those who seem to be no proxy, when the others have spent their half. */
export function leftOfWindow(typed: Cap, limits: AddressLimits): bigint {
  const spent = BigInt(limits.folded) * ofWindows(limits, typed.windowMs)
  return BigInt(typed.max) - lesser(spent, halfOf(typed))
}

/** How often all addresses together can guess within a span. */
export function guessesOfAll(
  typed: Cap,
  addresses: number,
  limits: AddressLimits,
  spanMs: Millis,
): { byBudget: bigint; direct: bigint; folded: bigint; most: bigint } {
  const byBudget = most(typed, spanMs)
  const direct = BigInt(addresses) * guessesOfAddress(limits, spanMs)
  const folded = lesser(
    BigInt(addresses) * BigInt(limits.folded) * ofWindows(limits, spanMs),
    halfOf(typed) * windowsTouched(spanMs, typed.windowMs),
  )
  return { byBudget, direct, folded, most: lesser(byBudget, direct + folded) }
}

function halfOf(typed: Cap): bigint {
  return BigInt(typed.max) / 2n
}

function most({ max, windowMs }: Cap, spanMs: Millis): bigint {
  return BigInt(max) * windowsTouched(spanMs, windowMs)
}

function ofWindows({ redeem, preview }: AddressLimits, spanMs: Millis): bigint {
  return most(redeem, spanMs) + most(preview, spanMs)
}

/** The chance that one of these guesses hits one of these codes, at most: the chances of all pairs added up. */
export function chanceOf(guesses: bigint, liveCodes: number, codes: bigint): Fraction {
  return { over: guesses * BigInt(liveCodes), under: codes }
}

export function exceeds(chance: Fraction, tolerable: number): boolean {
  const limit = toFraction(tolerable)
  return chance.over * limit.under > limit.over * chance.under
}

/** How many guesses against so many live codes stay within the tolerable chance. */
export function guessesWithin(tolerable: number, liveCodes: number, codes: bigint): bigint {
  const limit = toFraction(tolerable)
  return (limit.over * codes) / (limit.under * BigInt(liveCodes))
}

/** A double that is never below the fraction, and is the fraction where that is a safe integer. */
export function toDoubleUp({ over, under }: Fraction): number {
  if (under === 1n && over <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(over)
  // three roundings of half a unit in the last place, and four whole ones on top
  return (Number(over) / Number(under)) * (1 + 4 * Number.EPSILON)
}

export function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
