import * as z from 'zod/mini'
import { Instant } from '../storage/fields.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import { checkOf, type Change, type Slot, type Space } from '../storage/space.ts'
import { DAY, type Millis } from '../time.ts'
import type { RefusalRow } from './refusal-count.ts'

const Count = z.number().check(z.int(), z.gte(0))

export const REFUSALS: RecordKind<RefusalRow> = {
  name: 'refusals',
  schema: z.object({
    from: Instant,
    until: Instant,
    counts: z.array(z.object({ code: z.string(), count: Count })),
    addresses: z.array(z.object({ address: z.string(), count: Count })),
    elsewhere: Count,
  }),
}

/** How long counts are kept: as long as the journal. */
const RETENTION_MS = 90 * DAY

const WORD = 'refusals'

export interface RefusalRecords {
  read(from: Millis): Promise<Slot<RefusalRow>>
  /** Slices that began at that instant or later, in order. */
  list(since: Millis, limit: number): Promise<Slot<RefusalRow>[]>
  put(slot: Slot<RefusalRow>, row: RefusalRow): Change
}

export function createRefusalRecords(space: Space): RefusalRecords {
  return {
    read: (from) => space.read(REFUSALS, keyOf(from)),
    async list(since, limit) {
      const entries = await space.list([WORD], { after: [WORD, text(since)], limit })
      return entries.map((entry) => space.decode(REFUSALS, entry))
    },
    put: (slot, row) => ({
      checks: [checkOf(slot)],
      writes: [
        {
          key: keyOf(row.from),
          kind: REFUSALS.name,
          record: row,
          purgeAt: row.until + RETENTION_MS,
        },
      ],
      journal: [],
    }),
  }
}

function keyOf(from: Millis): readonly string[] {
  return [WORD, text(from), 'record']
}

/** Sixteen digits: they are in the order of time. */
function text(at: Millis): string {
  return String(at).padStart(16, '0')
}
