import * as z from 'zod/mini'
import { Instant } from '../storage/fields.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import { checkOf, type Slot, type Space } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import type { CounterRecords } from './counter-records.ts'
import type { LockoutRule } from './limits.ts'
import { judgeLock, sliceEnd, sliceOf, slicesAround, type Lockout } from './lockout.ts'

export const LOCKOUT: RecordKind<Lockout> = {
  name: 'lockout',
  schema: z.object({
    generation: z.number().check(z.int(), z.nonnegative()),
    lockedAt: z.nullable(Instant),
  }),
}

/** Where a guess was counted: a network's generation, in a slice of time. */
export interface Place {
  network: string
  generation: number
  slice: number
  /** Which of those that are no right answers it is, with those that are looked at just now. */
  position: number
  /** When it began. */
  since: Millis
}

export interface LockoutRecords {
  /** Until when a network is locked out; `null`: it is not. */
  lockedUntil(network: string, now: Millis): Promise<Millis | null>
  /** Counts one more guess; `null`: no more of them may be looked at. */
  enter(network: string, now: Millis): Promise<Place | null>
  /** Counts that a guess was no failure. */
  clear(place: Place): Promise<void>
  /** Begins a lock, as of the guess that made it one too many. */
  lock(network: string, since: Millis, now: Millis): Promise<void>
  /** May one more network be locked for secrets that nobody guesses? There is no end to networks, and each lock is a record. */
  mayLockForAnything(now: Millis): Promise<boolean>
  /** Forgets the failures of a network. */
  forgive(place: Place, now: Millis): Promise<void>
}

/** How many locks there may be, in the time that one lasts, for what is no danger. */
const NEEDLESS_LOCKS = 10_000

export function createLockoutRecords(
  space: Space,
  counters: CounterRecords,
  rule: LockoutRule,
): LockoutRecords {
  type Slice = Pick<Place, 'network' | 'generation' | 'slice'>

  const read = (network: string): Promise<Slot<Lockout>> =>
    space.read(LOCKOUT, ['lockout', network, 'record'])

  /** Two counters: all that began, and those of them that were no failures. */
  function tally(which: 'begun' | 'cleared', by: 0 | 1, at: Slice): Promise<number> {
    const key = ['limit', which, at.network, `${at.generation}.${at.slice}`]
    return space.increment(key, by, sliceEnd(rule, at.slice))
  }

  /** How many were no right answers, in this slice and the one before; the one that is counted by `by` among them. */
  async function failures(
    { network, generation, now }: { network: string; generation: number; now: Millis },
    by: 0 | 1,
  ): Promise<number> {
    const own = sliceOf(rule, now)
    const slices = slicesAround(rule, now).map((slice) => ({ network, generation, slice }))
    // In this order: what is cleared behind our own count may have begun behind it, and would make room that is not there.
    const cleared = await Promise.all(slices.map((at) => tally('cleared', 0, at)))
    const begun = await Promise.all(
      slices.map((at) => tally('begun', at.slice === own ? by : 0, at)),
    )
    return begun.reduce((sum, count, at) => sum + Math.max(0, count - cleared[at]!), 0)
  }

  /** As long as there are counters of a generation before. */
  const purgeAtOf = (now: Millis): Millis => sliceEnd(rule, sliceOf(rule, now)) + rule.lockMs

  /** Where rivals wrote meanwhile, what they wrote stands. */
  async function write(slot: Slot<Lockout>, next: Lockout, now: Millis): Promise<void> {
    const purgeAt = purgeAtOf(now)
    await space.commit({
      checks: [checkOf(slot)],
      writes: [{ key: slot.key, kind: LOCKOUT.name, record: next, purgeAt }],
      journal: [],
    })
  }

  return {
    async lockedUntil(network, now) {
      const { record } = await read(network)
      const judged = judgeLock(record, rule, now)
      if (judged.is === 'open') return null
      // As it stood when the lock began: slices go on meanwhile.
      const at = { network, generation: judged.generation, now: record?.lockedAt ?? now }
      // Right answers that were under way when it began lift it: whoever shares a code for many is not locked by that.
      return (await failures(at, 0)) >= rule.failures ? now + judged.resetMs : null
    },

    async enter(network, now) {
      const slot = await read(network)
      const { is, generation } = judgeLock(slot.record, rule, now)
      const slice = sliceOf(rule, now)
      // A generation that is counted in is remembered as long as its counters.
      if (slot.record !== null && (slot.purgeAt ?? 0) < purgeAtOf(now))
        await write(slot, is === 'open' ? { generation, lockedAt: null } : slot.record, now)
      const position = await failures({ network, generation, now }, 1)
      const place = { network, generation, slice, position, since: now }
      if (position <= rule.failures) return place
      await tally('cleared', 1, place)
      return null
    },

    async clear(place) {
      await tally('cleared', 1, place)
    },

    async lock(network, since, now) {
      const slot = await read(network)
      const { is, generation } = judgeLock(slot.record, rule, now)
      // A lock begins once; one that was lifted may begin anew.
      if (is === 'open' || (slot.record?.lockedAt ?? 0) < since)
        await write(slot, { generation, lockedAt: since }, now)
    },

    async mayLockForAnything(now) {
      const budget = { max: NEEDLESS_LOCKS, windowMs: rule.lockMs }
      return (await counters.count('locks', 'all', budget, now)).ok
    },

    async forgive({ network, generation }, now) {
      const slot = await read(network)
      if (judgeLock(slot.record, rule, now).generation !== generation) return
      await write(slot, { generation: generation + 1, lockedAt: null }, now)
    },
  }
}
