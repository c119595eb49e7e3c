import type { AdmissionService } from './admission/admission-service.ts'
import type { Agent } from './agent/agent.ts'
import type { AgentKeysService } from './agent/agent-keys.ts'
import type { ApprovalsService } from './approval/approvals-service.ts'
import type { DecideService } from './approval/decide-service.ts'
import type { EventListener, EventName } from './audit/event.ts'
import type { CodesService } from './bootstrap/codes-service.ts'
import type { SeedService } from './bootstrap/seed-service.ts'
import type { WindowOptions } from './limit/limits.ts'
import type { Frame } from './resource/message-class.ts'
import type { ResourceAccess } from './resource/resource.ts'
import type { DevicesService } from './device/devices-service.ts'
import type { JournalService } from './audit/journal-service.ts'
import type { RefusalService } from './audit/refusal-service.ts'
import type { SealService } from './audit/seal-service.ts'
import type { Unsubscribe } from './ports/store.ts'
import type { SocketGuard } from './socket-guard.ts'
import type { RiskReport } from './risk/risk-options.ts'
import type { SessionsService } from './session/sessions-service.ts'
import type { SessionView } from './session/session.ts'
import type { Millis } from './time.ts'
import type { SigningKeysService } from './token/signing-keys-service.ts'

/** The scopes that @pair itself asks for: reading and changing who has access. */
export type AccessScope = 'access:read' | 'access:write'

/** What the web framework knows of a request and the `Request` doesn't tell. */
export interface RequestInfo {
  /** The address of the socket's peer. */
  remoteAddress?: string
  /** Whether the socket itself is TLS. Absent: by the scheme of the request's URL. */
  encrypted?: boolean
  /** The body where a body parser has read it. */
  parsedBody?: unknown
}

export interface Need<S extends string = string> {
  /** All of these. */
  scopes?: readonly (S | AccessScope)[]
  /** Who may come: people's devices, agents by their keys, or both. Default `session`. */
  who?: 'session' | 'agent' | 'any'
  /**
   * Whose place an agent takes: only the key that is bound to this identity passes. Where it is there and no text, nobody does.
   * Sessions are not asked for it.
   */
  agent?: string
  /** `required`: a cookie alone is not enough. Any need of `access:*` implies it. */
  proof?: 'required'
  /**
   * One resource, `<kind>` or `<kind>:<id>` with an id of 1 to 128 of `A-Z a-z 0-9 . _ ~ -`. Only a resource token or a ticket that
   * names it passes, in this mode or a stronger one. Comes with `mode`.
   */
  resource?: string
  /** One of the modes of that kind. */
  mode?: string
  /**
   * The class of a message that came by a socket of that resource; `null`: it has none and is dropped, as where this throws.
   * Default: the text `type` of a JSON object.
   */
  classify?: (frame: Frame) => string | null
}

/** A need that devices of people meet, and no agents. */
export type SessionNeed<S extends string = string> = Need<S> & { who?: 'session' }

/** A request that carries a live session. */
export interface SessionAuth<S extends string = string> {
  kind: 'session'
  session: SessionView<S | AccessScope>
  /** Whether this request proved the device key. */
  proven: boolean
  /** When the presented credential ends. */
  credentialExpiresAt: Millis
  /** Where a resource was needed: which, and the mode that the token or ticket gives as scopes stand now. */
  resource?: ResourceAccess
}

/** A request that carries the live key of an agent. */
export interface AgentAuth<S extends string = string> {
  kind: 'agent'
  agent: Agent<S>
  /** When the key ends; `Infinity`: it doesn't by itself. */
  credentialExpiresAt: Millis
}

/** A request without live credentials. `reason` is absent where it brought none. */
export interface NoAuth {
  kind: 'none'
  reason?: 'expired' | 'revoked' | 'invalid'
}

export type AuthResult<S extends string = string> = SessionAuth<S> | AgentAuth<S> | NoAuth

/** Who passes a need: by its `who`. */
export type AuthOf<S extends string, W extends Need['who']> = W extends 'agent'
  ? AgentAuth<S>
  : W extends 'any'
    ? SessionAuth<S> | AgentAuth<S>
    : SessionAuth<S>

export type Guarded<A extends SessionAuth | AgentAuth = SessionAuth> =
  /** `headers`: put these on the answer, where they are there. They say of a deprecated key when it ends. */
  | { ok: true; auth: A; headers?: Readonly<Record<string, string>> }
  | { ok: false; response: Response }

export type Identified<S extends string = string> =
  | { ok: true; auth: AuthResult<S> }
  | { ok: false; response: Response }

/** As much of a request as a limit has to know: a `Request`, or less. Headers are asked for in lower case. */
export interface RequestHeaders {
  readonly url: string
  readonly headers: { get(name: string): string | null; has(name: string): boolean }
}

/** As much of a request as a guard has to know: a `Request`, or less. */
export interface RequestHead extends RequestHeaders {
  readonly method: string
}

/** A limit of the app's own: its name tells it from others. */
export interface AppLimit extends WindowOptions {
  /** 1 to 64 letters, digits, dots, dashes. */
  name: string
  max: number
}

export type Limited =
  /** Put these on the answer: they tell how much is left. */
  { ok: true; headers: Readonly<Record<string, string>> } | { ok: false; response: Response }

export interface StartupCode {
  /** The pairing link; its fragment carries the secret. */
  link: string
  /** `XXX-XXX-XXX` */
  typed: string
  expiresAt: Millis
}

export interface OwnerSecret {
  /** The link that claims; its fragment carries the secret. */
  link: string
  secret: string
}

/** One instance: routes, guards, and the same services in process. */
export interface Pair<S extends string = string> {
  /** Answers requests below `basePath`; `null`: not ours. Never throws for what a request holds. */
  handler(request: Request, info?: RequestInfo): Promise<Response | null>
  /** Whether `handler` answers requests for this URL, or path: a quick look, for who would have to make the `Request` first. */
  owns(url: string): boolean
  /** Who asks? @throws PairError `store_unavailable`; `duplicate_credentials`, `host_refused`, `origin_refused` and the like for requests to refuse. */
  authenticate(request: RequestHead, info?: RequestInfo): Promise<AuthResult<S>>
  /** Lets everyone through whose request may be sent at all, or answers the refusal. Never throws. */
  identify(request: RequestHead, info?: RequestInfo): Promise<Identified<S>>
  /** Lets a request through or answers the refusal. Never throws. */
  guard<W extends Need['who'] = undefined>(
    request: RequestHead,
    info: RequestInfo | undefined,
    need: Need<S> & { who?: W },
  ): Promise<Guarded<AuthOf<S, W>>>
  /** Judges a WebSocket upgrade before the 101. A `Response` is the refusal. */
  openSocket<W extends Need['who'] = undefined>(
    request: Request,
    info: RequestInfo | undefined,
    need: Need<S> & { who?: W },
  ): Promise<SocketGuard<S, AuthOf<S, W>> | Response>
  /** The one code of this start; call it when the server listens. Every call answers the same. */
  startupCode(at: { origin: string }): Promise<StartupCode>
  /**
   * What the first owner of this server claims it with; print it where admission is not `code`. `null`: somebody did, or the
   * `secret` option is no `SecretSource`.
   */
  ownerSecret(at: { origin: string }): Promise<OwnerSecret | null>
  /**
   * Counts a request to a route of yours by its address, as ours are counted; answers 429 where it was one too many. All whose
   * address can't be told (a proxy that was not declared; anybody can look like it) share one that may have twenty times as
   * many. A rule is read once. Never throws.
   */
  limit(request: RequestHeaders, info: RequestInfo | undefined, rule: AppLimit): Promise<Limited>
  /** What was reckoned from `risk` and `limits`. */
  readonly risk: RiskReport
  readonly admission: AdmissionService
  readonly approvals: ApprovalsService & DecideService<S | AccessScope>
  readonly codes: CodesService<S | AccessScope> & SeedService<S | AccessScope>
  readonly sessions: SessionsService<S | AccessScope>
  readonly devices: DevicesService
  /** Needs `agent()` among the `extensions`; without it each call throws `config_invalid`. */
  readonly agentKeys: AgentKeysService<S>
  readonly signingKeys: SigningKeysService
  readonly audit: JournalService & RefusalService & Pick<SealService, 'verify'>
  /**
   * Hears `change`: every change of any instance on this store; one type of them by its name; or `refused`: this instance's
   * refusals. What a listener throws is logged and ends nothing.
   *
   * @throws PairError `invalid_request` for a name that is none
   */
  on<N extends EventName>(event: N, listener: EventListener<N>): Unsubscribe
  /** Announces what expired and forgets what may be forgotten, by a clock that is right. Call it about each minute. */
  sweep(): Promise<{ purged: number }>
  /** Closes sockets and streams and stops watching. The store stays open: who made it closes it. */
  close(): Promise<void>
}
