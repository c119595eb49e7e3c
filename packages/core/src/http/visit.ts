import { isPairError, PairError, requireTime, type LimitStanding } from '../errors.ts'
import type { RequestInfo } from '../pair.ts'
import type { NoStanding } from '../session/standing.ts'
import {
  authenticateRequest,
  exchangeTicket,
  requireNeed,
  type Authenticated,
} from './authentication.ts'
import { cookieName } from './cookie.ts'
import { readCredentials } from './credentials.ts'
import { checkHost, corsHeaders } from './origin-rules.ts'
import { problemResponse } from './problem.ts'
import { diagnoseProxy, type AddressDoubt } from './undeclared-proxy.ts'
import { HOUR, type Millis } from '../time.ts'
import { readFacts, type RequestFacts } from './request-facts.ts'
import type { HttpParts, Visit } from './route.ts'
import { rateLimitHeaders } from './rate-limit-headers.ts'
import { createSpendOnce } from './spend-once.ts'

type OpenVisit = Omit<Visit, 'id' | 'body'>

/** How every request is met, on our routes and on the app's own. */
export interface Visits {
  /** Answers with what `serve` answers, or with the problem that it throws; both carry CORS for listed origins. */
  answer(
    request: Request,
    info: RequestInfo | undefined,
    serve: (facts: RequestFacts, open: () => Promise<OpenVisit>) => Promise<Response>,
  ): Promise<Response>
  /** The facts of a request that is for this host. @throws PairError `host_refused`, `insecure_transport` */
  facts(request: Request, info: RequestInfo | undefined): RequestFacts
  open(facts: RequestFacts, info: RequestInfo | undefined): Promise<OpenVisit>
  /** A refusal as the stranger hears it; the operator hears why. */
  refuse(error: unknown, request: Request, info: RequestInfo | undefined): Response
}

/** A ticket that lets nobody in leaves a guest: routes that are open to all stay open to him. */
function asNobody(error: unknown): Authenticated {
  const reason = isPairError(error)
    ? /^session_(expired|revoked|invalid)$/.exec(error.code)?.[1]
    : undefined
  if (reason === undefined) throw error
  return {
    kind: 'none',
    reason: reason as NoStanding,
    detail: (error as PairError).reason ?? `the ticket's session is ${reason}`,
  }
}

export function createVisits(parts: HttpParts): Visits {
  const { settings, logger } = parts
  const sparing = createSpendOnce(parts)
  const warned = new Map<AddressDoubt, Millis>()

  /** Tells the operator, once an hour for each doubt, why addresses can't be told apart. */
  function diagnose(read: RequestFacts): void {
    const now = parts.clock()
    const { doubt } = read
    // Whatever the clock does in between: away from the last time by less than an hour is too soon.
    if (doubt === null || !(Math.abs(now - (warned.get(doubt) ?? -Infinity)) >= HOUR)) return
    const sentence = diagnoseProxy(read, settings)
    if (sentence === null) return
    warned.set(doubt, now)
    logger.warn(sentence, { doubt })
  }

  function facts(request: Request, info: RequestInfo | undefined): RequestFacts {
    requireTime(parts.clock())
    const read = readFacts(request, info, settings)
    diagnose(read)
    checkHost(read, settings)
    return read
  }

  async function open(
    read: RequestFacts,
    info: RequestInfo | undefined,
    tell: OpenVisit['tell'] = () => {},
  ): Promise<OpenVisit> {
    const { request } = read
    const cookie = cookieName(await parts.instance(), read.scheme === 'https')
    const credentials = readCredentials(request.headers, cookie)
    const authenticate = (): Promise<Authenticated> => {
      const ticket =
        read.method === 'GET' && credentials.presented.by === 'none'
          ? read.url.searchParams.get('ticket')
          : null
      return ticket === null
        ? authenticateRequest(sparing(request), read, credentials)
        : exchangeTicket(sparing(request), read, 'stream', ticket, credentials.proof).catch(
            asNobody,
          )
    }
    return {
      parts,
      facts: read,
      info,
      credentials,
      cookie,
      authenticate,
      tell,
      require: async (need) => requireNeed(await authenticate(), need),
    }
  }

  function limitHeaders(standing: LimitStanding | undefined): Record<string, string> {
    return standing ? rateLimitHeaders(standing, settings.limits.headers, parts.clock()) : {}
  }

  function refuse(
    error: unknown,
    request: Request,
    info: RequestInfo | undefined,
    told?: LimitStanding,
  ): Response {
    const read = readFacts(request, info, settings)
    parts.refused(error, read)
    const allow =
      error instanceof PairError && error.code === 'method_not_allowed' ? error.members.allow : null
    return problemResponse(error, logger, {
      ...corsHeaders(read, settings),
      ...limitHeaders((isPairError(error) && error.limit) || told),
      ...(Array.isArray(allow) ? { allow: allow.join(', ') } : {}),
    })
  }

  return {
    facts,
    open,
    refuse,
    async answer(request, info, serve) {
      let told: LimitStanding | undefined
      try {
        const read = facts(request, info)
        const response = await serve(read, () =>
          open(read, info, (standing) => void (told = standing)),
        )
        const headers = { ...corsHeaders(read, settings), ...limitHeaders(told) }
        for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
        return response
      } catch (error) {
        return refuse(error, request, info, told)
      }
    },
  }
}
