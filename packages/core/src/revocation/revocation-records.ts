import * as z from 'zod/mini'
import type { Key } from '../ports/store.ts'
import { Instant } from '../storage/fields.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import { checkOf, type Change, type Slot, type Space } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import type { Revocation } from './revocation.ts'

export const REVOCATION: RecordKind<Revocation> = {
  name: 'revocation',
  schema: z.object({ at: Instant, reason: z.enum(['revoked', 'replaced', 'logout', 'evicted']) }),
}

/** A marker's slot. `revoked` also where the marker does not decode: its presence is what counts. */
export interface MarkerSlot extends Slot<Revocation> {
  revoked: boolean
}

export type Revocable = 'session' | 'device' | 'code' | 'agent-key'

export interface RevocationRecords {
  read(what: Revocable, id: string): Promise<MarkerSlot>
  decode(entry: Parameters<Space['decode']>[1]): MarkerSlot
  /** The place of a mark that was never set. */
  unmarked(what: Revocable, id: string): Pick<MarkerSlot, 'key' | 'version'>
  /**
   * The marker, kept as long as its target. It checks nothing but its own place, so that no change of the target can
   * starve it, and of rivals one alone tells the journal.
   */
  mark(
    slot: Pick<MarkerSlot, 'key' | 'version'>,
    revocation: Revocation,
    purgeAt: Millis | null,
  ): Pick<Change, 'checks' | 'writes'>
}

export function createRevocationRecords(space: Space): RevocationRecords {
  const asMarker = (slot: Slot<Revocation>): MarkerSlot => ({
    ...slot,
    revoked: slot.state === 'present' || slot.state === 'corrupt',
  })
  const key = (what: Revocable, id: string): Key => [what, id, 'revoked']
  return {
    read: async (what, id) => asMarker(await space.read(REVOCATION, key(what, id))),
    decode: (entry) => asMarker(space.decode(REVOCATION, entry)),
    unmarked: (what, id) => ({ key: key(what, id), version: null }),
    mark: (slot, revocation, purgeAt) => ({
      checks: [checkOf(slot)],
      writes: [{ key: slot.key, kind: REVOCATION.name, record: revocation, purgeAt }],
    }),
  }
}
