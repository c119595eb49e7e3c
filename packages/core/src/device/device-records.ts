import * as z from 'zod/mini'
import type { DeviceId, GrantId, SessionId, Thumbprint } from '../ids.ts'
import { Id, Instant, KeyThumbprint } from '../storage/fields.ts'
import { listGroups, type GroupPage } from '../storage/group-list.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import type { RecordWrite, Slot, Space } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import type { Device, KeyPointer } from './device.ts'

export const DEVICE: RecordKind<Device> = {
  name: 'device',
  schema: z.object({
    id: Id<DeviceId>('dev'),
    label: z.string(),
    kind: z.enum(['browser', 'app', 'agent']),
    thumbprint: z.nullable(KeyThumbprint),
    origin: z.nullable(z.string()),
    createdAt: Instant,
    sessionId: Id<SessionId>('ses'),
    grantId: Id<GrantId>('gra'),
  }),
}

export const POINTER: RecordKind<KeyPointer> = {
  name: 'key',
  schema: z.object({ deviceId: Id<DeviceId>('dev') }),
}

export interface DeviceRecords {
  read(id: DeviceId): Promise<Slot<Device>>
  put(device: Device, purgeAt: Millis | null): RecordWrite
  list(after: DeviceId | null, limit: number): Promise<GroupPage<Device>>
  /** Which incarnation a key has now. */
  pointer(thumbprint: Thumbprint): Promise<Slot<KeyPointer>>
  point(thumbprint: Thumbprint, deviceId: DeviceId, purgeAt: Millis | null): RecordWrite
}

export function createDeviceRecords(space: Space): DeviceRecords {
  const key = (id: DeviceId): string[] => ['device', id, 'record']
  return {
    read: (id) => space.read(DEVICE, key(id)),
    put: (device, purgeAt) => ({ key: key(device.id), kind: DEVICE.name, record: device, purgeAt }),
    list: (after, limit) => listGroups(space, DEVICE, 'device', after, limit),
    pointer: (thumbprint) => space.read(POINTER, ['key', thumbprint, 'device']),
    point: (thumbprint, deviceId, purgeAt) => ({
      key: ['key', thumbprint, 'device'],
      kind: POINTER.name,
      record: { deviceId },
      purgeAt,
    }),
  }
}
