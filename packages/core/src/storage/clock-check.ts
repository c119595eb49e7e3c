import { PairError, requireTime } from '../errors.ts'
import type { Clock, Logger, Timers } from '../ports/runtime.ts'
import type { Store } from '../ports/store.ts'
import { MINUTE, SECOND, type Millis } from '../time.ts'
import { withDeadline } from './deadline.ts'

/** So far apart the clocks of an instance and of its store may be. */
const APART_MS = 5 * SECOND
/** How long a comparison is good for. */
const GOOD_MS = MINUTE
/** How long it is made do with where the store does not tell its time. */
const DO_WITH_MS = 2 * MINUTE
/** How long bad news are good for: a clock that was put right is believed soon, and nobody asks with each request. */
const BAD_MS = SECOND
/** A clock that was put elsewhere by that is compared anew at once. */
const STEP_MS = SECOND

export interface ClockCheck {
  /**
   * Passes while the clock of this instance is near that of the store: nothing is minted by a wrong clock. Asks the store
   * once a minute.
   *
   * @throws PairError `clock_skew`, or `store_unavailable` where the store has not told its time for two minutes
   */
  requireSteady(): Promise<void>
  /** Is it too far away? @throws PairError `store_unavailable` as `requireSteady` */
  isSkewed(): Promise<boolean>
}

/** By the clock of this instance, and by the one that nobody sets. */
interface Moment {
  at: Millis
  elapsed: Millis
}

interface Comparison extends Moment {
  aheadMs: Millis
}

export interface ClockCheckPorts {
  store: Store
  clock: Clock
  timers: Timers
  logger: Logger
  deadlineMs: number
}

/**
 * How far a clock is ahead of the store's, at the least: the store looked at its own somewhere between these two readings.
 * Below 0: behind; 0: it may be right.
 */
export function aheadBy(before: Millis, told: Millis, after: Millis): Millis {
  if (before > told) return before - told
  return after < told ? after - told : 0
}

export function createClockCheck(ports: ClockCheckPorts): ClockCheck {
  const { store, clock, timers, logger, deadlineMs } = ports
  let last: Comparison | null = null
  let failed: { elapsed: Millis; cause: unknown } | null = null
  let asking: Promise<void> | null = null
  let toldAt = -Infinity

  const moment = (): Moment => ({ at: clock(), elapsed: timers.elapsed() })

  async function compare(ask: () => Promise<Millis>): Promise<void> {
    const before = moment()
    try {
      const told = await withDeadline(timers, deadlineMs, ask)
      const after = moment()
      for (const instant of [told, after.at])
        requireTime(Number.isFinite(instant) ? instant : Number.NaN)
      if (!isUnmoved(before, after)) throw new Error('the clock was set while it was compared')
      last = { ...after, aheadMs: aheadBy(before.at, told, after.at) }
      failed = null
      if (isApart(last)) tell(last)
    } catch (cause) {
      failed = { elapsed: timers.elapsed(), cause }
    }
  }

  function tell({ elapsed, aheadMs }: Comparison): void {
    if (elapsed - toldAt < MINUTE) return
    toldAt = elapsed
    logger.error('the clock of this instance is off: nothing is minted until it is put right', {
      aheadMs,
      allowedMs: APART_MS,
    })
  }

  function isDue(now: Moment): boolean {
    if (!last || !isUsable(last, now)) return true
    const age = now.elapsed - last.elapsed
    if (age < (isApart(last) ? BAD_MS : GOOD_MS)) return false
    return failed === null || now.elapsed - failed.elapsed >= BAD_MS
  }

  async function current(): Promise<Comparison | null> {
    if (store.time === undefined) return null
    requireTime(clock())
    if (isDue(moment()))
      await (asking ??= compare(async () => store.time!()).finally(() => void (asking = null)))
    const now = moment()
    if (last && isUsable(last, now)) return last
    throw new PairError('store_unavailable', {
      reason: 'the store does not tell its time',
      cause: failed?.cause,
    })
  }

  return {
    async isSkewed() {
      const found = await current()
      return found !== null && isApart(found)
    },
    async requireSteady() {
      const found = await current()
      if (found === null || !isApart(found)) return
      const { aheadMs } = found
      throw new PairError('clock_skew', {
        reason: `this instance is ${Math.abs(aheadMs)} ms ${aheadMs > 0 ? 'ahead of' : 'behind'} its store; ${APART_MS} ms are allowed`,
      })
    },
  }
}

function isApart({ aheadMs }: Comparison): boolean {
  return Math.abs(aheadMs) > APART_MS
}

function isUsable(comparison: Comparison, now: Moment): boolean {
  return now.elapsed - comparison.elapsed < DO_WITH_MS && isUnmoved(comparison, now)
}

/** Did the clock only go on between these two? */
function isUnmoved(from: Moment, to: Moment): boolean {
  return Math.abs(to.at - from.at - (to.elapsed - from.elapsed)) <= STEP_MS
}
