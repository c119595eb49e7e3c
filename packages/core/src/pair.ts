import type { AdmissionService } from './admission/admission-service.ts'
import type { AdmissionMode } from './admission/admission.ts'
import type { ApprovalsService } from './approval/approvals-service.ts'
import type { DecideService } from './approval/decide-service.ts'
import type { EventListener, EventName } from './audit/event.ts'
import type { CodesService } from './bootstrap/codes-service.ts'
import type { LimitOptions, WindowOptions } from './limit/limits.ts'
import type { DevicesService } from './device/devices-service.ts'
import type { JournalService } from './audit/journal-service.ts'
import type { Clock, Logger, RandomSource, SecretSource } from './ports/runtime.ts'
import type { Store, Unsubscribe } from './ports/store.ts'
import type { RiskOptions, RiskReport } from './risk/risk-options.ts'
import type { SessionsService } from './session/sessions-service.ts'
import type { SessionView } from './session/session.ts'
import type { Millis } from './time.ts'

/** The scopes that @pair itself asks for: reading and changing who has access. */
export type AccessScope = 'access:read' | 'access:write'

export interface SessionOptions {
  /** A session ends when it was not renewed for this long. Milliseconds, default 30 days; `null`: until revoked. */
  slidingMs?: number | null
  /** A session ends this long after pairing whatever happens. Milliseconds, default `null`: no such end. */
  absoluteMs?: number | null
  /** Life of an access token or key-bound cookie. Milliseconds, default 15 minutes. */
  accessMs?: number
}

/** How long requests wait. Each in milliseconds, 1 second to 12 hours. */
export interface ApprovalOptions {
  /** For a decision. Default 10 minutes. */
  pendingMs?: number
  /** For being collected, once approved. Default 10 minutes. */
  collectMs?: number
  /** Before somebody may ask again from where a request was rejected. Default 10 minutes. */
  coolDownMs?: number
}

export interface PairOptions<S extends string = string> {
  /** At least 32 bytes (a string: UTF-8 bytes) that nobody else has, or where they are kept. */
  secret: string | Uint8Array | SecretSource
  store: Store
  /** The app's own scopes. `access:read` and `access:write` are there without being named. */
  scopes?: readonly S[]
  /** Where people reach this server, with its sub-path if any: `https://home.example/app`. */
  publicUrl?: string
  /** Host names beside loopback and `publicUrl` that this server answers to: `lab.lan`, `10.0.0.5:8080`. */
  allowedHosts?: readonly string[]
  /** Origins beside its own whose pages may call: `https://app.example`. */
  allowedOrigins?: readonly string[]
  /** Default `/auth`. */
  basePath?: string
  /** Which proxies in front are believed. Absent: none. */
  proxy?: { hops: number } | { cidrs: readonly string[] }
  /** How newcomers may enter, until it is set otherwise: it counts at the first start. Default `code`. */
  admission?: AdmissionMode
  approval?: ApprovalOptions
  session?: SessionOptions
  limits?: LimitOptions
  risk?: RiskOptions
  /** What a device without a key may have. Default `limited`: no `access:*`, no renewal, 24 hours at most. */
  keyless?: 'limited' | 'refuse' | 'full'
  /** Serve plain http to other machines, for declared hosts only. Default `false`. */
  allowInsecureLan?: boolean
  /** Separates several instances in one store. Default `pair`. */
  namespace?: string
  logger?: Logger
  clock?: Clock
  random?: RandomSource
}

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
  /** `required`: a cookie alone is not enough. Any need of `access:*` implies it. */
  proof?: 'required'
}

/** A request that carries a live session. */
export interface SessionAuth<S extends string = string> {
  kind: 'session'
  session: SessionView<S | AccessScope>
  /** Whether this request proved the device key. */
  proven: boolean
  /** When the presented credential ends. */
  credentialExpiresAt: Millis
}

/** A request without live credentials. `reason` is absent where it brought none. */
export interface NoAuth {
  kind: 'none'
  reason?: 'expired' | 'revoked' | 'invalid'
}

export type AuthResult<S extends string = string> = SessionAuth<S> | NoAuth

export type Guarded<S extends string = string> =
  | { ok: true; auth: SessionAuth<S> }
  | { ok: false; response: Response }

export type Identified<S extends string = string> =
  | { ok: true; auth: AuthResult<S> }
  | { ok: false; response: Response }

/** What a socket of any WebSocket library can do for us. */
export interface SocketPort {
  send(text: string): void
  close(code: number, reason: string): void
}

/** As much of a request as a limit has to know: a `Request`, or less. Headers are asked for in lower case. */
export interface RequestHeaders {
  readonly url: string
  readonly headers: { get(name: string): string | null; has(name: string): boolean }
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

/** A socket under guard. It is closed with 4003 when its session ends and 4004 when it expires. */
export interface AttachedSocket {
  /**
   * Hand every incoming frame here first. `true`: it is the app's. `false`: it was ours, or the socket is not open to
   * the app yet.
   */
  receive(frame: string | ArrayBuffer | Uint8Array): Promise<boolean>
  /** Tell when the socket has closed. */
  closed(): void
}

/** An upgrade that was let through. */
export interface SocketGuard<S extends string = string> {
  auth: SessionAuth<S>
  /** Once, when the socket is open. `ready` is called when the app may use it: at once, or after a proven `hello`. */
  attach(socket: SocketPort, ready: () => void): AttachedSocket
}

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
  /** Who asks? @throws PairError `store_unavailable`; `duplicate_credentials`, `host_refused`, `origin_refused` and the like for requests to refuse. */
  authenticate(request: Request, info?: RequestInfo): Promise<AuthResult<S>>
  /** Lets everyone through whose request may be sent at all, or answers the refusal. Never throws. */
  identify(request: Request, info?: RequestInfo): Promise<Identified<S>>
  /** Lets a request through or answers the refusal. Never throws. */
  guard(request: Request, info: RequestInfo | undefined, need: Need<S>): Promise<Guarded<S>>
  /** Judges a WebSocket upgrade before the 101. A `Response` is the refusal. */
  openSocket(
    request: Request,
    info: RequestInfo | undefined,
    need: Need<S>,
  ): Promise<SocketGuard<S> | Response>
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
  readonly codes: CodesService<S | AccessScope>
  readonly sessions: SessionsService<S | AccessScope>
  readonly devices: DevicesService
  readonly audit: JournalService
  /** Hears every change of any instance on this store, and this instance's refusals. */
  on<N extends EventName>(event: N, listener: EventListener<N>): Unsubscribe
  /** Announces what expired and forgets what may be forgotten. Call it about each minute. */
  sweep(): Promise<{ purged: number }>
  /** Closes sockets and streams and stops watching. The store stays open: who made it closes it. */
  close(): Promise<void>
}
