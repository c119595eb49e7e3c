import * as z from 'zod/mini'
import type { ApprovalId } from '../ids.ts'
import type { Key } from '../ports/store.ts'
import { Duration, Instant } from '../storage/fields.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import type { RecordWrite, Slot, Space } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import type { Polling } from './polling.ts'

export const POLLING: RecordKind<Polling> = {
  name: 'device-poll',
  schema: z.object({ at: Instant, intervalMs: Duration }),
}

/** How often devices poll, in the store: so that all instances count together. */
export interface PollingRecords {
  read(id: ApprovalId): Promise<Slot<Polling>>
  put(id: ApprovalId, polling: Polling, purgeAt: Millis): RecordWrite
}

export function createPollingRecords(space: Space): PollingRecords {
  const key = (id: ApprovalId): Key => ['device-poll', id, 'record']
  return {
    read: (id) => space.read(POLLING, key(id)),
    put: (id, polling, purgeAt) => ({ key: key(id), kind: POLLING.name, record: polling, purgeAt }),
  }
}
