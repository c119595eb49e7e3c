import { expect, test } from 'vitest'
import { AGENT_KEY } from '../../src/agent/agent-key-records.ts'
import { APPROVAL } from '../../src/approval/approval-records.ts'
import { CODE } from '../../src/bootstrap/code-records.ts'
import { OWNER } from '../../src/bootstrap/owner-records.ts'
import { decodeRecord, encodeRecord, type RecordKind } from '../../src/storage/record-codec.ts'
import { recordKinds } from '../../src/store.ts'
import { tellStory } from '../records/story.ts'

/** The paths at which a record holds something, as `recordKinds` names them. */
function pathsOf(record: unknown, known: ReadonlySet<string>, at = ''): string[] {
  if (known.has(at) || typeof record !== 'object' || record === null) return [at]
  return Object.entries(record).flatMap(([name, inner]) =>
    pathsOf(inner, known, at ? `${at}.${name}` : name),
  )
}

test('STO-06 every record that is written is of a kind in the table, and no field of it is missing there', async () => {
  const table = new Map(
    recordKinds().map(({ kind, fields }) => [
      kind,
      new Map(fields.map((field) => [field.path, field])),
    ]),
  )
  const seen = new Set<string>()
  for (const { value } of (await tellStory()).rows) {
    const { kind, record } = JSON.parse(value) as { kind: string; record: unknown }
    const fields = table.get(kind)
    expect(fields, kind).toBeDefined()
    seen.add(kind)
    for (const path of pathsOf(record, new Set(fields!.keys()))) {
      // a whole part may be null: nobody issued it
      const inside = [...fields!.keys()].some(
        (name) => name === path || name.startsWith(`${path}.`),
      )
      expect([kind, path, inside]).toEqual([kind, path, true])
    }
  }
  expect([...seen].sort()).toEqual([...table.keys()].sort())
})

test('STO-06 the table tells of each closed list of words', () => {
  const words = recordKinds().flatMap(({ kind, fields }) =>
    fields.flatMap(({ path, values }) => (values ? [`${kind}.${path}: ${values.join(' ')}`] : [])),
  )
  expect(words).toEqual([
    'code.state: open redeemed rejected expired bound',
    'device.kind: browser app agent',
    'session.entry: code approval code+approval owner',
    'session.transport: cookie bearer dpop',
    'session.renewal.by: proof cookie secret nothing',
    'revocation.reason: revoked replaced logout evicted',
    'ticket.for: socket stream',
    'ticket.state: unused used',
    'admission.mode: closed code approval code+approval',
    'approval.kind: browser app agent',
    'approval.transport: cookie bearer dpop',
    'approval.deviceGrant.entry: approval code+approval',
    'approval.state: pending approved collected rejected expired withdrawn',
    'approval.decidedBy.kind: session operator newcomer server',
    'approval.withdrawnBy: requester queue',
    'owner.state: claiming claimed',
    'agent-key.state: live rotated',
  ])
})

test('the table tells instants from numbers, and lists and free data from text', () => {
  const session = recordKinds().find(({ kind }) => kind === 'session')
  const type = (path: string): unknown => session?.fields.find((field) => field.path === path)?.type
  expect(['expiresAt', 'slidingMs', 'id', 'transport'].map(type)).toEqual([
    'instant',
    'number',
    'text',
    'text',
  ])
  const code = recordKinds().find(({ kind }) => kind === 'code')
  expect(code?.fields.filter((field) => field.type === 'json').map(({ path }) => path)).toEqual([
    'scopes',
    'data',
    'holds',
  ])
})

test('the table tells in which states of a record a field may stand at all', () => {
  const states = recordKinds().flatMap(({ kind, fields }) =>
    fields.flatMap((field) =>
      field.states ? [`${kind}.${field.path}: ${field.states.join(' ')}`] : [],
    ),
  )
  const decided = ['decidedAt', 'decidedBy.kind', 'decidedBy.sessionId', 'decidedBy.deviceId']
  expect(states).toEqual([
    'code.redeemedAt: redeemed',
    'code.redeemedBy.sessionId: redeemed',
    'code.redeemedBy.thumbprint: redeemed',
    'code.reusedAt: redeemed',
    'code.rejectedAt: rejected',
    'code.approvalId: rejected',
    'code.boundAt: bound',
    'code.agentKeyId: bound',
    ...['decisionId', ...decided, 'decidedBy.address', 'reason'].map(
      (path) => `approval.${path}: approved collected rejected`,
    ),
    ...['granted'].map((path) => `approval.${path}: approved collected`),
    'approval.collectBy: approved',
    ...['collectedAt', 'deviceId', 'sessionId'].map((path) => `approval.${path}: collected`),
    'approval.expiredAt: expired',
    ...['withdrawnAt', 'withdrawnBy'].map((path) => `approval.${path}: withdrawn`),
    'owner.deviceId: claimed',
    'owner.sessionId: claimed',
    ...['rotatedAt', 'endsAt', 'successor'].map((path) => `agent-key.${path}: rotated`),
  ])
})

interface Stored {
  kind: string
  record: Record<string, unknown>
}

/** What stands in a story for each field that not every state of its kind has. */
function stampsOf(rows: readonly Stored[]): Map<string, unknown> {
  const stamps = new Map<string, unknown>()
  for (const { kind, fields } of recordKinds()) {
    for (const { path, states } of fields) {
      const [name = ''] = path.split('.')
      const holder = rows.find((row) => row.kind === kind && row.record[name] !== undefined)
      if (states !== null && holder) stamps.set(`${kind}.${name}`, holder.record[name])
    }
  }
  return stamps
}

/** What records of older versions do not have. */
const YOUNGER = ['reusedAt']

test('APP-03 a record with the stamps of two states is corrupt, whichever two they are', async () => {
  const rows = (await tellStory()).rows.map(({ value }) => JSON.parse(value) as Stored)
  const stamps = stampsOf(rows)
  const tried = new Set<string>()
  const wrong: string[] = []
  for (const schemaOf of [CODE, APPROVAL, OWNER, AGENT_KEY] as RecordKind<unknown>[]) {
    const kind = schemaOf.name
    const { fields } = recordKinds().find((entry) => entry.kind === kind)!
    const own = fields.filter(({ states }) => states !== null)
    const states = fields.find(({ path }) => path === 'state')!.values!
    for (const state of states) {
      const row = rows.find((each) => each.kind === kind && each.record['state'] === state)
      // Of the owner there is one record, and its story is at its end.
      const record = row?.record ?? { state: 'claiming', at: 1 }
      const read = (changed: object): string =>
        decodeRecord(schemaOf, encodeRecord(kind, changed, 'attempt', null)).state
      if (read(record) !== 'present') wrong.push(`${kind} ${state} can not be read`)
      for (const { path, states: its } of own) {
        const [name = ''] = path.split('.')
        if (its!.includes(state)) {
          const isThere = YOUNGER.includes(name) ? 'corrupt' : 'present'
          if (read({ ...record, [name]: undefined }) === isThere)
            wrong.push(`${kind} ${state} without ${name}`)
          continue
        }
        tried.add(`${kind} ${state} ${name}`)
        for (const stamp of [stamps.get(`${kind}.${name}`), null, 0, ''])
          if (read({ ...record, [name]: stamp }) !== 'corrupt')
            wrong.push(`${kind} ${state} with ${name} ${JSON.stringify(stamp)}`)
      }
    }
  }
  expect(wrong).toEqual([])
  expect([...stamps.values()]).not.toContain(undefined)
  expect(tried.size).toBe(84)
})
