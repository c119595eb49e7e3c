import type { DeviceId, GrantId, SessionId, Thumbprint } from '../ids.ts'
import type { Millis } from '../time.ts'

export type DeviceKind = 'browser' | 'app' | 'agent'

/** The paired browser profile, app or agent. One incarnation: after a revoke the same key makes a new one. */
export interface Device {
  id: DeviceId
  label: string
  kind: DeviceKind
  /** RFC 7638 thumbprint of its proof key; `null` where it has none. */
  thumbprint: Thumbprint | null
  /** The origin that it paired from; `null` outside browsers. */
  origin: string | null
  createdAt: Millis
  /** Its latest session and what that one hangs on. */
  sessionId: SessionId
  grantId: GrantId
}

/** Which incarnation of a key is the live one. */
export interface KeyPointer {
  deviceId: DeviceId
}

export interface DeviceView {
  id: DeviceId
  label: string
  kind: DeviceKind
  thumbprint: Thumbprint | null
  createdAt: Millis
}

export function viewDevice({ id, label, kind, thumbprint, createdAt }: Device): DeviceView {
  return { id, label, kind, thumbprint, createdAt }
}
