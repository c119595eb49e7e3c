import { systemTimers, withPatience } from '@pair/core/store'
import type { Calls } from './calls.ts'
import { STATE } from './lua/reads.ts'
import { OPEN } from './lua/upkeep.ts'
import { notUnderstood, toRefusal } from './outcome.ts'
import type { RedisSettings } from './redis-options.ts'
import { findDangers, isUnsafe } from './safety.ts'

/** Redis is looked at once, when the first call comes; after a failure again at the next. */
export interface Opening {
  /** Nothing has to be waited for. */
  isDone(): boolean
  /** @throws PairError */
  ready(): Promise<void>
  /** It is looked at again: it may be another server. */
  forget(): void
}

export interface OpeningParts {
  settings: RedisSettings
  calls: Calls
  self: string
  dice: string
  /** What the clock of the server said just now, and with what counters are spread; nothing where it could not be kept. */
  learn(serverMs: number, salt: string): void
}

export function createOpening({ settings, calls, self, dice, learn }: OpeningParts): Opening {
  const { names, unsafe, logger, timeoutMs } = settings
  let opening: Promise<void> | undefined
  let isDone = false
  let areDangersSaid = false

  async function open(): Promise<void> {
    const { meta, index, due, purged } = names
    const probe = `probe-${self}`
    const keys = [meta, index, due, purged, names.attempt(probe), names.streams + probe]
    const answer = await calls.run(OPEN, keys, [dice, names.channel, self])
    const [, ms, salt] = /^t(\d+) (\w*)$/.exec(String(answer)) ?? []
    if (ms === undefined) throw notUnderstood()
    learn(Number(ms), salt!)
    if (unsafe === 'allow' || areDangersSaid) return
    const state = (): Promise<unknown> => calls.run(STATE, [meta])
    const dangers = await findDangers(calls.askPrimaries, state)
    if (dangers.length === 0) return
    if (unsafe === 'refuse') throw isUnsafe(dangers)
    areDangersSaid = true
    for (const danger of dangers) logger.warn(`this Redis may lose what it acknowledged: ${danger}`)
  }

  function begin(): Promise<void> {
    const begun = open().then(
      () => {
        if (opening === begun) isDone = true
      },
      (error: unknown) => {
        if (opening === begun) opening = undefined
        throw error
      },
    )
    return begun
  }

  return {
    isDone: () => isDone,
    async ready() {
      opening ??= begin()
      try {
        await withPatience(systemTimers, timeoutMs, opening)
      } catch (error) {
        throw toRefusal(error)
      }
    },
    forget() {
      isDone = false
      opening = undefined
    },
  }
}
