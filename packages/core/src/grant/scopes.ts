/** The scopes of @pair itself. */
export const ACCESS_SCOPES = ['access:read', 'access:write'] as const

/** RFC 6749 §3.3 scope-token, bounded. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/

export function isScope(text: string): boolean {
  return SCOPE.test(text)
}

export function isAccessScope(scope: string): boolean {
  return scope.startsWith('access:')
}

export type ScopeOutcome =
  | { ok: true; scopes: string[] }
  | { ok: false; reason: 'empty' | 'duplicate' | 'unknown' | 'beyond'; scopes: string[] }

/** Is this a list that may be asked for at all: not empty, nothing twice, nothing that is not a scope here? */
export function checkScopeList(wanted: readonly string[], known: readonly string[]): ScopeOutcome {
  if (wanted.length === 0) return { ok: false, reason: 'empty', scopes: [] }
  if (new Set(wanted).size !== wanted.length) return { ok: false, reason: 'duplicate', scopes: [] }
  const unknown = wanted.filter((scope) => !known.includes(scope))
  if (unknown.length > 0) return { ok: false, reason: 'unknown', scopes: unknown }
  return { ok: true, scopes: [...wanted] }
}

/** What is given of what is held: all that was asked for, or a refusal. Never more than is held. */
export function narrowScopes(wanted: readonly string[], held: readonly string[]): ScopeOutcome {
  const beyond = wanted.filter((scope) => !held.includes(scope))
  return beyond.length > 0
    ? { ok: false, reason: 'beyond', scopes: beyond }
    : { ok: true, scopes: [...wanted] }
}
