import { createLineWatch, systemTimers, type LineWatch } from '@pair/core/store'
import type { Driver } from './driver.ts'
import { createTold } from './told.ts'

/** Of so many attempts of ours it is known that they are open. */
const MOST_OPEN = 10_000

export interface Watch extends LineWatch {
  /** It may have written these, or may do so yet: then that is heard of. */
  doubt(attempt: string, keys: readonly string[]): void
}

export interface WatchParts {
  listen: NonNullable<Driver['listen']>
  /** Lets the server that has the records say that on a channel. */
  beat(channel: string, payload: string): Promise<unknown>
  /** Where it is told what was written. */
  channel: string
  /** Who we are, in what we tell. */
  self: string
  /** Resolves when Redis can be used. */
  ready(): Promise<unknown>
}

/** A watch by SUBSCRIBE: what it asks, it is told by the server of the records, over the line on which it listens. */
export function createWatch({ listen, beat, channel, self, ready }: WatchParts): Watch {
  const own = `${channel}:${self}`
  const open = new Set<string>()

  const isKnown = (attempt: string): boolean =>
    !open.delete(attempt) && attempt.startsWith(`${self}.`)

  const watch = createLineWatch({
    timers: systemTimers,
    async connect(ear) {
      await ready()
      // what another line missed is told when this one is live
      const told = createTold(isKnown, (keys) => ear.changed(keys))
      const line = await listen([channel, own], {
        heard: (on, payload) => {
          if (on === own) ear.answered(Number(told.own(payload, ear.asked())))
          else told.others(payload)
        },
        ended: () => ear.ended(),
      })
      return {
        // an answer that does not come is missed on the line
        ask: (number) => void beat(own, String(number)).catch(() => {}),
        close: () => line.close(),
      }
    },
  })

  return {
    ...watch,
    doubt(attempt, keys) {
      open.add(attempt)
      // what is longest open has come, or never will
      if (open.size > MOST_OPEN) for (const first of open) if (open.delete(first)) break
      watch.tell(keys)
    },
  }
}
