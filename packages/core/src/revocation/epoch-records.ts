import * as z from 'zod/mini'
import type { EpochId } from '../ids.ts'
import { Id, Instant } from '../storage/fields.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import type { RecordWrite, Slot, Space } from '../storage/space.ts'
import { FIRST_EPOCH, type Epoch } from './epoch.ts'

export const EPOCH: RecordKind<Epoch> = {
  name: 'epoch',
  schema: z.object({
    id: Id<EpochId>('epo'),
    since: Instant,
    entries: z.optional(
      z.array(
        z.object({
          entry: z.enum(['code', 'approval', 'code+approval', 'owner']),
          id: Id<EpochId>('epo'),
        }),
      ),
    ),
  }),
}

export interface EpochSlot extends Slot<Epoch> {
  /** `null`: it can't be read, and nothing is of this epoch. */
  epoch: Epoch | null
  id: EpochId | null
}

export interface EpochRecords {
  read(): Promise<EpochSlot>
  put(epoch: Epoch): RecordWrite
}

export function createEpochRecords(space: Space): EpochRecords {
  return {
    async read() {
      const slot = await space.read(EPOCH, ['epoch'])
      const epoch = slot.state === 'corrupt' ? null : (slot.record ?? { id: FIRST_EPOCH, since: 0 })
      return { ...slot, epoch, id: epoch?.id ?? null }
    },
    put: (epoch) => ({ key: ['epoch'], kind: EPOCH.name, record: epoch, purgeAt: null }),
  }
}
