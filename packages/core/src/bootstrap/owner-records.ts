import type { DeviceId, SessionId } from '../ids.ts'
import type { Key } from '../ports/store.ts'
import { Id, Instant } from '../storage/fields.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import type { RecordWrite, Slot, Space } from '../storage/space.ts'
import { unionOfStates } from '../storage/states.ts'
import type { Millis } from '../time.ts'

/** Whether this server has had its first owner. `claiming`: somebody with the right secret began. */
export type Owner =
  | { state: 'claiming'; at: Millis }
  | { state: 'claimed'; at: Millis; deviceId: DeviceId; sessionId: SessionId }

export const OWNER: RecordKind<Owner> = {
  name: 'owner',
  schema: unionOfStates<Owner>(
    { at: Instant },
    {
      claiming: {},
      claimed: { deviceId: Id<DeviceId>('dev'), sessionId: Id<SessionId>('ses') },
    },
  ),
}

export interface OwnerRecords {
  read(): Promise<Slot<Owner>>
  put(owner: Owner): RecordWrite
}

export function createOwnerRecords(space: Space): OwnerRecords {
  const key: Key = ['owner']
  return {
    read: () => space.read(OWNER, key),
    put: (owner) => ({ key, kind: OWNER.name, record: owner, purgeAt: null }),
  }
}
