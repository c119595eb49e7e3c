import type { Millis } from '../time.ts'

/** The absorbing mark of something that was revoked. Whatever stands under the key, it is revoked. */
export interface Revocation {
  at: Millis
  reason: 'revoked' | 'replaced' | 'logout' | 'evicted'
}
