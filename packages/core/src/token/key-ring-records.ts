import * as z from 'zod/mini'
import type { KeyId } from '../ids.ts'
import { Id, Instant } from '../storage/fields.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import type { RecordWrite, Slot, Space } from '../storage/space.ts'
import { FIRST_GENERATION, type KeyRing } from './key-ring.ts'

export const KEY_RING: RecordKind<KeyRing> = {
  name: 'key-ring',
  schema: z.object({
    generations: z.array(
      z.object({
        id: Id<KeyId>('key'),
        createdAt: Instant,
        activeAt: Instant,
        acceptUntil: z.nullable(Instant),
      }),
    ),
  }),
}

export interface RingSlot extends Slot<KeyRing> {
  /** `null`: it can't be read, and no signature counts. */
  ring: KeyRing | null
}

export interface KeyRingRecords {
  read(): Promise<RingSlot>
  put(ring: KeyRing): RecordWrite
}

export const RING_KEY: readonly string[] = ['key-ring']

export function createKeyRingRecords(space: Space): KeyRingRecords {
  return {
    async read() {
      const slot = await space.read(KEY_RING, RING_KEY)
      const unrotated = { generations: [FIRST_GENERATION] }
      return { ...slot, ring: slot.state === 'corrupt' ? null : (slot.record ?? unrotated) }
    },
    put: (ring) => ({ key: RING_KEY, kind: KEY_RING.name, record: ring, purgeAt: null }),
  }
}
