import type { AdmissionAnswer, AdmissionWire, ApprovalItemWire } from './approval-wire.ts'

/** How a session's credentials travel; fixed when the session is made. */
export type Transport = 'cookie' | 'bearer' | 'dpop'
export type DeviceKind = 'browser' | 'app' | 'agent'

/** A public proof key: EC P-256, or Ed25519 (RFC 8037). Private members are refused. */
export type PublicKeyJwk =
  | { kty: 'EC'; crv: 'P-256'; x: string; y: string }
  | { kty: 'OKP'; crv: 'Ed25519'; x: string }

/** How a newcomer describes itself. Naming a key needs a DPoP proof of it that covers the body. */
export interface DeviceRequest {
  label: string
  kind: DeviceKind
  publicKey?: PublicKeyJwk
}

export interface RedeemRequest {
  /** The secret of a link, or a typed code in any spelling. */
  code: string
  device?: DeviceRequest
  /** Default `cookie`. */
  transport?: Transport
  /** Fewer than the code gives. Default: all that this device may have. */
  scopes?: string[]
  /** Repeated in the proof of a request that waits. At most 128 characters. */
  nonce?: string
}

export interface DeviceWire {
  id: string
  label: string
  kind: DeviceKind
  /** The thumbprint of its key; `null` where it has none. */
  thumbprint: string | null
  createdAt: string
}

export interface PresenceWire {
  /** The last authenticated request, to the minute. */
  lastSeenAt: string
  /** Seen, or holding a socket or stream open, within the last 90 seconds. */
  online: boolean
}

export interface SessionWire {
  id: string
  subject: string
  scopes: string[]
  transport: Transport
  device: DeviceWire
  createdAt: string
  /** When it ends unless renewed; `null`: until revoked. */
  expiresAt: string | null
  /** What the app attached to the code. */
  data: unknown
}

export interface SessionItemWire extends SessionWire {
  presence: PresenceWire
  /** The session that asks. */
  current: boolean
}

export interface DeviceItemWire extends DeviceWire {
  presence: PresenceWire
  /** Its live session; `null` where it is signed out. */
  session: { id: string; scopes: string[]; expiresAt: string | null } | null
  current: boolean
}

export interface ServerWire {
  /** The version of this protocol. */
  version: 1
  time: string
  admission: AdmissionWire
}

/** `GET /session` */
export type SessionAnswer =
  | {
      authenticated: true
      session: SessionWire
      /** When the presented credential ends; the session may outlive it by renewal. */
      credentialExpiresAt: string
      server: ServerWire
    }
  | { authenticated: false; reason?: 'expired' | 'revoked' | 'invalid'; server: ServerWire }

/** `POST /redeem`, `POST /renew`. Tokens never for the transport `cookie`. */
export interface AuthorizedAnswer {
  status: 'authorized'
  session: SessionWire
  /** When the access token or cookie ends. */
  credentialExpiresAt: string
  accessToken?: string
  tokenType?: 'Bearer' | 'DPoP'
  refreshToken?: string
}

/** `POST /codes/preview` */
export interface PreviewRequest {
  code: string
}

/** What a code would give. Looking at it uses nothing up. */
export interface PreviewAnswer {
  label: string | null
  scopes: string[]
  uses: number | 'unlimited'
  expiresAt: string
  /** Whether a person decides when it is redeemed. */
  needsApproval: boolean
}

export interface RenewRequest {
  refreshToken?: string
}

export interface TicketRequest {
  for: 'socket' | 'stream'
  /** Seals the ticket for one resource; comes with `mode`. */
  resource?: string
  mode?: string
}

export interface TicketAnswer {
  ticket: string
  expiresAt: string
}

export interface CodeRequest {
  label?: string
  /** Default: the issuer's app scopes. */
  scopes?: string[]
  /** How many may redeem it: 1 to 1,000, or `"unlimited"` until it expires. Default 1. */
  uses?: number | 'unlimited'
  /** 30 seconds to 30 days. Default 600. */
  expiresInSeconds?: number
  /** Only the device with this key thumbprint may redeem it. */
  boundThumbprint?: string
  /** How long the sessions may live that it gives. Default: the server's. Never longer than the session that issues it. */
  session?: SessionLifeRequest
}

/** Each in seconds, 1 to a hundred years; `null`: no such end. */
export interface SessionLifeRequest {
  /** A session ends when it was not renewed for this long. */
  slidingSeconds?: number | null
  /** A session ends this long after pairing whatever happens. */
  absoluteSeconds?: number | null
}

export interface CodeWire {
  id: string
  label: string | null
  scopes: string[]
  uses: number | 'unlimited'
  used: number
  /** How many uses wait for a decision. */
  held: number
  boundThumbprint: string | null
  /** It is a support code, for that agent or, by `null`, any. Pairing codes have none. */
  support?: { agent: string | null }
  createdAt: string
  expiresAt: string
  /** Who issued it; `null`: the operator. */
  issuedBy: { sessionId: string; deviceId: string } | null
}

/** `POST /codes`: the one answer that holds the secrets. */
export interface IssuedCodeAnswer {
  code: CodeWire
  /** The pairing link; its fragment carries the secret. */
  link: string
  /** The typed form, `XXX-XXX-XXX`. */
  typed: string
}

export interface ListAnswer<T> {
  items: T[]
  /** Pass it as `?after=` for the next page; `null`: there is none. */
  next: string | null
}

/** One change of the journal, as the stream and the audit tell it. */
export interface EventWire {
  /** The cursor just behind this event. */
  id: string
  type: string
  at: string
  actor: {
    kind: 'operator' | 'session' | 'newcomer' | 'server'
    sessionId?: string
    deviceId?: string
    address?: string
  }
  codeId?: string
  deviceId?: string
  sessionId?: string
  approvalId?: string
  agentKeyId?: string
  /** Small facts of this event: label, scopes, reason. */
  detail?: Record<string, string | number | boolean | null | string[]>
}

/** `GET /access`: everything that the stream then changes. */
export interface AccessAnswer {
  cursor: string
  sessions: SessionItemWire[]
  devices: DeviceItemWire[]
  codes: CodeWire[]
  approvals: ApprovalItemWire[]
  admission: AdmissionAnswer
}

/** RFC 9457 */
export interface ProblemWire {
  type: string
  title: string
  status: number
  detail: string
  code: string
  hint: string
  /** Where the code is explained, in the documentation of the project. */
  docs: string
  retryAfter?: number
  /** Beside refused proofs: the clock of the server. */
  time?: string
  /** Beside `use_dpop_nonce`: the claim `nonce` of the next proof. Good for five minutes. */
  nonce?: string
  /** Beside `insufficient_scope`: what was needed. */
  scopes?: string[]
  /** Beside `admission_refused`: the mode. */
  admission?: string
  /** Beside `approval_decided`: what became of it. */
  state?: string
}
