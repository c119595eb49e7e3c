import type { Clock, RandomSource } from './ports/runtime.ts'
import type { Records } from './records.ts'
import type { Settings } from './settings.ts'
import type { Space } from './storage/space.ts'
import type { Keys } from './token/token-crypto.ts'

/** What every use case is given. */
export interface ServicePorts {
  space: Space
  records: Records
  clock: Clock
  random: RandomSource
  /** The derived keys; asks the secret source once. */
  keys: () => Promise<Keys>
  settings: Settings
}
