import type { EpochId } from '../ids.ts'
import type { Entry } from '../session/session.ts'
import type { Millis } from '../time.ts'

/** The age that sessions, codes and approvals are made in. A new one ends all of an older. */
export interface Epoch {
  id: EpochId
  since: Millis
  /** Where the sessions that came in by one way have an age of their own, since those before were ended alone. */
  entries?: { entry: Entry; id: EpochId }[] | undefined
}

/** The epoch of an instance in which nothing was ever ended at once. */
export const FIRST_EPOCH: EpochId = 'epo_first'

/** The age of sessions that come in by that way. */
export function epochOf(epoch: Epoch, entry: Entry): EpochId {
  return epoch.entries?.find((own) => own.entry === entry)?.id ?? epoch.id
}
