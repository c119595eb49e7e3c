import type { AgentKeyId, ApprovalId, CodeId, DeviceId, SessionId } from '../ids.ts'
import type { Millis } from '../time.ts'

/** Who did it. `operator`: whoever holds the process; `newcomer`: somebody who wants in; `server`: time passed. */
export type Actor =
  | { kind: 'operator' | 'server' }
  | { kind: 'newcomer'; address?: string }
  | { kind: 'session'; sessionId: SessionId; deviceId: DeviceId; address?: string }

export const OPERATOR: Actor = { kind: 'operator' }
export const SERVER: Actor = { kind: 'server' }

/** Somebody who wants in, as the journal names him. */
export function newcomerFrom(address: string | null): Actor {
  return { kind: 'newcomer', ...(address === null ? {} : { address }) }
}

/** The closed list of changes that the journal tells. */
export const EVENT_TYPES = [
  'code.issued',
  'code.redeemed',
  'code.reused',
  'code.revoked',
  'code.evicted',
  'code.expired',
  'session.extended',
  'session.reused',
  'session.narrowed',
  'session.ended',
  'session.revoked',
  'sessions.others_revoked',
  'sessions.all_revoked',
  'device.renamed',
  'device.revoked',
  'device.returned',
  'approval.requested',
  'approval.approved',
  'approval.rejected',
  'approval.collected',
  'approval.withdrawn',
  'approval.displaced',
  'approval.expired',
  'approval.forgotten',
  'admission.changed',
  'owner.claimed',
  'keys.rotated',
  'agent_key.issued',
  'agent_key.bound',
  'agent_key.rotated',
  'agent_key.revoked',
  'relay.minted',
  'relay.pending',
] as const

export type EventType = (typeof EVENT_TYPES)[number]

export type EventDetail = Record<string, string | number | boolean | null | string[]>

/** One change, as it is appended in the commit that makes it. Never holds a secret. */
export interface Occurrence {
  type: EventType
  at: Millis
  actor: Actor
  codeId?: CodeId
  deviceId?: DeviceId
  sessionId?: SessionId
  approvalId?: ApprovalId
  agentKeyId?: AgentKeyId
  detail?: EventDetail
}

/** A change as it is read back; `id` is the cursor just behind it. */
export interface AuditEvent extends Omit<Occurrence, 'type'> {
  id: string
  /** One of `EVENT_TYPES`, or what a newer version wrote. */
  type: string
}

/** Why somebody was refused, for the operator alone. */
export interface Refusal {
  code: string
  /** The precise reason, which the refused one is not told. */
  reason: string
  at: Millis
  address?: string
  codeId?: CodeId
  sessionId?: SessionId
  path?: string
}

/** A change of one type, as it is read back. */
export type EventOf<T extends EventType> = AuditEvent & { type: T }

/** What is told under each name: every change, refusals, or the changes of one type. */
export type EventMap = {
  /** A change that any instance on this store made. */
  change: AuditEvent
  /** A refusal of this instance. */
  refused: Refusal
} & { [T in EventType]: EventOf<T> }

export type EventName = keyof EventMap
export type EventListener<N extends EventName> = (event: EventMap[N]) => void
