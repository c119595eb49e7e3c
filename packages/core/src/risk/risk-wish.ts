import { DAY, isDuration, MINUTE, type Millis } from '../time.ts'
import { countText } from './figures.ts'
import type { AddressLimits } from './guess-bound.ts'

/** What is tolerable, and what guessing is held back by. */
export interface RiskWish extends AddressLimits {
  /** The tolerable chance that strangers guess any typed code within `perMs`. Default 1e-4. */
  guessProbability: number
  /** Milliseconds, a minute at least. Default 365 days. */
  perMs: Millis
  /** How many codes may be alive at once, 1 to 1,000. Default 100. */
  liveCodes: number
  /** How many networks (an IPv4 address, an IPv6 /64) an attacker has at hand. Default 1,000,000. */
  addresses: number
  /** Guesses at typed codes by all together, in each window; `null`: as many as the rest allows. Default `null`, 15 minutes. */
  typed: { max: number | null; windowMs: Millis }
}

export const RISK_DEFAULTS: RiskWish = {
  guessProbability: 1e-4,
  perMs: 365 * DAY,
  liveCodes: 100,
  addresses: 1_000_000,
  typed: { max: null, windowMs: 15 * MINUTE },
  lockout: { failures: 10, lockMs: 15 * MINUTE },
  redeem: { max: 8, windowMs: MINUTE },
  preview: { max: 15, windowMs: MINUTE },
  folded: 20,
}

/** Why there is no plan, and what to write instead. */
export interface Refusal {
  reason: string
  mend: string
}

/** Which number of the wish is none of its kind. */
export function faultOfWish(wish: RiskWish): Refusal | null {
  const { guessProbability, perMs, typed, lockout, redeem, preview } = wish
  if (
    !(typeof guessProbability === 'number' && guessProbability >= 1e-18 && guessProbability <= 0.1)
  )
    return fault('risk.guessProbability', 'a number from 1e-18 to 0.1', 1e-4)
  if (!isDuration(perMs) || perMs < MINUTE)
    return fault(
      'risk.perMs',
      'a whole number of milliseconds, from a minute to a hundred years',
      365 * DAY,
    )
  return (
    count('risk.liveCodes', wish.liveCodes, 1_000, 100) ??
    count('risk.addresses', wish.addresses, Number.MAX_SAFE_INTEGER, 1_000_000) ??
    (typed.max === null
      ? null
      : count('limits.typedCodes.max', typed.max, Number.MAX_SAFE_INTEGER, 754)) ??
    span('limits.typedCodes.windowMs', typed.windowMs, 15 * MINUTE) ??
    count('limits.lockout.failures', lockout.failures, 1_000, 10) ??
    span('limits.lockout.lockMs', lockout.lockMs, 15 * MINUTE) ??
    count('limits.redeem.max', redeem.max, 1_000_000, 8) ??
    span('limits.redeem.windowMs', redeem.windowMs, MINUTE) ??
    count('limits.preview.max', preview.max, 1_000_000, 15) ??
    span('limits.preview.windowMs', preview.windowMs, MINUTE)
  )
}

function count(option: string, value: number, most: number, usual: number): Refusal | null {
  if (Number.isInteger(value) && value >= 1 && value <= most) return null
  const range =
    most === Number.MAX_SAFE_INTEGER ? 'from 1 to 2^53 - 1' : `from 1 to ${countText(most)}`
  return fault(option, `a whole number ${range}`, usual)
}

function span(option: string, value: number, usual: number): Refusal | null {
  if (isDuration(value)) return null
  return fault(option, 'a whole number of milliseconds, from 1,000 to a hundred years', usual)
}

function fault(option: string, kind: string, usual: number): Refusal {
  return { reason: `\`${option}\` must be ${kind}.`, mend: `${option.split('.').at(-1)}: ${usual}` }
}
