import { PairError } from './errors.ts'
import { invalid } from './invalid-option.ts'
import {
  FOLDED,
  type LimitOptions,
  type LimitSettings,
  type RateLimitDialect,
  type WindowOptions,
} from './limit/limits.ts'
import { checkRule, type WindowRule } from './limit/window.ts'
import { explainRisk } from './risk/risk-report.ts'
import type { RiskOptions, RiskReport } from './risk/risk-options.ts'
import { planRisk } from './risk/risk.ts'
import { RISK_DEFAULTS } from './risk/risk-wish.ts'
import { MINUTE } from './time.ts'

const DIALECTS: readonly RateLimitDialect[] = ['draft-8', 'draft-7', 'draft-6', 'legacy', 'none']

const LIMITS = 'redeem preview change poll proof lockout typedCodes ipv6Prefix headers'.split(' ')
const RISKS = ['guessProbability', 'perMs', 'liveCodes', 'addresses']

/** @throws PairError `config_invalid`, which names the option, or shows the arithmetic of a mix that is not safe */
export function checkLimits(
  limits: LimitOptions = {},
  risk: RiskOptions = {},
): { limits: LimitSettings; risk: RiskReport } {
  requireKnown('limits', limits, LIMITS)
  requireKnown('risk', risk, RISKS)
  const { lockout = {}, typedCodes = {}, ipv6Prefix = 64, headers = 'draft-8' } = limits
  requireKnown('limits.lockout', lockout, ['failures', 'lockMs'])
  requireKnown('limits.typedCodes', typedCodes, ['max', 'windowMs'])
  if (!(Number.isInteger(ipv6Prefix) && ipv6Prefix >= 32 && ipv6Prefix <= 128))
    throw invalid('limits.ipv6Prefix', 'be a whole number from 32 to 128', 'ipv6Prefix: 64')
  if (!DIALECTS.includes(headers))
    throw invalid('limits.headers', `be one of ${DIALECTS.join(', ')}`, "headers: 'draft-8'")
  const classes = {
    redeem: windowRule('limits.redeem', limits.redeem, 8),
    preview: windowRule('limits.preview', limits.preview, 15),
    change: windowRule('limits.change', limits.change, 5),
    poll: windowRule('limits.poll', limits.poll, 240),
  }
  const proof = windowRule('limits.proof', limits.proof, 6_000)
  const wanted = { ...RISK_DEFAULTS, ...given(risk) }
  const wish = {
    ...wanted,
    ...classes,
    // Whoever has a /64 has so many networks of that prefix.
    addresses: Math.min(
      wanted.addresses * 2 ** Math.max(0, ipv6Prefix - 64),
      Math.max(wanted.addresses, Number.MAX_SAFE_INTEGER),
    ),
    lockout: { ...RISK_DEFAULTS.lockout, ...given(lockout) },
    typed: { ...RISK_DEFAULTS.typed, ...given(typedCodes) },
    folded: FOLDED,
  }
  const outcome = planRisk(wish)
  if (!outcome.ok)
    throw new PairError('config_invalid', {
      message: `createPair: ${outcome.reason}`,
      hint: `For example ${outcome.mend}`,
    })
  const { plan } = outcome
  return {
    limits: { classes, proof, lockout: wish.lockout, typed: plan.typed, ipv6Prefix, headers },
    risk: { ...plan, explanation: explainRisk(plan, wish) },
  }
}

function windowRule(option: string, options: WindowOptions = {}, usual: number): WindowRule {
  requireKnown(option, options, ['max', 'windowMs'])
  const { max = usual, windowMs } = options
  const outcome = checkRule(max, windowMs)
  if (outcome.ok) return outcome.rule
  const { field, must } = outcome
  throw invalid(
    `${option}.${field}`,
    must,
    field === 'max' ? `max: ${usual}` : `windowMs: ${MINUTE}`,
  )
}

/** What was given in earnest: an option that is `undefined` is as good as absent. */
function given<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> }
}

/** A name that was mistyped would leave a limit as it is. */
function requireKnown(option: string, value: object, known: readonly string[]): void {
  requireObject(option, value)
  const other = Object.keys(value).find((name) => !known.includes(name))
  if (other !== undefined)
    throw invalid(
      `${option}.${other}`,
      `not be there: there is ${known.join(', ')}`,
      `${option}: {}`,
    )
}

function requireObject(option: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(option, 'be an object', `${option.split('.').at(-1)}: {}`)
}
