import type { Clock, Logger } from '../ports/runtime.ts'
import { DAY } from '../time.ts'

/**
 * Tells once of each jump of a year or more since the time before: such a clock is not believed at once, or all that it calls
 * over would be forgotten.
 */
export function createClockJump(clock: Clock, logger: Logger): () => boolean {
  let last = clock()
  return () => {
    const now = clock()
    const away = Math.abs(now - last)
    last = now
    if (!(away >= 365 * DAY)) return false
    logger.warn('the clock has jumped: nothing is forgotten in this sweep', { now })
    return true
  }
}
