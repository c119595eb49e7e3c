import { fixedClock, type FixedClock } from '@pair/testkit/app'
import { isPairError } from '../../src/errors.ts'
import { createClockCheck, type ClockCheck } from '../../src/storage/clock-check.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { handTimers, type HandTimers } from '../kit/workshop.ts'

export type Ask = () => Promise<unknown>

export interface Bench {
  /** `steady`, or the code of the refusal. */
  told(): Promise<string>
  check: ClockCheck
  /** What the store answers from now on; `null` is its own clock, which is right. */
  answer(ask: Ask | null): void
  /** Time goes by, for everybody. */
  pass(ms: number): Promise<void>
  /** The clock of the instance is set; the time that went by is another matter. */
  set(byMs: number): void
  timers: HandTimers
  /** The true time. */
  now(): number
  /** How often the store was asked. */
  asked(): number
  errors: { message: string; fields: Readonly<Record<string, unknown>> | undefined }[]
}

/** An instance that is `aheadMs` ahead, with all clocks in the hand of the test. */
export function bench(aheadMs = 0): Bench {
  const truth: FixedClock = fixedClock(NOON)
  const timers = handTimers(truth)
  let ahead = aheadMs
  let asked = 0
  let ask: Ask | null = null
  const errors: Bench['errors'] = []
  const check = createClockCheck({
    store: {
      ...memoryStore(),
      time: () => {
        asked++
        return ask === null ? Promise.resolve(truth()) : (ask() as Promise<number>)
      },
    },
    clock: () => truth() + ahead,
    timers: { ...timers, elapsed: () => truth() - NOON },
    logger: {
      debug() {},
      info() {},
      warn() {},
      error: (message, fields) => void errors.push({ message, fields }),
    },
    deadlineMs: 2 * SECOND,
  })
  return {
    told: () =>
      check.requireSteady().then(
        () => 'steady',
        (error: unknown) => (isPairError(error) ? error.code : String(error)),
      ),
    check,
    answer: (next) => void (ask = next),
    pass: timers.pass,
    set: (byMs) => void (ahead += byMs),
    timers,
    now: truth,
    asked: () => asked,
    errors,
  }
}
