import { fixedClock, type FixedClock } from '@pair/testkit/app'
import { JOURNAL } from '../../src/audit/audit-records.ts'
import { PairError } from '../../src/errors.ts'
import type { Guess } from '../../src/limit/attempt-records.ts'
import { checkOptions } from '../../src/options.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import { createRecords } from '../../src/records.ts'
import type { Settings } from '../../src/settings.ts'
import { createChangeFeed } from '../../src/storage/change-feed.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createSpace } from '../../src/storage/space.ts'
import { NOON } from './clock.ts'
import { SECRET } from './server.ts'

/** Guesses by themselves, without the requests around them: as many as a long attack makes. */
export interface Guessing {
  clock: FixedClock
  settings: Settings
  /** One wrong code: what it was refused for, or `judged`. */
  guess(of: Guess['of'], network: string, as?: Guess['as']): Promise<string>
}

export function createGuessing(options: Partial<PairOptions> = {}): Guessing {
  const clock = fixedClock(NOON)
  const store = memoryStore({ clock })
  const settings = checkOptions({ secret: SECRET, store, ...options })
  let attempt = 0
  // The store answers at once: nothing is ever given up.
  const timers = { elapsed: () => 0, after: () => () => {}, hold: () => () => {} }
  const space = createSpace({
    store,
    namespace: 'pair',
    feed: createChangeFeed({
      store,
      namespace: 'pair',
      stream: JOURNAL,
      timers,
      deadlineMs: 2_000,
    }),
    clock,
    timers,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    newAttempt: () => String(++attempt),
    chance: () => 0,
    deadlineMs: 2_000,
  })
  const { attempts } = createRecords(space, settings)
  const wrong = new PairError('code_invalid')
  return {
    clock,
    settings,
    async guess(of, network, as = 'redeem') {
      const begun = await attempts.begin({ as, of, by: { network, folded: false } }, clock())
      if (!begun.ok) return begun.why
      await attempts.judge(begun.attempt, clock, () => Promise.reject(wrong)).catch(() => {})
      return 'judged'
    },
  }
}
