import type { Millis } from '../time.ts'
import type { SessionView } from './session.ts'

/** What a device presents: the text of an access token or of a cookie, and when it ends. */
export interface Credential {
  token: string
  expiresAt: Millis
}

/** What a device gets when it is let in. The secrets in it are handed out once. */
export interface Authorized {
  status: 'authorized'
  session: SessionView
  credential: Credential
  refreshToken: string | null
}
