import type { Timers } from '../ports/runtime.ts'

/**
 * Waits until one that lost for the `round`-th time tries again: the first losses are cheapest repeated at once, a crowd spreads out,
 * the wider the more of this process wait. Else many that change one record would only make each other lose.
 */
export function createLosers(
  timers: Pick<Timers, 'hold'>,
  chance: () => number,
): (round: number) => Promise<void> {
  let waiting = 0
  return async (round) => {
    const ms = round < 2 ? 0 : chance() * Math.min(2 ** round, 64 + 8 * waiting)
    if (ms < 1) return
    waiting++
    await new Promise<void>((resolve) => void timers.hold(ms, resolve))
    waiting--
  }
}
