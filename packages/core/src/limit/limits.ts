import type { Millis } from '../time.ts'
import type { WindowRule } from './window.ts'

/**
 * What a route is limited as. `redeem`: a secret that lets newcomers in; `preview`: what a code would give; `change`: other
 * writes of strangers; `poll`: asking again and again, as waiting and renewing devices do.
 */
export type LimitClass = 'redeem' | 'preview' | 'change' | 'poll'

/** In which words limits are told: those of draft-ietf-httpapi-ratelimit-headers 8, 7 or 6, or `X-RateLimit-*`. */
export type RateLimitDialect = 'draft-8' | 'draft-7' | 'draft-6' | 'legacy' | 'none'

export interface LockoutRule {
  /** So many wrong codes in a row lock a network out. */
  failures: number
  /** For so long, in milliseconds. */
  lockMs: Millis
}

/** At most so many in each window, per address. A window is a minute unless told. */
export interface WindowOptions {
  max?: number
  /** Milliseconds. */
  windowMs?: number
}

/** How often strangers may try. None of it has to be set. */
export interface LimitOptions {
  /** Redeeming codes and claiming the server as its first owner. Default 8 a minute. */
  redeem?: WindowOptions
  /** Looking at what a code would give. Default 15 a minute. */
  preview?: WindowOptions
  /** Other writes of who has no session. Default 5 a minute. */
  change?: WindowOptions
  /** Waiting, renewing, tickets: per address for strangers, else per session. Default 240 a minute. */
  poll?: WindowOptions
  /** Proofs of one key, and of all newcomers together, that each process takes. Default 6,000 a minute. */
  proof?: WindowOptions
  /** So many wrong codes in a row lock an address out for `lockMs` milliseconds. Default 10, for 15 minutes. */
  lockout?: { failures?: number; lockMs?: number }
  /** How many typed codes all together may try. Default: what the risk budget leaves, 754 in 15 minutes. */
  typedCodes?: WindowOptions
  /** How many bits of an IPv6 address count as one address: 32 to 128. Default 64. */
  ipv6Prefix?: number
  /** In which words answers tell of limits. Default `draft-8` (`RateLimit`, `RateLimit-Policy`). */
  headers?: RateLimitDialect
}

/** The options as they were checked, with their defaults. */
export interface LimitSettings {
  classes: Readonly<Record<LimitClass, WindowRule>>
  /** How many proofs of one key each process takes. */
  proof: WindowRule
  lockout: LockoutRule
  /** How many typed codes may be tried by all together. */
  typed: WindowRule
  /** How many bits of an IPv6 address are one subject. */
  ipv6Prefix: number
  headers: RateLimitDialect
}

/** Who is counted. */
export interface Subject {
  /** The address; IPv6 by its prefix. */
  network: string
  /** Whether it is that of an undeclared proxy, with everybody behind it. */
  folded: boolean
}

/** What it is counted under. */
export function subjectText({ network, folded }: Subject): string {
  return folded ? `proxied-${network}` : network
}

/** What goes for one address goes twentyfold for all behind a proxy that was not declared. */
export const FOLDED = 20

/** The rule for that subject: where many share an address, one of them must not use it up. */
export function ruleFor({ folded }: Pick<Subject, 'folded'>, rule: WindowRule): WindowRule {
  return folded ? { ...rule, max: rule.max * FOLDED } : rule
}
