import type { Space } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import { standingOf, windowOf, type LimitStanding, type WindowRule } from './window.ts'

export interface CounterRecords {
  /** Counts one more, before anything is decided; by 0 it is only asked. `ok: false`: it was, or would be, one too many. */
  count(
    name: string,
    subject: string,
    rule: WindowRule,
    now: Millis,
    by?: 0 | 1,
  ): Promise<{ ok: boolean; standing: LimitStanding }>
}

export function createCounterRecords(space: Pick<Space, 'increment'>): CounterRecords {
  return {
    async count(name, subject, rule, now, by = 1) {
      const window = windowOf(rule, now)
      const count = await space.increment(
        ['limit', name, subject, String(window)],
        by,
        (window + 1) * rule.windowMs,
      )
      return { ok: count + 1 - by <= rule.max, standing: standingOf(name, rule, count, now) }
    },
  }
}
