import { viewDevice, type Device, type DeviceView } from '../device/device.ts'
import type { Grant } from '../grant/grant.ts'
import type {
  ApprovalId,
  CodeId,
  DeviceId,
  EpochId,
  GrantId,
  SessionId,
  Thumbprint,
} from '../ids.ts'
import { DAY, type Millis } from '../time.ts'

export type Transport = 'cookie' | 'bearer' | 'dpop'

/** How long a session may live. Milliseconds; `null`: without that end. */
export interface SessionLife {
  slidingMs: number | null
  absoluteMs: number | null
}

/** How its device came in: `owner` by the one-use secret of the first start. */
export type Entry = 'code' | 'approval' | 'code+approval' | 'owner'

/** The server's record behind a device's credentials. What it may do stands in its grant. */
export interface Session {
  id: SessionId
  epoch: EpochId
  deviceId: DeviceId
  grantId: GrantId
  codeId: CodeId | null
  approvalId: ApprovalId | null
  /** The client of the device grant by which it came in, and for which alone it is renewed; absent: it came in otherwise. */
  clientId?: string
  entry: Entry
  transport: Transport
  /** The key that its credentials are bound to; `null`: none. */
  thumbprint: Thumbprint | null
  createdAt: Millis
  /** Ends unless renewed by then. */
  expiresAt: Millis | null
  /** Ends then whatever happens. */
  absoluteAt: Millis | null
  slidingMs: number | null
  /** How it may be renewed. */
  renewal:
    | { by: 'proof' }
    | { by: 'cookie' }
    /**
     * By refresh tokens, each once. `generation`: the one that is handed out now. `rotatedAt`: since when; `null`: it is the
     * first. `reusedAt`: when one of an older generation was brought again.
     */
    | { by: 'secret'; generation: number; rotatedAt: Millis | null; reusedAt: Millis | null }
    | { by: 'nothing' }
}

export interface SessionView<S extends string = string> {
  id: SessionId
  subject: string
  scopes: S[]
  transport: Transport
  device: DeviceView
  createdAt: Millis
  /** When it ends unless renewed; `null`: until revoked. */
  expiresAt: Millis | null
  data: unknown
}

export function viewSession<S extends string>(
  session: Session,
  grant: Grant,
  device: Device,
): SessionView<S> {
  return {
    id: session.id,
    subject: grant.subject,
    // What may be in a grant was checked against the app's scopes when it was made.
    scopes: grant.scopes as S[],
    transport: session.transport,
    device: viewDevice(device),
    createdAt: session.createdAt,
    expiresAt: endOf(session),
    data: grant.data,
  }
}

/** When a session ends unless it is renewed; `null`: never by itself. */
export function endOf({
  expiresAt,
  absoluteAt,
}: Pick<Session, 'expiresAt' | 'absoluteAt'>): Millis | null {
  return shorter(expiresAt, absoluteAt)
}

/** Where the two ends of a session lie that begins now. */
export function lifeFrom(
  life: SessionLife,
  now: Millis,
): Pick<Session, 'expiresAt' | 'absoluteAt' | 'slidingMs'> {
  return {
    expiresAt: life.slidingMs === null ? null : now + life.slidingMs,
    absoluteAt: life.absoluteMs === null ? null : now + life.absoluteMs,
    slidingMs: life.slidingMs,
  }
}

/**
 * The life that somebody gets whom this session lets in: no longer than its own, where its own was made shorter than the
 * server's. A guest for an hour can't bring others who stay.
 */
export function lifeUnder(
  issuer: Session,
  life: SessionLife,
  server: SessionLife,
  now: Millis,
): SessionLife {
  const { absoluteAt, createdAt, slidingMs } = issuer
  const isGuest =
    absoluteAt !== null &&
    (server.absoluteMs === null || absoluteAt - createdAt < server.absoluteMs)
  // Who has the server's whole end passes on the whole of it, and no more.
  const ended = absoluteAt === null ? null : server.absoluteMs
  return {
    slidingMs: shorter(life.slidingMs, slidingMs),
    absoluteMs: shorter(life.absoluteMs, isGuest ? absoluteAt - now : ended),
  }
}

function shorter(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}

/** The session after a renewal. The same object where its end would move by less than a hundredth of its life. */
export function extend(session: Session, now: Millis): Session {
  if (session.slidingMs === null || session.expiresAt === null) return session
  const expiresAt = now + session.slidingMs
  return expiresAt - session.expiresAt >= session.slidingMs / 100
    ? { ...session, expiresAt }
    : session
}

/**
 * How long the mark of a revoke is kept: longer than its target, also where a renewal moves the target's end at the very
 * moment of the revoke.
 */
export function keepMarkUntil(
  session: Session | null,
  purgeAt: Millis | null,
  now: Millis,
  graceMs: number,
): Millis | null {
  if (purgeAt === null) return null
  return Math.max(purgeAt, now + (session?.slidingMs ?? 0) + graceMs + DAY)
}

/** How long a record of a session is kept: so long after its end that "expired" can still be told from "unknown". */
export function keepUntil(session: Session, graceMs: number): Millis | null {
  const end = endOf(session)
  return end === null ? null : end + graceMs
}

/** Ended sessions, their devices and grants are kept so long: "expired" can be told from "unknown". */
export const KEEP_AFTER_END_MS: Millis = 30 * DAY
