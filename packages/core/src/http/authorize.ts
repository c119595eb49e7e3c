import type { Authorized } from '../session/credential.ts'
import { setCookie } from './cookie.ts'
import { json, type Visit } from './route.ts'
import { toAuthorized } from './views.ts'

/** The answer that hands out a session's credentials, by cookie or in the body. */
export function authorize({ parts, cookie }: Visit, authorized: Authorized): Response {
  const { session, credential } = authorized
  const headers: Record<string, string> =
    session.transport === 'cookie'
      ? { 'set-cookie': setCookie(cookie, credential.token, credential.expiresAt, parts.clock()) }
      : {}
  return json(toAuthorized(authorized), headers)
}
