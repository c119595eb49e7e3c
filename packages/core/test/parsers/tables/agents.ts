import { hashAgentKey, isAgentKeyPrefix } from '../../../src/agent/agent-key-text.ts'
import { termsOfKey, termsOfRotation, termsOfSupport } from '../../../src/agent/agent-request.ts'
import { isSharedKey } from '../../../src/agent/shared-key.ts'
import {
  AgentKeyBody,
  BindBody,
  RotateAgentKeyBody,
  SupportCodeBody,
} from '../../../src/http/agent-routes.ts'
import { parseBody } from '../../../src/http/schemas.ts'
import { isAgentName, isThumbprint } from '../../../src/ids.ts'
import { parseRfc3339, toRfc3339 } from '../../../src/time.ts'
import { NOON } from '../../kit/clock.ts'
import { fill, nullOr, orRefused, type TextParser, type ValueParser } from '../parser.ts'

/** Each with a checksum that holds. */
const KEYS = [
  'pak_1fJjkkpe9PiTw9KSulA8Ghct30vZz4HpdQ5c5b9cPF11x3lry',
  'pak_00Shy7mTZ1Bu5bnRoNH1sQs0jRcI5ClWdZ1W9xSLm9I42jcqH',
]
const SHARED = { key: 'a-shared-key-of-32-bytes-or-more', until: NOON, scopes: [] }
const scopes = ['notes:read']
const policy = { known: ['notes:read', 'notes:write'], held: scopes, longestMs: 600_000 }

/** What reads the keys and names of agents. */
export const agentTexts: readonly TextParser[] = [
  {
    name: 'hashAgentKey',
    file: 'agent/agent-key-text.ts',
    valid: KEYS,
    words: ['pak_', 'PAK_', '0', 'z', '_', '-', '\u212a', '\n', '0000000'],
    take: (text) =>
      nullOr(
        hashAgentKey('pak', text),
        (hash) => isThumbprint(hash) && /^pak_[0-9A-Za-z]{49}$/.test(text),
      ),
    long: (length) => [`pak_${fill('z', length)}`, fill('pak_', length), fill('0', length)],
  },
  {
    name: 'isSharedKey',
    file: 'agent/shared-key.ts',
    valid: [SHARED.key],
    words: ['a-shared-key', '-of-', ' ', '\0', 'A'],
    take: (text) =>
      isSharedKey(SHARED, text) ? (text === SHARED.key ? 'taken' : 'broken') : 'refused',
    long: (length) => [fill('a', length), fill(SHARED.key, length)],
  },
  {
    name: 'isAgentName',
    file: 'ids.ts',
    valid: ['a', 'runner-1', 'A.b_c-9', 'a'.repeat(64)],
    words: ['a', '.', '-', '_', ' ', '/', '..', '\n', '\u212a', '\uff21', '%2e'],
    take: (text) =>
      isAgentName(text) ? (/^[\w.-]{1,64}$/.test(text) ? 'taken' : 'broken') : 'refused',
    long: (length) => [fill('a', length), fill('.', length)],
  },
  {
    name: 'parseRfc3339',
    file: 'time.ts',
    valid: ['2027-01-15T08:00:00Z', '2027-01-15T08:00:00.5Z', '2028-02-29T23:59:59.999Z'],
    words: ['2027', '-02-', '-31', 'T', '24:00', ':60', 'Z', '+00:00', '.', '999', '-', '\u0660'],
    take: (text) =>
      nullOr(
        parseRfc3339(text),
        (at) => toRfc3339(at).slice(0, 19) === text.slice(0, 19) && Number.isInteger(at),
      ),
    long: (length) => [fill('9', length), `2027-01-15T08:00:00.${fill('0', length)}Z`],
  },
]

const bodies = {
  AgentKeyBody: [
    AgentKeyBody,
    { agent: 'a', label: 'l', scopes, expiresAt: '2027-01-15T08:00:00Z' },
  ],
  RotateAgentKeyBody: [
    RotateAgentKeyBody,
    { overlapSeconds: 60, expiresAt: '2027-01-15T08:00:00Z' },
  ],
  SupportCodeBody: [SupportCodeBody, { agent: 'a', label: 'l', scopes, expiresInSeconds: 60 }],
  BindBody: [BindBody, { code: 'ABC-DEF-GHJ', agent: 'a' }],
} as const

/** What reads what is asked for agents. */
export const agentValues: readonly ValueParser[] = [
  ...Object.entries(bodies).map(([name, [schema, right]]): ValueParser => ({
    name: 'parseBody',
    file: 'http/schemas.ts',
    of: name,
    times: 100_000,
    valid: [right],
    take: (value) =>
      orRefused(['invalid_request'], () =>
        typeof parseBody<object>(schema as never, value) === 'object' ? 'taken' : 'broken',
      ),
  })),
  {
    name: 'termsOfKey',
    file: 'agent/agent-request.ts',
    valid: [{ agent: 'a', label: 'l', scopes, expiresAt: NOON + 1 }, { agent: 'b' }],
    take(value) {
      const outcome = termsOfKey(Object(value) as never, policy, NOON)
      if (!outcome.ok) return 'refused'
      const { agent, expiresAt, scopes: given } = outcome.terms
      const isRight = isAgentName(agent) && (expiresAt === null || expiresAt > NOON)
      return isRight && given.every((scope) => scopes.includes(scope)) ? 'taken' : 'broken'
    },
  },
  {
    name: 'termsOfSupport',
    file: 'agent/agent-request.ts',
    valid: [{ agent: 'a', label: 'l', scopes, expiresInMs: 60_000, keyMs: 60_000 }, {}],
    take(value) {
      const outcome = termsOfSupport(Object(value) as never, policy)
      if (!outcome.ok) return 'refused'
      const { support, expiresInMs, scopes: given } = outcome.terms
      const isRight = support.agent === null || isAgentName(support.agent)
      const isTimely = expiresInMs >= 30_000 && expiresInMs <= 600_000
      const isHeld = given.every((scope) => scopes.includes(scope))
      return isRight && isTimely && isHeld ? 'taken' : 'broken'
    },
  },
  {
    name: 'termsOfRotation',
    file: 'agent/agent-request.ts',
    valid: [{ overlapMs: 60_000, expiresAt: NOON + 1 }, {}],
    take(value) {
      const key = { createdAt: NOON - 1_000, expiresAt: NOON + 1_000 }
      const outcome = termsOfRotation(Object(value) as never, key, NOON)
      if (!outcome.ok) return 'refused'
      const { endsAt, expiresAt } = outcome.terms
      return endsAt >= NOON && expiresAt !== null && expiresAt > NOON ? 'taken' : 'broken'
    },
  },
  {
    name: 'isAgentKeyPrefix',
    file: 'agent/agent-key-text.ts',
    valid: [{ a: 'pak' }],
    take(value) {
      const [text] = Object.values(Object(value) as object) as unknown[]
      if (!isAgentKeyPrefix(text)) return 'refused'
      return /^[a-z0-9]{2,12}$/.test(text) ? 'taken' : 'broken'
    },
  },
]
