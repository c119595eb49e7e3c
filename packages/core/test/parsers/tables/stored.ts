import { readFileSync } from 'node:fs'
import { ADMISSION } from '../../../src/admission/admission-records.ts'
import {
  AGENT_KEY,
  AGENT_KEY_LOOKUP,
  AGENT_ROLL,
  SHARED_USE,
} from '../../../src/agent/agent-key-records.ts'
import {
  APPROVAL,
  APPROVAL_POINTER,
  COOL_DOWN,
  QUEUE,
  USER_CODE,
} from '../../../src/approval/approval-records.ts'
import { REFUSALS } from '../../../src/audit/refusal-records.ts'
import { SEAL, SEAL_HEAD } from '../../../src/audit/seal-records.ts'
import { CODE, INDEX, LOOKUP } from '../../../src/bootstrap/code-records.ts'
import { REDEMPTION } from '../../../src/bootstrap/redemption-records.ts'
import { OWNER } from '../../../src/bootstrap/owner-records.ts'
import { DEVICE, POINTER } from '../../../src/device/device-records.ts'
import { GRANT } from '../../../src/grant/grant-records.ts'
import { LOCKOUT } from '../../../src/limit/lockout-records.ts'
import { POLLING } from '../../../src/oauth/polling-records.ts'
import { SPENT } from '../../../src/proof/proof-records.ts'
import { RELAY_MARK } from '../../../src/relay/relay-records.ts'
import { EPOCH } from '../../../src/revocation/epoch-records.ts'
import { REVOCATION } from '../../../src/revocation/revocation-records.ts'
import { PRESENCE } from '../../../src/session/presence-records.ts'
import { SESSION } from '../../../src/session/session-records.ts'
import { fromKeyText, isWatchedText, toKeyText } from '../../../src/storage/key-text.ts'
import { checkAfter } from '../../../src/storage/page-limit.ts'
import {
  decodeRecord,
  encodeRecord,
  isTombstone,
  restamp,
  type RecordKind,
} from '../../../src/storage/record-codec.ts'
import { KEY_RING } from '../../../src/token/key-ring-records.ts'
import { TICKET } from '../../../src/ticket/ticket-records.ts'
import { fill, nullOr, orRefused, type TextParser } from '../parser.ts'

export const kinds: ReadonlyMap<string, RecordKind<unknown>> = new Map(
  [
    ADMISSION,
    APPROVAL,
    APPROVAL_POINTER,
    COOL_DOWN,
    QUEUE,
    CODE,
    INDEX,
    LOOKUP,
    OWNER,
    DEVICE,
    POINTER,
    GRANT,
    LOCKOUT,
    SPENT,
    EPOCH,
    REVOCATION,
    PRESENCE,
    SESSION,
    TICKET,
    KEY_RING,
    REDEMPTION,
    AGENT_KEY,
    AGENT_KEY_LOOKUP,
    AGENT_ROLL,
    SHARED_USE,
    SEAL,
    SEAL_HEAD,
    REFUSALS,
    RELAY_MARK,
    USER_CODE,
    POLLING,
  ].map((kind) => [kind.name, kind as RecordKind<unknown>]),
)

interface Fixture {
  rows: { value: string }[]
  journal: string[]
}

const fixture = JSON.parse(
  readFileSync(new URL('../../records/fixtures/0.1.json', import.meta.url), 'utf8'),
) as Fixture
export const journalTexts = fixture.journal.filter((text) => text.length < 300)

/** The shortest of each kind, and what none was written of when the fixture was. */
const shortest = new Map<string, string>([
  [LOCKOUT.name, encodeRecord(LOCKOUT.name, { generation: 1, lockedAt: 2 }, 'a', null)],
])
for (const { value } of fixture.rows) {
  const { kind } = JSON.parse(value) as { kind: string }
  if (value.length < (shortest.get(kind)?.length ?? Infinity)) shortest.set(kind, value)
}
export const recordTexts = [...shortest.values()]
const small = [
  ...recordTexts.filter((text) => text.length < 120),
  encodeRecord('code', null, 'a', 1),
]

const kindOf = (text: string): RecordKind<unknown> =>
  kinds.get(/"kind":"([a-z-]{1,20})"/.exec(text)?.[1] ?? '') ?? SESSION

const JSON_WORDS = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"kind"',
  '"record"',
  '"attempt"',
  '"purgeAt"',
  'null',
  '""',
  '0',
  '-1',
  '1e400',
  '"__proto__"',
  '"state"',
  '"open"',
  'true',
  '"a"',
  '8640000000000001',
]
const longRecord = (length: number): string[] => [
  fill('[', length),
  fill(' ', length),
  `{"kind":"${fill('a', length)}`,
  encodeRecord('session', { id: fill('a', length) }, 'a', null),
  encodeRecord('grant', { scopes: Array.from({ length: length / 4 }, () => 'a') }, 'a', null),
]
const KEYS = {
  valid: ['pair session ses_a record', 'a', '~ !'],
  words: [' ', 'pair', 'ses_a', '~', '!', '\n', '\u00e9', '  '],
  long: (length: number): string[] => [fill(' ', length), fill('a ', length), fill('a', length)],
}

/** What reads a text that stood in a store, or may name a place in one. */
export const stored: readonly TextParser[] = [
  {
    name: 'decodeRecord',
    file: 'storage/record-codec.ts',
    valid: recordTexts,
    words: JSON_WORDS,
    take(text) {
      const { state, record } = decodeRecord(kindOf(text), text)
      if ((state === 'present') !== (record !== null)) return 'broken'
      if (state === 'present') return 'taken'
      return state === 'corrupt' || state === 'tombstone' ? 'refused' : 'broken'
    },
    long: longRecord,
  },
  {
    name: 'isTombstone',
    file: 'storage/record-codec.ts',
    valid: small,
    words: JSON_WORDS,
    take: (text) => (isTombstone(text) ? 'taken' : 'refused'),
    long: longRecord,
  },
  {
    name: 'restamp',
    file: 'storage/record-codec.ts',
    valid: small,
    words: JSON_WORDS,
    take: (text) => nullOr(restamp(text, 'b'), ({ value }) => value.includes('"attempt":"b"')),
    long: longRecord,
  },
  {
    name: 'fromKeyText',
    file: 'storage/key-text.ts',
    ...KEYS,
    // A store reads what it wrote: whatever became of that, parts come out, and only right ones go in again.
    take(text) {
      const key = fromKeyText(text)
      try {
        return toKeyText(key) === text ? 'taken' : 'broken'
      } catch (error) {
        return error instanceof TypeError && error.message === 'Not a key for a store'
          ? 'refused'
          : 'broken'
      }
    },
  },
  {
    name: 'isWatchedText',
    file: 'storage/key-text.ts',
    ...KEYS,
    take: (text) => (isWatchedText(text, 'pair ') ? 'taken' : 'refused'),
  },
  {
    name: 'checkAfter',
    file: 'storage/page-limit.ts',
    valid: ['start', 'ses_AbCdEfGhIjKlMnOpQrStUg', '0000001-abc'],
    words: ['a', ' ', '\n', '-', '0', '~', '\u00e9'],
    take: (text) =>
      orRefused(['invalid_request'], () => {
        checkAfter(text)
        return 'taken'
      }),
    long: (length) => [fill('a', length), fill(' ', length)],
  },
]
