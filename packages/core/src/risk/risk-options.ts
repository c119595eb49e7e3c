import type { RiskPlan } from './risk.ts'

/** The tolerable chance that strangers guess a typed code; length, life and caps of codes follow from it. */
export interface RiskOptions {
  /** Of any code within `perMs`. Default 0.0001. */
  guessProbability?: number
  /** Milliseconds. Default 365 days. */
  perMs?: number
  /** How many codes may be alive at once, of all issuers together: 1 to 1,000. Default 100. One more ends the oldest. */
  liveCodes?: number
  /** How many IPv4 addresses or IPv6 networks an attacker has at hand. Default 1,000,000. */
  addresses?: number
}

/** What follows from the risk budget, and how it was reckoned. */
export interface RiskReport extends RiskPlan {
  /** The arithmetic, line by line. */
  explanation: readonly string[]
}
