import * as z from 'zod/mini'
import { sha256Base64Url } from '../encoding/bytes.ts'
import { PROOF_FUTURE_MS, PROOF_PAST_MS } from '../proof/proof.ts'
import { Instant } from '../storage/fields.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import { checkOf, type Change, type RecordWrite, type Slot, type Space } from '../storage/space.ts'
import { HOUR, type Millis } from '../time.ts'
import { RELAYED_MS } from './mint-request.ts'

/** The mark of something that may be said once. */
export interface RelayMark {
  at: Millis
  /** Random: of the one mint that it was said for. */
  mint: string
}

export const RELAY_MARK: RecordKind<RelayMark> = {
  name: 'relay-mark',
  schema: z.object({ at: Instant, mint: z.string() }),
}

/** All that a mint request says once, by whichever relay's id. */
export interface SaidOnce {
  relayId: string
  jti: string
  nonce: string
  /** The client's proof: its key and `jti`. */
  proof: string
}

export interface RelayRecords {
  /** The places of the marks that such a request leaves. */
  read(said: SaidOnce): Promise<Slot<RelayMark>[]>
  /** Leaves all of them. The commit is lost where somebody else did since they were read. */
  spend(slots: readonly Slot<RelayMark>[], mark: RelayMark): Pick<Change, 'checks' | 'writes'>
  /** Takes them back: nothing was handed out for them. */
  free(slots: readonly Slot<RelayMark>[], now: Millis): Pick<Change, 'checks' | 'writes'>
}

/** Nothing that is taken now passes for so long by any clock of the store: all of it is dated at most 5 s ahead, and lives 5 minutes. */
const KEPT_MS = PROOF_FUTURE_MS + Math.max(RELAYED_MS, PROOF_PAST_MS) + HOUR

export function createRelayRecords(space: Pick<Space, 'read'>): RelayRecords {
  const write = (slot: Slot<RelayMark>, record: RelayMark | null, now: Millis): RecordWrite => ({
    key: slot.key,
    kind: RELAY_MARK.name,
    record,
    purgeAt: now + KEPT_MS,
  })
  return {
    read({ relayId, ...said }) {
      const keys = Object.entries(said).map(([what, text]) => [
        'relay',
        relayId,
        `${what}-${sha256Base64Url(text)}`,
      ])
      return Promise.all(keys.map((key) => space.read(RELAY_MARK, key)))
    },
    spend: (slots, mark) => ({
      checks: slots.map(checkOf),
      writes: slots.map((slot) => write(slot, mark, mark.at)),
    }),
    free: (slots, now) => ({
      checks: slots.map(checkOf),
      writes: slots.map((slot) => write(slot, null, now)),
    }),
  }
}
