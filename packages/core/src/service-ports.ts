import type { Clock, RandomSource } from './ports/runtime.ts'
import type { AskPolicy } from './policy/policy.ts'
import type { Records } from './records.ts'
import type { Settings } from './settings.ts'
import type { Space } from './storage/space.ts'
import type { Keys } from './token/keys-crypto.ts'

/** What every use case is given. */
export interface ServicePorts {
  space: Space
  records: Records
  clock: Clock
  random: RandomSource
  /** The keys as their ring stands now: ask anew in each use case. */
  keys: () => Promise<Keys>
  /** The eight characters that tell this server from others of the host. */
  instance: () => Promise<string>
  settings: Settings
  /**
   * Asked first by whatever mints: a wrong clock lets nobody in. @throws PairError `clock_skew`, `store_unavailable`
   */
  requireSteadyClock: () => Promise<void>
  /** Asked when all else is right, before the commit. @throws PairError `policy_refused` */
  askPolicy: AskPolicy
}
