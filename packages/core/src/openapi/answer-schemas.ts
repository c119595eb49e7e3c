import * as z from 'zod/mini'
import { errorCodes, type ErrorCode } from '../errors.ts'
import type { AdmissionAnswer, ApprovalItemWire, PendingWire } from '../http/approval-wire.ts'
import type { ResourceTokenAnswer, SigningKeyAnswer } from '../http/token-wire.ts'
import type {
  AccessAnswer,
  AuthorizedAnswer,
  CodeWire,
  DeviceItemWire,
  DeviceWire,
  EventWire,
  IssuedCodeAnswer,
  ListAnswer,
  PresenceWire,
  PreviewAnswer,
  ProblemWire,
  ServerWire,
  SessionAnswer,
  SessionItemWire,
  SessionWire,
  TicketAnswer,
} from '../http/wire.ts'

// What the routes answer, as schemas of the wire types.

const Time = z.iso.datetime()
const scopes = z.array(z.string())
const Transport = z.enum(['cookie', 'bearer', 'dpop'])
const DeviceKind = z.enum(['browser', 'app', 'agent'])
const Admission = z.enum(['closed', 'code', 'approval', 'code+approval', 'unknown'])
const nullableTime = z.nullable(Time)
const Data = z.unknown()

const device = {
  id: z.string(),
  label: z.string(),
  kind: DeviceKind,
  thumbprint: z.nullable(z.string()),
  createdAt: Time,
}
export const Device: z.ZodMiniType<DeviceWire> = z.object(device)

export const Presence: z.ZodMiniType<PresenceWire> = z.object({
  lastSeenAt: Time,
  online: z.boolean(),
})

const session = {
  id: z.string(),
  subject: z.string(),
  scopes,
  transport: Transport,
  device: Device,
  createdAt: Time,
  expiresAt: nullableTime,
  data: Data,
}
export const Session: z.ZodMiniType<SessionWire> = z.object(session)

export const SessionItem: z.ZodMiniType<SessionItemWire> = z.object({
  ...session,
  presence: Presence,
  current: z.boolean(),
})

export const DeviceItem: z.ZodMiniType<DeviceItemWire> = z.object({
  ...device,
  presence: Presence,
  session: z.nullable(z.object({ id: z.string(), scopes, expiresAt: nullableTime })),
  current: z.boolean(),
})

export const Server: z.ZodMiniType<ServerWire> = z.object({
  version: z.literal(1),
  time: Time,
  admission: Admission,
})

export const SessionState: z.ZodMiniType<SessionAnswer> = z.union([
  z.object({
    authenticated: z.literal(true),
    session: Session,
    credentialExpiresAt: Time,
    server: Server,
  }),
  z.object({
    authenticated: z.literal(false),
    reason: z.optional(z.enum(['expired', 'revoked', 'invalid'])),
    server: Server,
  }),
]) as z.ZodMiniType<SessionAnswer>

export const Authorized: z.ZodMiniType<AuthorizedAnswer> = z.object({
  status: z.literal('authorized'),
  session: Session,
  credentialExpiresAt: Time,
  accessToken: z.optional(z.string()),
  tokenType: z.optional(z.enum(['Bearer', 'DPoP'])),
  refreshToken: z.optional(z.string()),
}) as z.ZodMiniType<AuthorizedAnswer>

export const Pending: z.ZodMiniType<PendingWire> = z.object({
  status: z.literal('pending_approval'),
  approval: z.object({
    id: z.string(),
    matchCode: z.string(),
    label: z.string(),
    scopes,
    requestedAt: Time,
    expiresAt: Time,
  }),
  claim: z.string(),
  proof: z.string(),
  retryAfter: z.int(),
})

const uses = z.union([z.int(), z.literal('unlimited')])

export const Preview: z.ZodMiniType<PreviewAnswer> = z.object({
  label: z.nullable(z.string()),
  scopes,
  uses,
  expiresAt: Time,
  needsApproval: z.boolean(),
})

export const Ticket: z.ZodMiniType<TicketAnswer> = z.object({ ticket: z.string(), expiresAt: Time })

export const ResourceToken: z.ZodMiniType<ResourceTokenAnswer> = z.object({
  resourceToken: z.string(),
  tokenType: z.enum(['Bearer', 'DPoP']),
  expiresAt: Time,
  resource: z.string(),
  mode: z.string(),
})

export const Code: z.ZodMiniType<CodeWire> = z.object({
  id: z.string(),
  label: z.nullable(z.string()),
  scopes,
  uses,
  used: z.int(),
  held: z.int(),
  boundThumbprint: z.nullable(z.string()),
  support: z.optional(z.object({ agent: z.nullable(z.string()) })),
  createdAt: Time,
  expiresAt: Time,
  issuedBy: z.nullable(z.object({ sessionId: z.string(), deviceId: z.string() })),
}) as z.ZodMiniType<CodeWire>

export const IssuedCode: z.ZodMiniType<IssuedCodeAnswer> = z.object({
  code: Code,
  link: z.string(),
  typed: z.string(),
})

export const SigningKey: z.ZodMiniType<SigningKeyAnswer> = z.object({
  id: z.string(),
  signing: z.boolean(),
  createdAt: Time,
  activeAt: Time,
  acceptUntil: nullableTime,
})

/** RFC 7517 §5, with public keys alone. */
export const JwkSet: z.ZodMiniType<{ keys: { kty: string }[] }> = z.object({
  keys: z.array(z.looseObject({ kty: z.string() })),
})

export const Health: z.ZodMiniType<{ status: 'ok' }> = z.object({ status: z.literal('ok') })

export const Actor: z.ZodMiniType<EventWire['actor']> = z.object({
  kind: z.string(),
  sessionId: z.optional(z.string()),
  deviceId: z.optional(z.string()),
  address: z.optional(z.string()),
}) as z.ZodMiniType<EventWire['actor']>

export const AdmissionState: z.ZodMiniType<AdmissionAnswer> = z.object({
  mode: Admission,
  stored: z.nullable(z.string()),
  version: z.nullable(z.string()),
})

const seconds = z.nullable(z.number())

export const ApprovalItem: z.ZodMiniType<ApprovalItemWire> = z.object({
  id: z.string(),
  digest: z.string(),
  state: z.enum(['pending', 'approved', 'rejected', 'collected']),
  matchCode: z.string(),
  label: z.string(),
  kind: DeviceKind,
  thumbprint: z.nullable(z.string()),
  origin: z.nullable(z.string()),
  address: z.nullable(z.string()),
  transport: Transport,
  subject: z.string(),
  scopes,
  data: Data,
  life: z.object({ slidingSeconds: seconds, absoluteSeconds: seconds }),
  codeId: z.nullable(z.string()),
  clientId: z.nullable(z.string()),
  requestedAt: Time,
  expiresAt: nullableTime,
  decision: z.nullable(
    z.object({
      at: Time,
      by: Actor,
      reason: z.nullable(z.string()),
      scopes: z.nullable(scopes),
    }),
  ),
})

export const Access: z.ZodMiniType<AccessAnswer> = z.object({
  cursor: z.string(),
  sessions: z.array(SessionItem),
  devices: z.array(DeviceItem),
  codes: z.array(Code),
  approvals: z.array(ApprovalItem),
  admission: AdmissionState,
})

/** RFC 9457, with our members. */
export const Problem: z.ZodMiniType<ProblemWire> = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(errorCodes as [ErrorCode, ...ErrorCode[]]),
  hint: z.string(),
  docs: z.string(),
  retryAfter: z.optional(z.int()),
  time: z.optional(Time),
  nonce: z.optional(z.string()),
  scopes: z.optional(scopes),
  admission: z.optional(z.string()),
  state: z.optional(z.string()),
}) as z.ZodMiniType<ProblemWire>

/** A page of a list. */
export function pageOf<T>(item: z.ZodMiniType<T>): z.ZodMiniType<ListAnswer<T>> {
  return z.object({ items: z.array(item), next: z.nullable(z.string()) })
}
