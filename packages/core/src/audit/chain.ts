import type { Millis } from '../time.ts'
import type { Seal, SealedItem, SealHead } from './seal.ts'

/** What does not hold in a sealed journal. */
export type ChainFault =
  | 'item_altered'
  | 'item_removed'
  | 'item_inserted'
  | 'item_reordered'
  | 'seal_missing'
  | 'seal_altered'
  | 'rewound'

/** What a look at the whole chain came to. */
export type ChainReport =
  | {
      ok: true
      /** The newest seal; `null`: nothing is sealed. Keep it elsewhere, and name it when you verify the next time. */
      latest: { number: number; digest: string; at: Millis } | null
      /** Items that are held and as they were sealed. */
      verified: number
      /** Sealed items that were due to be forgotten, and are. */
      forgotten: number
      /** Seals before which something was forgotten that nobody had sealed. */
      gaps: number
      /** Items behind the newest seal: nothing shows that those are as they were written. */
      unsealed: number
    }
  | {
      ok: false
      fault: ChainFault
      /** The number of the seal where it shows. */
      seal: number
      /** The place of the item, where it is one. */
      id: string | null
    }

/** What a seal begins on: the seal before. */
export type Link = Pick<Seal, 'number' | 'digest' | 'at' | 'to'>

/** Of clocks that are off a little, none makes an item look removed that another forgot. */
const LENIENT_MS: Millis = 60_000

/**
 * Does a seal follow on that one? `before` is `null` for the first that is held: it is number 1, or those before it were due to be
 * forgotten.
 */
export function judgeLink(
  seal: Seal,
  before: Link | null,
  kept: { sealMs: Millis; now: Millis },
): ChainFault | null {
  if (before === null) {
    if (seal.number === 1) return null
    const isDue = seal.previousAt !== null && isForgotten(seal.previousAt, kept.sealMs, kept.now)
    return isDue ? null : 'seal_missing'
  }
  if (seal.number !== before.number + 1) return 'seal_missing'
  const follows =
    seal.previous === before.digest && seal.previousAt === before.at && seal.from === before.to
  return follows ? null : 'seal_altered'
}

/** Is the newest seal at least the one that was seen before, and the same where it is that one? */
export function isRewound(
  head: Pick<SealHead, 'number' | 'digest'> | null,
  seen: Pick<SealHead, 'number' | 'digest'> | null,
): boolean {
  if (seen === null) return false
  if (head === null || head.number < seen.number) return true
  return head.number === seen.number && head.digest !== seen.digest
}

/**
 * When each of these items was written. What can't be read (`null`) is no older than what stands before it, or than the seal before:
 * taken as younger, it would be forgotten before it seems due. `since`: that seal's time.
 */
export function writtenAt(
  items: readonly (Millis | null)[],
  since: Millis | null,
  now: Millis,
): Millis[] {
  let before = since ?? 0
  return items.map((at) => (before = at ?? Math.min(before, now)))
}

/** The first item that is not as it was sealed, or how many are. Both lists are in order. */
export function judgeItems(
  sealed: readonly SealedItem[],
  held: readonly SealedItem[],
  { itemMs, now }: { itemMs: Millis; now: Millis },
): { ok: true; forgotten: number } | { ok: false; fault: ChainFault; id: string } {
  const digests = new Set(sealed.map(({ digest }) => digest))
  let at = 0
  let forgotten = 0
  for (const item of sealed) {
    const found = held[at]
    if (found !== undefined && found.id < item.id)
      return { ok: false, fault: 'item_inserted', id: found.id }
    if (found?.id !== item.id) {
      if (!isForgotten(item.at, itemMs, now))
        return { ok: false, fault: 'item_removed', id: item.id }
      forgotten++
      continue
    }
    if (found.digest !== item.digest) {
      const fault = digests.has(found.digest) ? 'item_reordered' : 'item_altered'
      return { ok: false, fault, id: item.id }
    }
    at++
  }
  const more = held[at]
  return more ? { ok: false, fault: 'item_inserted', id: more.id } : { ok: true, forgotten }
}

/** May what was written then be forgotten by now? */
function isForgotten(at: Millis, keptMs: Millis, now: Millis): boolean {
  return at + keptMs <= now + LENIENT_MS
}
