import { isPairError, PairError, requireTime, type LimitStanding } from '../errors.ts'
import type { RequestHead, RequestInfo } from '../pair.ts'
import type { NoStanding } from '../session/standing.ts'
import {
  authenticateRequest,
  exchangeTicket,
  recallAuthenticated,
  type Authenticated,
} from './authentication.ts'
import { requireNeed } from './require-need.ts'
import { cookieName } from './cookie.ts'
import { readCredentials } from './credentials.ts'
import { checkHost, corsHeaders } from './origin-rules.ts'
import { problemResponse } from './problem.ts'
import { diagnoseProxy, type AddressDoubt } from './undeclared-proxy.ts'
import type { ResourceAccess } from '../resource/resource.ts'
import { HOUR, type Millis } from '../time.ts'
import {
  createReckoner,
  readHead,
  urlOf,
  withUrl,
  type HeadFacts,
  type RequestFacts,
} from './request-facts.ts'
import { neededAccess } from './resource-need.ts'
import type { HttpParts, Visit } from './route.ts'
import { rateLimitHeaders } from './rate-limit-headers.ts'
import { createSpendOnce } from './spend-once.ts'

type OpenVisit = Omit<Visit, 'id' | 'body'>

/** What a request brings to say who asks. */
type Brought = Pick<Visit, 'credentials' | 'cookie' | 'authenticate' | 'require'>

type CookieNames = Readonly<Record<RequestFacts['scheme'], string>>

/** How every request is met, on our routes and on the app's own. */
export interface Visits {
  /** Answers with what `serve` answers, or with the problem that it throws; both carry CORS for listed origins. */
  answer(
    request: Request,
    info: RequestInfo | undefined,
    serve: (facts: RequestFacts, open: () => Promise<OpenVisit>) => Promise<Response>,
  ): Promise<Response>
  /** The facts of a request that is for this host. @throws PairError `host_refused`, `insecure_transport` */
  facts<R extends RequestHead>(request: R, info: RequestInfo | undefined): HeadFacts<R>
  /** @throws PairError `duplicate_credentials` */
  read(facts: HeadFacts): Promise<Brought> | Brought
  /** A refusal as the stranger hears it; the operator hears why. */
  refuse(error: unknown, request: RequestHead, info: RequestInfo | undefined): Response
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
  const reckoner = createReckoner(settings)
  const warned = new Map<AddressDoubt, Millis>()

  /** Tells the operator, once an hour for each doubt, why addresses can't be told apart. */
  function diagnose(read: HeadFacts): void {
    const { doubt } = read
    if (doubt === null) return
    const now = parts.clock()
    // Whatever the clock does in between: away from the last time by less than an hour is too soon.
    if (!(Math.abs(now - (warned.get(doubt) ?? -Infinity)) >= HOUR)) return
    const sentence = diagnoseProxy(read, settings)
    if (sentence === null) return
    warned.set(doubt, now)
    logger.warn(sentence, { doubt })
  }

  function facts<R extends RequestHead>(request: R, info: RequestInfo | undefined): HeadFacts<R> {
    requireTime(parts.clock())
    const arrived = readHead(request, info, settings, reckoner)
    diagnose(arrived)
    checkHost(arrived, settings)
    return arrived
  }

  let cookies: CookieNames | undefined
  async function nameCookies(): Promise<CookieNames> {
    const instance = await parts.instance()
    return (cookies = { http: cookieName(instance, false), https: cookieName(instance, true) })
  }

  /** What it brings. Only the first requests wait: until the instance knows its name. */
  const read: Visits['read'] = (facts) =>
    cookies ? readAs(facts, cookies) : nameCookies().then((names) => readAs(facts, names))

  function readAs(facts: HeadFacts, names: CookieNames): Brought {
    const { request } = facts
    const cookie = names[facts.scheme]
    const credentials = readCredentials(request.headers, cookie)
    const { presented, proof } = credentials
    const authenticate: Brought['authenticate'] = (needed: ResourceAccess | null = null) => {
      const ticket =
        facts.method === 'GET' && (presented.by === 'none' || (presented.by === 'cookie' && needed))
          ? urlOf(facts).searchParams.get('ticket')
          : null
      const known =
        ticket === null && needed === null ? recallAuthenticated(parts, credentials) : null
      if (known !== null) return known
      // What brings nothing to spend needs no account of it.
      const spending = ticket === null && proof === null ? parts : sparing(request)
      return ticket === null
        ? authenticateRequest(spending, facts, credentials, needed)
        : exchangeTicket(spending, facts, 'stream', ticket, proof, needed).catch(asNobody)
    }
    return {
      credentials,
      cookie,
      authenticate,
      require: async (need) => {
        const { resources } = settings
        return requireNeed(await authenticate(neededAccess(need, resources)), need, resources)
      },
    }
  }

  function limitHeaders(standing: LimitStanding | undefined): Record<string, string> {
    return standing ? rateLimitHeaders(standing, settings.limits.headers, parts.clock()) : {}
  }

  function refuse(
    error: unknown,
    request: RequestHead,
    info: RequestInfo | undefined,
    told?: LimitStanding,
  ): Response {
    const arrived = withUrl(readHead(request, info, settings, reckoner))
    parts.refused(error, arrived)
    const allow =
      error instanceof PairError && error.code === 'method_not_allowed' ? error.members.allow : null
    return problemResponse(error, logger, {
      ...corsHeaders(arrived, settings),
      ...limitHeaders((isPairError(error) && error.limit) || told),
      ...(Array.isArray(allow) ? { allow: allow.join(', ') } : {}),
    })
  }

  return {
    facts,
    read,
    refuse,
    async answer(request, info, serve) {
      let told: LimitStanding | undefined
      try {
        const arrived = withUrl(facts(request, info))
        const response = await serve(arrived, async () => ({
          ...(await read(arrived)),
          parts,
          facts: arrived,
          info,
          tell: (standing) => void (told = standing),
        }))
        const headers = { ...corsHeaders(arrived, settings), ...limitHeaders(told) }
        for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
        return response
      } catch (error) {
        return refuse(error, request, info, told)
      }
    },
  }
}
