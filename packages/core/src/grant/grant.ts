import type { DeviceId, GrantId } from '../ids.ts'
import type { Millis } from '../time.ts'

/** What was given to a device. Scopes are only ever narrowed. */
export interface Grant {
  id: GrantId
  subject: string
  deviceId: DeviceId
  scopes: string[]
  /** What the app attached to the code: JSON of at most 2 KiB. */
  data: unknown
  createdAt: Millis
}
