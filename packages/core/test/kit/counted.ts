import { fixedClock, type FixedClock } from '@pair/testkit/app'
import { JOURNAL } from '../../src/audit/audit-records.ts'
import { PairError } from '../../src/errors.ts'
import {
  createAttemptRecords,
  type Attempt,
  type AttemptRecords,
  type Begun,
  type Guess,
} from '../../src/limit/attempt-records.ts'
import { createCounterRecords, type CounterRecords } from '../../src/limit/counter-records.ts'
import { createLockoutRecords, type LockoutRecords } from '../../src/limit/lockout-records.ts'
import type { LimitSettings } from '../../src/limit/limits.ts'
import type { Key, Store } from '../../src/ports/store.ts'
import { createChangeFeed } from '../../src/storage/change-feed.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createSpace, type Space } from '../../src/storage/space.ts'
import { MINUTE } from '../../src/time.ts'
import { failingCounters, type FailingCounters } from './failing-counters.ts'
import { NOON } from './clock.ts'

const RULE = { max: 1_000, windowMs: MINUTE }

/** Windows that hold nobody back, ten failures that lock for a quarter of an hour, and a thousand typed codes for all. */
const ROOMY_SETTINGS = {
  classes: { redeem: RULE, preview: RULE },
  lockout: { failures: 10, lockMs: 15 * MINUTE },
  typed: { max: 1_000, windowMs: 15 * MINUTE },
}

/** What counts guesses, by itself, on a store of its own. */
export interface Counted {
  clock: FixedClock
  attempts: AttemptRecords
  counters: CounterRecords
  lockouts: LockoutRecords
  space: Space
  fail: FailingCounters['fail']
  /** What the store holds under that key, without the namespace. */
  stored(key: Key): Promise<unknown>
  begin(guess?: Partial<Guess>): Promise<Begun>
  /** One that may be looked at. @throws Error where it may not */
  enter(guess?: Partial<Guess>): Promise<Attempt>
  /** One guess and what it came to: `wrong`, or what it was refused for. */
  wrong(guess?: Partial<Guess>): Promise<string>
  /** The same of one that was right: `minted` by a code of one use. */
  right(minted: boolean, guess?: Partial<Guess>): Promise<string>
}

export const HOME = { network: '192.0.2.7', folded: false }

export function openCounted(over: Partial<LimitSettings> = {}): Counted {
  const clock = fixedClock(NOON)
  const { store, fail } = failingCounters(memoryStore({ clock }))
  const space = spaceOf(store, clock)
  const settings = { ...ROOMY_SETTINGS, ...over } as LimitSettings
  const counters = createCounterRecords(space)
  const lockouts = createLockoutRecords(space, counters, settings.lockout)
  const attempts = createAttemptRecords(counters, lockouts, settings)
  const begin = (guess: Partial<Guess> = {}): Promise<Begun> =>
    attempts.begin({ as: 'redeem', of: 'typed', by: HOME, ...guess }, clock())

  return {
    clock,
    attempts,
    counters,
    lockouts,
    space,
    fail,
    async stored(key) {
      const entry = await store.read(['pair', ...key])
      return entry ? (JSON.parse(entry.value) as unknown) : null
    },
    begin,
    async enter(guess) {
      const begun = await begin(guess)
      if (!begun.ok) throw new Error(begun.why)
      return begun.attempt
    },
    async wrong(guess) {
      const begun = await begin(guess)
      if (!begun.ok) return begun.why
      const error = new PairError('code_invalid')
      const judged = attempts.judge(begun.attempt, clock, () => Promise.reject(error))
      return judged.then(
        () => 'right',
        () => 'wrong',
      )
    },
    async right(minted, guess) {
      const begun = await begin(guess)
      if (!begun.ok) return begun.why
      return attempts.judge(begun.attempt, clock, async () => ({ answer: 'right', minted }))
    },
  }
}

/** A store that answers at once: nothing is ever given up. */
function spaceOf(store: Store, clock: FixedClock): Space {
  const timers = { elapsed: () => 0, after: () => () => {}, hold: () => () => {} }
  const namespace = 'pair'
  const deadlineMs = 2_000
  let attempt = 0
  return createSpace({
    store,
    namespace,
    feed: createChangeFeed({ store, namespace, stream: JOURNAL, timers, deadlineMs }),
    clock,
    timers,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    newAttempt: () => String(++attempt),
    chance: () => 0,
    deadlineMs,
  })
}
