import type { KeyId } from '../ids.ts'
import { DAY, MINUTE, type Millis } from '../time.ts'

/** One generation of keys. The keys themselves are derived from the master secret; nothing here is secret. */
export interface Generation {
  id: KeyId
  createdAt: Millis
  /** Signs from then on; it is accepted as of its making. */
  activeAt: Millis
  /** What it signed counts until then; `null`: it was not superseded. */
  acceptUntil: Millis | null
}

/** All generations whose signatures may still count, oldest first. */
export interface KeyRing {
  generations: Generation[]
}

/** Of an instance whose keys were never rotated. */
export const FIRST_GENERATION: Generation = {
  id: 'key_first',
  createdAt: 0,
  activeAt: 0,
  acceptUntil: null,
}

/** How long every instance accepts a generation before the first signs with it. */
export const PRE_ACCEPTANCE_MS: Millis = MINUTE

/** Nothing that was signed counts for longer. */
export const LONGEST_SIGNED_MS: Millis = 400 * DAY

/** More are not kept: the oldest goes, with what it signed. */
const KEPT = 64

/** What becomes of what older generations signed: it counts until it runs out, or no more from now on. */
export type OldKeys = 'live-out' | 'end'

/** Those whose signatures count at that moment, oldest first. */
export function acceptedIn({ generations }: KeyRing, now: Millis): Generation[] {
  return generations.filter(({ acceptUntil }) => acceptUntil === null || now < acceptUntil)
}

/** The one that signs at that moment: the newest that has begun, by a clock that fell back the oldest. */
export function signingIn(ring: KeyRing, now: Millis): Generation | null {
  const accepted = acceptedIn(ring, now)
  return accepted.findLast(({ activeAt }) => now >= activeAt) ?? accepted[0] ?? null
}

/** Those by which codes are looked up: that of now, the one before, and the one that is about to begin. */
export function lookupsIn({ generations }: KeyRing): Generation[] {
  return generations.slice(-3)
}

/** The one by which codes that are made now will be looked up, whatever the clock says. */
export function pepperIn(ring: KeyRing, now: Millis): Generation | null {
  const lookups = lookupsIn(ring)
  return lookups.findLast(({ activeAt }) => now >= activeAt) ?? lookups[0] ?? null
}

/**
 * The ring with a fresh generation. A rotation that is under way is not overtaken by another: the answer is the same ring.
 * To end what is old, the new one signs at once.
 */
export function rotateRing(
  ring: KeyRing,
  { id, old, longestMs }: { id: KeyId; old: OldKeys; longestMs: Millis },
  now: Millis,
): KeyRing {
  if (old === 'end')
    return { generations: [{ id, createdAt: now, activeAt: now, acceptUntil: null }] }
  const activeAt = now + PRE_ACCEPTANCE_MS
  const newest = ring.generations.at(-1)
  // One that seems to begin far in the future was made by a clock that ran ahead, and must not stand in the way for good.
  if (newest && newest.activeAt > now && newest.activeAt <= activeAt) return ring
  const superseded = acceptedIn(ring, now).map((generation) => ({
    ...generation,
    // No longer than that also where a clock that ran ahead said so.
    acceptUntil: Math.min(generation.acceptUntil ?? Infinity, activeAt + longestMs),
  }))
  const next = { id, createdAt: now, activeAt, acceptUntil: null }
  return { generations: [...superseded, next].slice(-KEPT) }
}
