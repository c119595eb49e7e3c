import { cleanLabel } from '../encoding/text.ts'
import type { ErrorCode, ErrorDetail } from '../errors.ts'
import { checkScopeList, isAccessScope, narrowScopes } from '../grant/scopes.ts'
import { isAgentName } from '../ids.ts'
import { DAY, isDuration, type Millis } from '../time.ts'

export interface IssueAgentKey<S extends string = string> {
  /** Whose key it is: 1 to 64 of `A-Z a-z 0-9 . _ -`. */
  agent: string
  /** Shown in lists. At most 80 characters. */
  label?: string
  /** App scopes, never `access:*`. Default: none. */
  scopes?: readonly S[]
  /** When it ends, as an instant in milliseconds. Default: not by itself. */
  expiresAt?: Millis
}

export interface IssueSupportCode<S extends string = string> {
  /** The one agent that may come by it. Default: any that has no key. */
  agent?: string
  label?: string
  /** App scopes of the key, never `access:*`. Default: none. */
  scopes?: readonly S[]
  /** How long the code may be used. Milliseconds, 30 seconds to an hour. Default 10 minutes. */
  expiresInMs?: number
  /** How long the key lives that it gives. Milliseconds. Default: until it is revoked. */
  keyMs?: number
}

export interface RotateAgentKey {
  /** How long the old key is taken beside the new one. Milliseconds, 0 to 30 days. Default a day. */
  overlapMs?: number
  /** When the new one ends. Default: it lives as long as the old one was to. */
  expiresAt?: Millis
}

export type AgentRequestFault =
  | { fault: 'scopes'; scopes: string[] }
  | { fault: 'field'; field: string; must: string }

export type AgentRequestOutcome<T> = { ok: true; terms: T } | ({ ok: false } & AgentRequestFault)

/** What is wrong with a wish, as it is told. */
export function refusalOfRequest(fault: AgentRequestFault): [ErrorCode, ErrorDetail] {
  return fault.fault === 'field'
    ? ['invalid_request', { message: `\`${fault.field}\` must ${fault.must}.` }]
    : [
        'insufficient_scope',
        { message: 'You can not give more than you have.', members: { scopes: fault.scopes } },
      ]
}

interface Policy {
  /** The app's scopes and ours. */
  known: readonly string[]
  /** What the issuer has to give. */
  held: readonly string[]
}

const DEFAULT_OVERLAP_MS: Millis = DAY
const LONGEST_OVERLAP_MS: Millis = 30 * DAY

function fail(field: string, must: string): { ok: false } & AgentRequestFault {
  return { ok: false, fault: 'field', field, must }
}

/** The label and scopes of a key, as both ways to one ask for them. Nobody gives more than he has. */
function commonTerms(
  { label: text, scopes = [] }: Pick<IssueAgentKey, 'label' | 'scopes'>,
  { known, held }: Policy,
): AgentRequestOutcome<{ label: string | null; scopes: string[] }> {
  const label = text === undefined ? null : cleanLabel(text)
  if (text !== undefined && label === null) return fail('label', 'be 1 to 80 printable characters')
  if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === 'string'))
    return fail('scopes', 'be a list')
  if (scopes.some(isAccessScope))
    return fail('scopes', 'name scopes of the app alone: who has access is for people to change')
  if (scopes.length > 0) {
    const list = checkScopeList(scopes, known)
    if (!list.ok) return fail('scopes', 'name scopes of this server, each once')
  }
  const narrowed = narrowScopes(scopes, held)
  if (!narrowed.ok) return { ok: false, fault: 'scopes', scopes: narrowed.scopes }
  return { ok: true, terms: { label, scopes: narrowed.scopes } }
}

/** What this issuer may make of a wish for a key. */
export function termsOfKey(
  request: IssueAgentKey,
  policy: Policy,
  now: Millis,
): AgentRequestOutcome<{
  agent: string
  label: string | null
  scopes: string[]
  expiresAt: Millis | null
}> {
  const { agent, expiresAt = null } = request
  if (!isAgentName(agent)) return fail('agent', 'be 1 to 64 of `A-Z a-z 0-9 . _ -`')
  if (expiresAt !== null && !isEnd(expiresAt, now))
    return fail('expiresAt', 'be an instant to come')
  const common = commonTerms(request, policy)
  return common.ok ? { ok: true, terms: { ...common.terms, agent, expiresAt } } : common
}

/** What this issuer may make of a wish for a support code. `longestMs`: as the risk budget has it. */
export function termsOfSupport(
  request: IssueSupportCode,
  policy: Policy & { longestMs: Millis },
): AgentRequestOutcome<{
  support: { agent: string | null; keyMs: Millis | null }
  label: string | null
  scopes: string[]
  expiresInMs: Millis
}> {
  const longest = Math.min(3_600_000, policy.longestMs)
  const { agent = null, keyMs = null, expiresInMs = Math.min(600_000, longest) } = request
  if (agent !== null && !isAgentName(agent))
    return fail('agent', 'be 1 to 64 of `A-Z a-z 0-9 . _ -`')
  if (keyMs !== null && !isDuration(keyMs))
    return fail('keyMs', 'be a duration in milliseconds, from 1,000 to a hundred years')
  if (!(Number.isInteger(expiresInMs) && expiresInMs >= 30_000 && expiresInMs <= longest))
    return fail('expiresInMs', `be 30 to ${longest / 1_000} seconds, in milliseconds`)
  const common = commonTerms(request, policy)
  return common.ok
    ? { ok: true, terms: { ...common.terms, support: { agent, keyMs }, expiresInMs } }
    : common
}

/** Until when the old key lives, and the new one. */
export function termsOfRotation(
  { overlapMs = DEFAULT_OVERLAP_MS, expiresAt }: RotateAgentKey,
  key: { createdAt: Millis; expiresAt: Millis | null },
  now: Millis,
): AgentRequestOutcome<{ endsAt: Millis; expiresAt: Millis | null }> {
  if (!(Number.isInteger(overlapMs) && overlapMs >= 0 && overlapMs <= LONGEST_OVERLAP_MS))
    return fail('overlapMs', 'be 0 to 30 days, in milliseconds')
  if (expiresAt !== undefined && !isEnd(expiresAt, now))
    return fail('expiresAt', 'be an instant to come')
  const same = key.expiresAt === null ? null : now + (key.expiresAt - key.createdAt)
  return { ok: true, terms: { endsAt: now + overlapMs, expiresAt: expiresAt ?? same } }
}

/** Up to the last instant that has a date, with room for what is kept behind it. */
function isEnd(at: unknown, now: Millis): at is Millis {
  return Number.isInteger(at) && (at as Millis) > now && (at as Millis) < 8e15
}
