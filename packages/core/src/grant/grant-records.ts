import * as z from 'zod/mini'
import type { GrantId } from '../ids.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import type { RecordWrite, Slot, Space } from '../storage/space.ts'
import { Id, Instant } from '../storage/fields.ts'
import type { Millis } from '../time.ts'
import type { Grant } from './grant.ts'

export const GRANT: RecordKind<Grant> = {
  name: 'grant',
  schema: z.object({
    id: Id<GrantId>('gra'),
    subject: z.string(),
    deviceId: Id('dev'),
    scopes: z.array(z.string()),
    data: z.unknown(),
    createdAt: Instant,
  }) as z.ZodMiniType<Grant>,
}

export interface GrantRecords {
  read(id: GrantId): Promise<Slot<Grant>>
  put(grant: Grant, purgeAt: Millis | null): RecordWrite
}

export function createGrantRecords(space: Space): GrantRecords {
  const key = (id: GrantId): string[] => ['grant', id, 'record']
  return {
    read: (id) => space.read(GRANT, key(id)),
    put: (grant, purgeAt) => ({ key: key(grant.id), kind: GRANT.name, record: grant, purgeAt }),
  }
}
