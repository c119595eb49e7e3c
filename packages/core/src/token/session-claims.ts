import { isId, isThumbprint, type SessionId, type Thumbprint } from '../ids.ts'

/** The claims of a session's access token (RFC 7519 §4.1, RFC 7800 §3.1). Instants in seconds. */
export interface SessionClaims {
  iss: string
  aud: string
  sub: string
  sid: SessionId
  iat: number
  exp: number
  jti: string
  /** The key that the token is bound to. */
  cnf?: { jkt: Thumbprint }
}

/** Are these the claims of a token of this instance that hangs on a session, all there and of their types? */
export function parseSessionClaims(
  payload: Readonly<Record<string, unknown>>,
  instance: string,
  audience: string = instance,
): SessionClaims | null {
  const { iss, aud, sub, sid, iat, exp, jti, cnf } = payload
  if (iss !== instance || aud !== audience) return null
  if (typeof sub !== 'string' || typeof jti !== 'string' || jti === '') return null
  if (typeof sid !== 'string' || !isId('ses', sid)) return null
  if (!isSeconds(iat) || !isSeconds(exp)) return null
  const base = { iss, aud, sub, sid, iat, exp, jti }
  if (cnf === undefined) return base
  if (typeof cnf !== 'object' || cnf === null || !('jkt' in cnf)) return null
  const { jkt } = cnf
  return typeof jkt === 'string' && isThumbprint(jkt) ? { ...base, cnf: { jkt } } : null
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}
