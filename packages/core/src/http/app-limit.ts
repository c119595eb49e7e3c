import { isPairError, PairError } from '../errors.ts'
import { checkRule, type WindowRule } from '../limit/window.ts'
import type { AppLimit, Limited, RequestHeaders, RequestInfo } from '../pair.ts'
import { corsHeaders } from './origin-rules.ts'
import { problemResponse } from './problem.ts'
import { rateLimitHeaders } from './rate-limit-headers.ts'
import { createReckoner, NOWHERE, readSender } from './request-facts.ts'
import type { HttpParts } from './route.ts'

/** Limits of the app's own, counted as ours are. */
export function createAppLimit(
  parts: HttpParts,
): (request: RequestHeaders, info: RequestInfo | undefined, rule: AppLimit) => Promise<Limited> {
  const { limiter, clock, logger, settings } = parts
  const reckoner = createReckoner(settings)
  /** Rules that were looked at: apps pass the same one with each request. */
  const known = new WeakMap<AppLimit, WindowRule>()

  function check(rule: AppLimit): WindowRule {
    const fault = (field: string, must: string): PairError =>
      new PairError('config_invalid', {
        message: `limit: \`${field}\` must ${must}.`,
        hint: "For example { name: 'search', max: 30, windowMs: 60000 }",
      })
    if (typeof rule.name !== 'string' || !/^[A-Za-z0-9._-]{1,64}$/.test(rule.name))
      throw fault('name', 'be 1 to 64 letters, digits, dots, dashes')
    const outcome = checkRule(rule.max, rule.windowMs)
    if (!outcome.ok) throw fault(outcome.field, outcome.must)
    known.set(rule, outcome.rule)
    return outcome.rule
  }

  return async (request, info, rule) => {
    try {
      const sender = readSender(request, info, settings, reckoner)
      const standing = await limiter.countApp(rule.name, known.get(rule) ?? check(rule), sender)
      return { ok: true, headers: rateLimitHeaders(standing, settings.limits.headers, clock()) }
    } catch (error) {
      const { address } = readSender(request, info, settings, reckoner)
      const limit = isPairError(error) ? error.limit : undefined
      const url = new URL(URL.canParse(request.url) ? request.url : NOWHERE)
      parts.refused(error, { address, url })
      const response = problemResponse(error, logger, {
        ...corsHeaders({ request }, settings),
        ...(limit ? rateLimitHeaders(limit, settings.limits.headers, clock()) : {}),
      })
      return { ok: false, response }
    }
  }
}
