/** The rules of limits, lockouts and the risk budget by themselves: pure functions, without a clock, a store or a secret. */
export { ruleFor, subjectText } from './limit/limits.ts'
export type {
  LimitClass,
  LimitOptions,
  LockoutRule,
  RateLimitDialect,
  Subject,
  WindowOptions,
} from './limit/limits.ts'
export { judgeLock, sliceEnd, sliceOf } from './limit/lockout.ts'
export type { LockJudgement, Lockout } from './limit/lockout.ts'
export { checkRule, standingOf, windowOf } from './limit/window.ts'
export type { LimitStanding, RuleOutcome, WindowRule } from './limit/window.ts'
export { explainRisk } from './risk/risk-report.ts'
export { RISK_DEFAULTS } from './risk/risk-wish.ts'
export { planRisk } from './risk/risk.ts'
export type { RiskOutcome, RiskPlan, RiskWish } from './risk/risk.ts'
export type { Millis } from './time.ts'
