import * as z from 'zod/mini'
import type { AgentKeyId, SessionId } from '../ids.ts'
import { Instant } from '../storage/fields.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import type { RecordWrite, Slot, Space } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import type { Presence } from './presence.ts'

export const PRESENCE: RecordKind<Presence> = {
  name: 'presence',
  schema: z.object({ lastSeenAt: Instant }),
}

export interface PresenceRecords {
  read(id: SessionId | AgentKeyId): Promise<Slot<Presence>>
  put(id: SessionId | AgentKeyId, presence: Presence, purgeAt: Millis | null): RecordWrite
}

/** A record of its own, so that being seen moves no version that others check. */
export function createPresenceRecords(space: Space): PresenceRecords {
  const key = (id: SessionId | AgentKeyId): string[] => ['presence', id, 'record']
  return {
    read: (id) => space.read(PRESENCE, key(id)),
    put: (id, presence, purgeAt) => ({
      key: key(id),
      kind: PRESENCE.name,
      record: presence,
      purgeAt,
    }),
  }
}
