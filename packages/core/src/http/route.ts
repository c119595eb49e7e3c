import type * as z from 'zod/mini'
import type { AdmissionService } from '../admission/admission-service.ts'
import type { ApprovalsService } from '../approval/approvals-service.ts'
import type { CollectService } from '../approval/collect-service.ts'
import type { DecideService } from '../approval/decide-service.ts'
import type { RequestService } from '../approval/request-service.ts'
import type { WaitService } from '../approval/wait-service.ts'
import type { Actor } from '../audit/event.ts'
import type { CodesService } from '../bootstrap/codes-service.ts'
import type { OwnerService } from '../bootstrap/owner-service.ts'
import type { RedeemService } from '../bootstrap/redeem-service.ts'
import type { TryService } from '../bootstrap/try-service.ts'
import type { DevicesService } from '../device/devices-service.ts'
import type { FollowService, JournalService } from '../audit/journal-service.ts'
import type { RefusalService } from '../audit/refusal-service.ts'
import { PairError } from '../errors.ts'
import { isId } from '../ids.ts'
import type { Settings } from '../settings.ts'
import type { Need, RequestInfo, SessionAuth } from '../pair.ts'
import type { Clock, Logger, Timers } from '../ports/runtime.ts'
import type { ResourceAccess } from '../resource/resource.ts'
import type { LiveService } from '../session/live-service.ts'
import type { RenewService } from '../session/renew-service.ts'
import type { LogoutService, SessionsService } from '../session/sessions-service.ts'
import type { SigningKeysService } from '../token/signing-keys-service.ts'
import type { Authenticated, AuthenticationParts } from './authentication.ts'
import type { Credentials } from './credentials.ts'
import { SECURITY_HEADERS } from './problem.ts'
import type { LimitStanding } from '../errors.ts'
import type { RequestFacts } from './request-facts.ts'
import { parseBody } from './schemas.ts'

/** Everything that routes and guards call. */
export interface HttpParts extends AuthenticationParts {
  admission: AdmissionService
  approvals: ApprovalsService
  codes: CodesService
  collector: CollectService
  decider: DecideService
  devices: DevicesService
  journal: JournalService & FollowService
  live: LiveService
  owner: OwnerService
  redeemer: RedeemService & TryService
  refusalCounts: RefusalService
  renewer: RenewService
  requester: RequestService
  timers: Timers
  sessions: SessionsService & LogoutService
  signingKeys: SigningKeysService
  clock: Clock
  waiter: WaitService
  /** The eight characters that tell this server from others of the host. */
  instance: () => Promise<string>
  logger: Logger
  settings: Settings
  /** Tells the operator of a refusal. */
  refused: (error: unknown, facts: Pick<RequestFacts, 'address' | 'url'>) => void
}

/** One request on its way through a route. */
export interface Visit {
  parts: HttpParts
  facts: RequestFacts
  info: RequestInfo | undefined
  credentials: Credentials
  /** The name of our cookie for this request's scheme. */
  cookie: string
  /** Values of the pattern's `:id`. */
  id: string
  body: unknown
  /** Tells with the answer where the limit stands that this request counted against. */
  tell(standing: LimitStanding): void
  /** Who asks, where that resource is needed; by default none is. */
  authenticate(needed?: ResourceAccess | null): Promise<Authenticated> | Authenticated
  /** The session that asks, where it meets the need. @throws PairError */
  require(need: Need): Promise<SessionAuth>
}

export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Segments below the base path; `:id` stands for one. What begins with a slash is a whole path. */
  path: string
  /** Reads the body itself, for it is no JSON. */
  readsBody?: true
  /** What its body has to be; absent: it takes none. */
  body?: z.ZodMiniType
  handle(visit: Visit): Promise<Response>
}

/** A route that takes a body of that schema, and reads it when who asks may be told what is wrong with it. */
export function taking<T>(
  body: z.ZodMiniType<T>,
  handle: (visit: Visit, read: () => T) => Promise<Response>,
): Pick<Route, 'body' | 'handle'> {
  return { body, handle: (visit) => handle(visit, () => parseBody(body, visit.body)) }
}

export const READ = { scopes: ['access:read'] } as const
export const WRITE = { scopes: ['access:write'] } as const
export const PAGE = 100

/** Which page of a list is asked for. @throws PairError `invalid_request` */
export function pageOf(
  { facts }: Visit,
  prefix: 'cod' | 'ses' | 'dev' | 'apr' | 'agk',
): { after?: string; limit: number } {
  const after = facts.url.searchParams.get('after')
  if (after === null) return { limit: PAGE }
  if (!isId(prefix, after))
    throw new PairError('invalid_request', { message: '`after` is not the `next` of a page.' })
  return { after, limit: PAGE }
}

export function json(
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...SECURITY_HEADERS, 'content-type': 'application/json', ...headers },
  })
}

export function noContent(headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status: 204, headers: { ...SECURITY_HEADERS, ...headers } })
}

/** The session that asks, as the journal names it. */
export function actorOf({ session }: SessionAuth, { address }: RequestFacts): Actor {
  return {
    kind: 'session',
    sessionId: session.id,
    deviceId: session.device.id,
    ...(address === null ? {} : { address }),
  }
}
