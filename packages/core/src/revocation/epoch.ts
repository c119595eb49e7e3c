import type { EpochId } from '../ids.ts'
import type { Millis } from '../time.ts'

/** The age that sessions and codes are made in. A new one ends all of an older. */
export interface Epoch {
  id: EpochId
  since: Millis
}

/** The epoch of an instance in which nothing was ever ended at once. */
export const FIRST_EPOCH: EpochId = 'epo_first'
