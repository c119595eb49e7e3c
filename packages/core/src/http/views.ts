import type { AdmissionView } from '../admission/admission-service.ts'
import type { ApprovalView, PendingAnswer } from '../approval/approval-view.ts'
import type { AuditEvent } from '../audit/event.ts'
import type { CodePreview, CodeView } from '../bootstrap/code.ts'
import type { IssuedCode } from '../bootstrap/codes-service.ts'
import type { Authorized } from '../session/credential.ts'
import type { DeviceView } from '../device/device.ts'
import type { DeviceItem } from '../device/devices-service.ts'
import type { PresenceView } from '../session/presence.ts'
import type { SessionView } from '../session/session.ts'
import type { SessionItem } from '../session/sessions-service.ts'
import { SECOND, toRfc3339, type Millis } from '../time.ts'
import type {
  AdmissionAnswer,
  AdmissionWire,
  ApprovalItemWire,
  PendingWire,
} from './approval-wire.ts'
import type {
  AuthorizedAnswer,
  CodeWire,
  DeviceItemWire,
  DeviceWire,
  EventWire,
  IssuedCodeAnswer,
  PresenceWire,
  PreviewAnswer,
  ServerWire,
  SessionItemWire,
  SessionWire,
} from './wire.ts'

export function toServer(now: Millis, admission: AdmissionWire): ServerWire {
  return { version: 1, time: toRfc3339(now), admission }
}

export function toAdmission({ mode, stored, version }: AdmissionView): AdmissionAnswer {
  return { mode, stored, version }
}

export function toApproval({
  life,
  requestedAt,
  expiresAt,
  decision,
  ...view
}: ApprovalView): ApprovalItemWire {
  return {
    ...view,
    life: {
      slidingSeconds: toSeconds(life.slidingMs),
      absoluteSeconds: toSeconds(life.absoluteMs),
    },
    requestedAt: toRfc3339(requestedAt),
    expiresAt: toRfc3339(expiresAt),
    decision: decision && { ...decision, at: toRfc3339(decision.at) },
  }
}

function toSeconds(ms: number | null): number | null {
  return ms === null ? null : Math.ceil(ms / SECOND)
}

/** `retryAfter`: when to ask again; seconds. */
export function toPending(
  { approval, claim, proof }: PendingAnswer,
  retryAfter: number,
): PendingWire {
  const { requestedAt, expiresAt, ...view } = approval
  return {
    status: 'pending_approval',
    approval: {
      ...view,
      requestedAt: toRfc3339(requestedAt),
      expiresAt: toRfc3339(expiresAt),
    },
    claim,
    proof,
    retryAfter,
  }
}

export function toDevice({ id, label, kind, thumbprint, createdAt }: DeviceView): DeviceWire {
  return { id, label, kind, thumbprint, createdAt: toRfc3339(createdAt) }
}

function toPresence({ lastSeenAt, online }: PresenceView): PresenceWire {
  return { lastSeenAt: toRfc3339(lastSeenAt), online }
}

export function toSession(view: SessionView): SessionWire {
  const { id, subject, scopes, transport, device, createdAt, expiresAt, data } = view
  return {
    id,
    subject,
    scopes,
    transport,
    device: toDevice(device),
    createdAt: toRfc3339(createdAt),
    expiresAt: toRfc3339(expiresAt),
    data,
  }
}

export function toSessionItem(item: SessionItem, currentId: string): SessionItemWire {
  return { ...toSession(item), presence: toPresence(item.presence), current: item.id === currentId }
}

export function toDeviceItem(item: DeviceItem, currentDeviceId: string): DeviceItemWire {
  const { session } = item
  return {
    ...toDevice(item),
    presence: toPresence(item.presence),
    session: session && { ...session, expiresAt: toRfc3339(session.expiresAt) },
    current: item.id === currentDeviceId,
  }
}

export function toCode({ uses, createdAt, expiresAt, ...view }: CodeView): CodeWire {
  return {
    ...view,
    uses: uses ?? 'unlimited',
    createdAt: toRfc3339(createdAt),
    expiresAt: toRfc3339(expiresAt),
  }
}

export function toPreview({
  label,
  scopes,
  uses,
  expiresAt,
  isDecided,
}: CodePreview): PreviewAnswer {
  return {
    label,
    scopes,
    uses: uses ?? 'unlimited',
    expiresAt: toRfc3339(expiresAt),
    needsApproval: isDecided,
  }
}

export function toIssued({ code, link, typed }: IssuedCode): IssuedCodeAnswer {
  return { code: toCode(code), link, typed }
}

/** The answer to a pairing or renewal. Tokens never where the session travels by cookie. */
export function toAuthorized({ session, credential, refreshToken }: Authorized): AuthorizedAnswer {
  const base: AuthorizedAnswer = {
    status: 'authorized',
    session: toSession(session),
    credentialExpiresAt: toRfc3339(credential.expiresAt),
  }
  if (session.transport === 'cookie') return base
  return {
    ...base,
    accessToken: credential.token,
    tokenType: session.transport === 'dpop' ? 'DPoP' : 'Bearer',
    ...(refreshToken === null ? {} : { refreshToken }),
  }
}

export function toEvent({
  id,
  type,
  at,
  actor,
  codeId,
  deviceId,
  sessionId,
  approvalId,
  agentKeyId,
  detail,
}: AuditEvent): EventWire {
  return {
    id,
    type,
    at: toRfc3339(at),
    actor,
    ...(codeId === undefined ? {} : { codeId }),
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(approvalId === undefined ? {} : { approvalId }),
    ...(agentKeyId === undefined ? {} : { agentKeyId }),
    ...(detail === undefined ? {} : { detail }),
  }
}
