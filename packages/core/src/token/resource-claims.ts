import { parseSessionClaims, type SessionClaims } from './session-claims.ts'

/** The claims of a resource token: those of its session's, and what it opens. */
export interface ResourceClaims extends SessionClaims {
  /** The one resource that it opens, and how. */
  resource: string
  mode: string
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
  const claims = parseSessionClaims(payload, instance, resourceAudience(instance))
  const { resource, mode } = payload
  if (claims === null || typeof resource !== 'string' || typeof mode !== 'string') return null
  return { ...claims, resource, mode }
}
