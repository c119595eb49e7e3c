import { PairError, type LimitStanding } from '../errors.ts'
import type { ServicePorts } from '../service-ports.ts'
import type { Attempt, Guess } from './attempt-records.ts'
import { limitedOf } from './limit-refusal.ts'
import { ruleFor, subjectText, type LimitClass, type Subject } from './limits.ts'
import type { WindowRule } from './window.ts'

export type { Attempt }

export interface LimitService {
  /** Takes back a guess that nothing was looked up for. Never throws. */
  abandon(attempt: Attempt): Promise<void>
  /**
   * Counts a guess, then judges it. `code_invalid` was wrong, anything else says nothing of other codes.
   *
   * @throws PairError `rate_limited`, `locked_out`, `codes_suspended`, `clock_skew`, `store_unavailable`; what `judge` throws
   */
  guess<T>(of: Guess['of'], by: Subject, judge: (attempt: Attempt) => Promise<T>): Promise<T>
  /** Counts a request of a class. @throws PairError `rate_limited`, `store_unavailable` */
  count(as: LimitClass, by: Subject): Promise<LimitStanding>
  /** The same for a write that was refused, which takes nothing from those that are not. */
  countRefused(by: Subject): Promise<LimitStanding | null>
  /** The same for one who is known by an id, wherever he comes from. */
  countKnown(as: LimitClass, id: string): Promise<LimitStanding>
  /** The same by a rule of the app. */
  countApp(name: string, rule: WindowRule, by: Subject): Promise<LimitStanding>
}

export function createLimitService({
  records,
  clock,
  settings,
  requireSteadyClock,
}: Pick<ServicePorts, 'records' | 'clock' | 'settings' | 'requireSteadyClock'>): LimitService {
  async function count(name: string, subject: string, rule: WindowRule): Promise<LimitStanding> {
    const { ok, standing } = await records.counters.count(name, subject, rule, clock())
    if (!ok) throw new PairError(...limitedOf('rate_limited', standing, clock()))
    return standing
  }
  return {
    abandon: (attempt) => records.attempts.abandon(attempt, clock()).catch(() => {}),
    async guess(of, { network, folded }, judge) {
      // By a wrong clock there would be as many guesses once more.
      await requireSteadyClock()
      const guess = { as: 'redeem', of, by: { network, folded } } as const
      const begun = await records.attempts.begin(guess, clock())
      if (!begun.ok) throw new PairError(...limitedOf(begun.why, begun.standing, clock()))
      return records.attempts.judge(begun.attempt, clock, async () => ({
        answer: await judge(begun.attempt),
        minted: false,
      }))
    },
    count: (as, by) => count(as, subjectText(by), ruleFor(by, settings.limits.classes[as])),
    // Where many share an address each is told why he was refused.
    countRefused: async (by) =>
      by.folded ? null : count('change', `refused-${by.network}`, settings.limits.classes.change),
    countKnown: (as, id) => count(as, id, settings.limits.classes[as]),
    countApp: (name, rule, by) => count(`app-${name}`, subjectText(by), ruleFor(by, rule)),
  }
}
