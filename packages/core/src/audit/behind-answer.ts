import type { Logger, Timers } from '../ports/runtime.ts'

/** Does some work when the answer is on its way: whoever is answered can't tell by the time that it takes. */
export type BehindAnswer = (work: () => Promise<void>) => void

export function behindAnswer(timers: Pick<Timers, 'hold'>, logger: Logger): BehindAnswer {
  return (work) =>
    void timers.hold(0, () => {
      work().catch((error: unknown) =>
        logger.error('what an answer led to could not be kept', { error: String(error) }),
      )
    })
}
