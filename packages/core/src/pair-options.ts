import type { AdmissionMode } from './admission/admission.ts'
import type { AuditOptions } from './audit/audit-options.ts'
import type { Extension } from './extension.ts'
import type { LimitOptions } from './limit/limits.ts'
import type { Policy } from './policy/policy.ts'
import type { Clock, Logger, RandomSource, SecretSource } from './ports/runtime.ts'
import type { Store } from './ports/store.ts'
import type { Resources } from './resource/resource-options.ts'
import type { RiskOptions } from './risk/risk-options.ts'
import type { Signing } from './token/keys-crypto.ts'

export interface SessionOptions {
  /** A session ends when it was not renewed for this long. Milliseconds, default 30 days; `null`: until revoked. */
  slidingMs?: number | null
  /** A session ends this long after pairing whatever happens. Milliseconds, default `null`: no such end. */
  absoluteMs?: number | null
  /** Life of an access token or key-bound cookie. Milliseconds, default 15 minutes. */
  accessMs?: number
  /**
   * How long a refresh token that was used is answered once more, with the successor that it got: two tabs renew at once, and
   * answers get lost. Milliseconds, 0 to 5 minutes, default 30 seconds.
   */
  graceMs?: number
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

export interface PairOptions<S extends string = string, R extends Resources = Resources> {
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
  audit?: AuditOptions
  session?: SessionOptions
  limits?: LimitOptions
  policy?: Policy
  /** What is opened by a token or ticket that names it, in a mode. */
  resources?: R
  risk?: RiskOptions
  /** What a device without a key may have. Default `limited`: no `access:*`, no renewal, 24 hours at most. */
  keyless?: 'limited' | 'refuse' | 'full'
  /**
   * What happens when a code or refresh token that was used is brought again by somebody else. Default `audit`: the journal
   * tells it (`code.reused`, `session.reused`). `end-session`: the session that it led to ends in the same step.
   */
  onReuse?: 'audit' | 'end-session'
  /**
   * What signs session and resource tokens. Default `hs256`: nobody else can check them. `eddsa`: others can, by the public keys
   * of `GET /jwks.json`, until a token's own end; they hear of no revoke.
   */
  signing?: Signing
  /** Serve plain http to other machines, for declared hosts only. Default `false`. */
  allowInsecureLan?: boolean
  /** What not everyone needs: `agent()`, `oauth()`, `openapi()`, `relay()`, each of the entry by its name. Default: none. */
  extensions?: readonly Extension[]
  /** Separates several instances in one store. Default `pair`. */
  namespace?: string
  logger?: Logger
  clock?: Clock
  random?: RandomSource
}
