import { OPERATOR, type Actor } from '../audit/event.ts'
import { cleanLabel } from '../encoding/text.ts'
import { PairError } from '../errors.ts'
import { isId, type DeviceId, type SessionId } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import { viewPresence, type PresenceView } from '../session/presence.ts'
import { endOf } from '../session/session.ts'
import { decide } from '../storage/decide.ts'
import { checkOf, type Slot } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import { viewDevice, type Device, type DeviceView } from './device.ts'

export interface DeviceItem extends DeviceView {
  presence: PresenceView
  /** Its live session; `null` where it is signed out. */
  session: { id: SessionId; scopes: string[]; expiresAt: Millis | null } | null
}

export interface DevicesService {
  /** Devices that were not revoked, in the order of their ids. Those without a key only while their session stands. */
  list(page?: {
    after?: string
    limit?: number
  }): Promise<{ items: DeviceItem[]; next: string | null }>
  /** @throws PairError `invalid_request`, `not_found` */
  rename(id: string, label: string, by?: Actor): Promise<void>
  /** Ends a device and all that hangs on it, at once. The same key may pair again and starts clean. @throws PairError `not_found` */
  revoke(id: string, by?: Actor): Promise<void>
}

export function createDevicesService(ports: ServicePorts): DevicesService {
  const { space, records, clock } = ports

  async function live(id: string): Promise<{
    slot: Slot<Device>
    device: Device
    marker: Awaited<ReturnType<typeof records.revocations.read>>
  }> {
    if (!isId('dev', id)) throw new PairError('not_found')
    const [slot, marker] = await Promise.all([
      records.devices.read(id),
      records.revocations.read('device', id),
    ])
    if (slot.record === null || marker.revoked) throw new PairError('not_found')
    return { slot, device: slot.record, marker }
  }

  return {
    async list({ after, limit = 100 } = {}) {
      const now = clock()
      const { groups, next } = await records.devices.list(
        (after as DeviceId | undefined) ?? null,
        limit,
      )
      const items = await Promise.all(
        groups.map(async ({ slot, revoked }): Promise<DeviceItem[]> => {
          if (revoked) return []
          const device = slot.record
          const [standpoint, presence] = await Promise.all([
            records.sessions.standpoint(device.sessionId),
            records.presence.read(device.sessionId),
          ])
          const standing = standpoint.judge(now)
          if (!standing.ok && device.thumbprint === null) return []
          const seen = viewPresence(
            presence.record,
            standpoint.session.record?.createdAt ?? device.createdAt,
            now,
          )
          const session = standing.ok
            ? {
                id: standing.session.id,
                scopes: standing.grant.scopes,
                expiresAt: endOf(standing.session),
              }
            : null
          return [
            {
              ...viewDevice(device),
              presence: { ...seen, online: seen.online && session !== null },
              session,
            },
          ]
        }),
      )
      return { items: items.flat(), next }
    },

    async rename(id, text, by = OPERATOR) {
      const label = cleanLabel(text)
      if (label === null)
        throw new PairError('invalid_request', {
          message: '`label` must be 1 to 80 printable characters.',
        })
      await decide(space, async () => {
        const { slot, device, marker } = await live(id)
        if (device.label === label) return { answer: undefined }
        const event = records.audit.append({
          type: 'device.renamed',
          at: clock(),
          actor: by,
          deviceId: device.id,
          detail: { label },
        })
        return {
          answer: undefined,
          change: {
            checks: [checkOf(slot), checkOf(marker)],
            writes: [records.devices.put({ ...device, label }, slot.purgeAt)],
            journal: [event],
          },
        }
      })
    },

    async revoke(id, by = OPERATOR) {
      await decide(space, async () => {
        const now = clock()
        const { device, marker } = await live(id)
        // Kept for good until a sweep: its key may be paired again at this very moment, to a life that is not known here.
        const mark = records.revocations.mark(marker, { at: now, reason: 'revoked' }, null)
        const event = records.audit.append({
          type: 'device.revoked',
          at: now,
          actor: by,
          deviceId: device.id,
          sessionId: device.sessionId,
          detail: { label: device.label },
        })
        return { answer: undefined, change: { ...mark, journal: [event] } }
      })
    },
  }
}
