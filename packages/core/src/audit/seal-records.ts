import * as z from 'zod/mini'
import { Instant } from '../storage/fields.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import type { Change, Slot, Space } from '../storage/space.ts'
import { checkOf } from '../storage/space.ts'
import { DAY, type Millis } from '../time.ts'
import type { Seal, SealHead } from './seal.ts'

const Count = z.number().check(z.int(), z.gte(1))

export const SEAL: RecordKind<Seal> = {
  name: 'seal',
  schema: z.object({
    number: Count,
    previous: z.nullable(z.string()),
    previousAt: z.nullable(Instant),
    at: Instant,
    from: z.nullable(z.string()),
    to: z.string(),
    gap: z.boolean(),
    items: z.array(z.object({ id: z.string(), at: Instant, digest: z.string() })),
    digest: z.string(),
  }),
}

export const SEAL_HEAD: RecordKind<SealHead> = {
  name: 'seal-head',
  schema: z.object({ number: Count, digest: z.string(), at: Instant, to: z.string() }),
}

/** How long a seal is kept: four times as long as the journal. */
export const SEAL_RETENTION_MS: Millis = 360 * DAY

const WORD = 'seal'
const HEAD_KEY: readonly string[] = ['seal-head']

export interface SealRecords {
  head(): Promise<Slot<SealHead>>
  read(number: number): Promise<Slot<Seal>>
  /** Seals behind that number, in order; `corrupt` ones with them. */
  list(after: number, limit: number): Promise<Slot<Seal>[]>
  /** Makes it the newest, at a place where none is: of any number who add to the same one, one alone does. */
  add(head: Slot<SealHead>, slot: Slot<Seal>, seal: Seal): Change
}

export function createSealRecords(space: Space): SealRecords {
  return {
    head: () => space.read(SEAL_HEAD, HEAD_KEY),
    read: (number) => space.read(SEAL, keyOf(number)),
    async list(after, limit) {
      const entries = await space.list([WORD], { after: keyOf(after), limit })
      return entries.map((entry) => space.decode(SEAL, entry))
    },
    add(head, slot, seal) {
      const { key } = slot
      const { number, digest, at, to } = seal
      return {
        checks: [checkOf(head), checkOf(slot)],
        writes: [
          { key, kind: SEAL.name, record: seal, purgeAt: at + SEAL_RETENTION_MS },
          {
            key: HEAD_KEY,
            kind: SEAL_HEAD.name,
            record: { number, digest, at, to } satisfies SealHead,
            purgeAt: null,
          },
        ],
        journal: [],
      }
    },
  }
}

/** Twelve digits: they are in the order of their numbers. */
function keyOf(number: number): readonly string[] {
  return [WORD, String(number).padStart(12, '0'), 'record']
}
