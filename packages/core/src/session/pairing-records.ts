import type { DeviceRecords } from '../device/device-records.ts'
import type { Device } from '../device/device.ts'
import type { GrantRecords } from '../grant/grant-records.ts'
import type { Grant } from '../grant/grant.ts'
import type { SessionId, Thumbprint } from '../ids.ts'
import type { MarkerSlot, RevocationRecords } from '../revocation/revocation-records.ts'
import { checkOf, type Change, type Slot } from '../storage/space.ts'
import { DAY, type Millis } from '../time.ts'
import { keepUntil, type Session } from './session.ts'
import type { SessionRecords } from './session-records.ts'
import type { KeyPointer } from '../device/device.ts'

export interface PairingRecordsParts {
  devices: DeviceRecords
  grants: GrantRecords
  sessions: SessionRecords
  revocations: RevocationRecords
}

/** What stands under a key when it comes to pair. */
export interface Acquaintance {
  /** Its live incarnation. */
  known: Device | null
  pointer: Slot<KeyPointer> | null
  device: Slot<Device> | null
  marker: MarkerSlot | null
  /** The session that a new one replaces. */
  replaced: { session: Slot<Session>; marker: MarkerSlot } | null
}

/** Ended sessions, their devices and grants are kept so long: "expired" can be told from "unknown". */
export const KEEP_AFTER_END_MS: Millis = 30 * DAY

const STRANGER: Acquaintance = {
  known: null,
  pointer: null,
  device: null,
  marker: null,
  replaced: null,
}

export async function readAcquaintance(
  parts: PairingRecordsParts,
  thumbprint: Thumbprint | null,
): Promise<Acquaintance> {
  if (thumbprint === null) return STRANGER
  const pointer = await parts.devices.pointer(thumbprint)
  if (pointer.record === null) return { ...STRANGER, pointer }
  const { deviceId } = pointer.record
  const [device, marker] = await Promise.all([
    parts.devices.read(deviceId),
    parts.revocations.read('device', deviceId),
  ])
  if (device.record === null || marker.revoked) return { ...STRANGER, pointer, device, marker }
  const { sessionId } = device.record
  const [session, sessionMarker] = await Promise.all([
    parts.sessions.read(sessionId),
    parts.revocations.read('session', sessionId),
  ])
  const replaced =
    session.record && !sessionMarker.revoked ? { session, marker: sessionMarker } : null
  return { known: device.record, pointer, device, marker, replaced }
}

/** Checks and writes of one pairing: new session and grant, the device, its key's pointer, the end of the session before. */
export function writePairing(
  parts: PairingRecordsParts,
  found: Acquaintance,
  made: { device: Device; grant: Grant; session: Session },
): Pick<Change, 'checks' | 'writes'> & {
  replacedSessionId: SessionId | null
  purgeAt: Millis | null
} {
  const { device, grant, session } = made
  const purgeAt = keepUntil(session, KEEP_AFTER_END_MS)
  const writes = [
    parts.sessions.put(session, purgeAt),
    parts.grants.put(grant, purgeAt),
    parts.devices.put(device, purgeAt),
    ...(device.thumbprint === null
      ? []
      : [parts.devices.point(device.thumbprint, device.id, purgeAt)]),
  ]
  const checks = [
    { key: writes[0]!.key, version: null },
    ...[found.pointer, found.device, found.marker].flatMap((slot) => (slot ? [checkOf(slot)] : [])),
  ]
  if (!found.replaced) return { checks, writes, purgeAt, replacedSessionId: null }
  const { session: old, marker } = found.replaced
  const mark = parts.revocations.mark(
    marker,
    { at: session.createdAt, reason: 'replaced' },
    old.purgeAt,
  )
  return {
    checks: [...checks, ...mark.checks],
    writes: [...writes, ...mark.writes],
    purgeAt,
    replacedSessionId: old.record?.id ?? null,
  }
}
