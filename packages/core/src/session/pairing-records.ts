import type { DeviceRecords } from '../device/device-records.ts'
import type { Device } from '../device/device.ts'
import type { GrantRecords } from '../grant/grant-records.ts'
import type { Grant } from '../grant/grant.ts'
import type { SessionId, Thumbprint } from '../ids.ts'
import type { MarkerSlot, RevocationRecords } from '../revocation/revocation-records.ts'
import type { AuditRecords } from '../audit/audit-records.ts'
import { SERVER } from '../audit/event.ts'
import type { Check, Key } from '../ports/store.ts'
import { checkOf, keep, type Change, type RecordWrite, type Slot } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import { KEEP_AFTER_END_MS, keepMarkUntil, keepUntil, type Session } from './session.ts'

import type { SessionRecords } from './session-records.ts'
import type { KeyPointer } from '../device/device.ts'

export { KEEP_AFTER_END_MS }

export interface PairingRecordsParts {
  audit: AuditRecords
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
  /** What has to hold still while something is made of it. */
  checks: Check[]
}

/** What a pairing comes to in the store. */
export interface Pairing extends Pick<Change, 'checks' | 'writes'> {
  replacedSessionId: SessionId | null
  /** Of the new session: no other commit makes it. */
  own: Key
  /** Ends what the pairing began: its newcomer was told that he is not let in. */
  undo: Change
}

export interface PairingRecords {
  /** The writes by which what stands under a key is not forgotten before then. */
  keep(found: Acquaintance, until: Millis): RecordWrite[]
  acquaintance(thumbprint: Thumbprint | null): Promise<Acquaintance>
  /** Checks and writes of one pairing: new session and grant, the device, its key's pointer, the end of the session before. */
  write(found: Acquaintance, made: { device: Device; grant: Grant; session: Session }): Pairing
}

export function createPairingRecords(parts: PairingRecordsParts): PairingRecords {
  return {
    keep: ({ pointer, device, marker }, until) =>
      [pointer, device, marker].flatMap((slot) =>
        slot?.record && slot.purgeAt !== null && slot.purgeAt < until ? [keep(slot, until)] : [],
      ),
    async acquaintance(thumbprint) {
      const none = { known: null, pointer: null, device: null, marker: null, replaced: null }
      if (thumbprint === null) return { ...none, checks: [] }
      const pointer = await parts.devices.pointer(thumbprint)
      if (pointer.record === null) return { ...none, pointer, checks: [checkOf(pointer)] }
      const { deviceId } = pointer.record
      const [device, marker] = await Promise.all([
        parts.devices.read(deviceId),
        parts.revocations.read('device', deviceId),
      ])
      const checks = [pointer, device, marker].map(checkOf)
      if (device.record === null || marker.revoked)
        return { ...none, pointer, device, marker, checks }
      const { sessionId } = device.record
      const [session, sessionMarker] = await Promise.all([
        parts.sessions.read(sessionId),
        parts.revocations.read('session', sessionId),
      ])
      const replaced =
        session.record && !sessionMarker.revoked ? { session, marker: sessionMarker } : null
      return { known: device.record, pointer, device, marker, replaced, checks }
    },

    write(found, { device, grant, session }) {
      const purgeAt = keepUntil(session, KEEP_AFTER_END_MS)
      const at = session.createdAt
      const record = parts.sessions.put(session, purgeAt)
      const { replaced } = found
      const replacing = replaced
        ? parts.revocations.mark(
            replaced.marker,
            { at, reason: 'replaced' },
            replaced.session.purgeAt,
          )
        : { checks: [], writes: [] }
      const undoing = parts.revocations.mark(
        parts.revocations.unmarked('session', session.id),
        { at, reason: 'revoked' },
        keepMarkUntil(session, purgeAt, at, KEEP_AFTER_END_MS),
      )
      const undone = parts.audit.append({
        type: 'session.revoked',
        at,
        actor: SERVER,
        sessionId: session.id,
        deviceId: device.id,
      })
      return {
        checks: [{ key: record.key, version: null }, ...found.checks, ...replacing.checks],
        writes: [
          record,
          parts.grants.put(grant, purgeAt),
          parts.devices.put(device, purgeAt),
          ...(device.thumbprint === null
            ? []
            : [parts.devices.point(device.thumbprint, device.id, purgeAt)]),
          ...replacing.writes,
        ],
        own: record.key,
        replacedSessionId: replaced?.session.record?.id ?? null,
        // whatever stands in its place: a mark is a mark, and one that lost would not be set again
        undo: { checks: [], writes: undoing.writes, journal: [undone] },
      }
    },
  }
}
