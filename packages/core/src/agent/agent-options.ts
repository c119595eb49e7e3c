import { utf8 } from '../encoding/bytes.ts'
import { checkScopeList, isAccessScope } from '../grant/scopes.ts'
import type { Millis } from '../time.ts'
import { isAgentKeyPrefix } from './agent-key-text.ts'
import type { SharedKey } from './shared-key.ts'

export interface AgentOptions<S extends string = string> {
  /** What keys begin with, so that people and secret scanners know them: 2 to 12 of `a-z 0-9`. Default `pak`. */
  prefix?: string
  /**
   * One key for many agents, for who comes from there: each names itself by the header `Pair-Agent`. Deprecated from the
   * first day: each use is warned of and told apart, and it ends.
   */
  sharedKey?: {
    /** At least 32 bytes of `A-Z a-z 0-9 - _ ~ + / =`. */
    key: string
    /** When it ends, as a date or an instant in milliseconds. */
    until: Date | Millis
    /** App scopes, never `access:*`. Default: none. */
    scopes?: readonly S[]
  }
}

export interface AgentSettings {
  prefix: string
  shared: SharedKey | null
}

export type AgentOptionsOutcome =
  | { ok: true; settings: AgentSettings }
  | { ok: false; option: string; must: string; mend: string }

/** RFC 6750 §2.1 without the dot, which tells tokens of ours from all else. */
const SHARED = /^[A-Za-z0-9_~+/-]+=*$/
const SHORTEST_BYTES = 32
const LONGEST = 1_024

/** What the options come to. `known`: the scopes of the server. */
export function checkAgentOptions(
  { prefix = 'pak', sharedKey }: AgentOptions,
  known: readonly string[],
): AgentOptionsOutcome {
  const fail = (option: string, must: string, mend: string): AgentOptionsOutcome => ({
    ok: false,
    option: `agent.${option}`,
    must,
    mend,
  })
  if (!isAgentKeyPrefix(prefix))
    return fail('prefix', 'be 2 to 12 of a-z and 0-9', "agent({ prefix: 'lab' })")
  if (sharedKey === undefined) return { ok: true, settings: { prefix, shared: null } }
  const { key, until, scopes = [] } = sharedKey
  const isKey =
    typeof key === 'string' &&
    SHARED.test(key) &&
    utf8(key).length >= SHORTEST_BYTES &&
    key.length <= LONGEST
  if (!isKey || key.startsWith(`${prefix}_`))
    return fail(
      'sharedKey.key',
      'be 32 to 1,024 of A-Z a-z 0-9 - _ ~ + / =, and not begin like a key of one agent',
      "sharedKey: { key: process.env.SHARED_KEY, until: new Date('2030-01-01') }",
    )
  const end = typeof until === 'number' ? until : Number(until)
  if (!(Number.isInteger(end) && end >= 0 && end <= 8.64e15))
    return fail(
      'sharedKey.until',
      'be a date, or an instant in milliseconds',
      "until: new Date('2030-01-01')",
    )
  const isList = scopes.length === 0 || checkScopeList(scopes, known).ok
  if (!isList || scopes.some(isAccessScope))
    return fail('sharedKey.scopes', 'name scopes of the app, each once', "scopes: ['notes:read']")
  return { ok: true, settings: { prefix, shared: { key, until: end, scopes: [...scopes] } } }
}
