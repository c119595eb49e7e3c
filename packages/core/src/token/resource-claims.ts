import { isId, isThumbprint, type SessionId, type Thumbprint } from '../ids.ts'

/** The claims of a resource token (RFC 7519 §4.1, RFC 7800 §3.1). Instants in seconds. */
export interface ResourceClaims {
  iss: string
  aud: string
  sub: string
  sid: SessionId
  iat: number
  exp: number
  jti: string
  /** The one resource that it opens, and how. */
  resource: string
  mode: string
  /** The key that the token is bound to. */
  cnf?: { jkt: Thumbprint }
}

/** Whom resource tokens of an instance are for: its sockets and routes of resources, and nothing else of it. */
export function resourceAudience(instance: string): string {
  return `${instance}/resource`
}

/** Are these the claims of a resource token of this instance, all there and of their types? */
export function parseResourceClaims(
  payload: Readonly<Record<string, unknown>>,
  instance: string,
): ResourceClaims | null {
  const { iss, aud, sub, sid, iat, exp, jti, resource, mode, cnf } = payload
  if (iss !== instance || aud !== resourceAudience(instance)) return null
  if (typeof sub !== 'string' || typeof jti !== 'string' || jti === '') return null
  if (typeof sid !== 'string' || !isId('ses', sid)) return null
  if (!isSeconds(iat) || !isSeconds(exp)) return null
  if (typeof resource !== 'string' || typeof mode !== 'string') return null
  const base = { iss, aud, sub, sid, iat, exp, jti, resource, mode }
  if (cnf === undefined) return base
  if (typeof cnf !== 'object' || cnf === null || !('jkt' in cnf)) return null
  const { jkt } = cnf
  return typeof jkt === 'string' && isThumbprint(jkt) ? { ...base, cnf: { jkt } } : null
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}
