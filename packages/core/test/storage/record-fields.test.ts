import { expect, test } from 'vitest'
import { recordKinds } from '../../src/store.ts'
import { createEdge } from '../kit/edge.ts'
import { dumpStore } from '../kit/dump.ts'

/** The paths at which a record holds something, as `recordKinds` names them. */
function pathsOf(record: unknown, known: ReadonlySet<string>, at = ''): string[] {
  if (known.has(at) || typeof record !== 'object' || record === null) return [at]
  return Object.entries(record).flatMap(([name, inner]) =>
    pathsOf(inner, known, at ? `${at}.${name}` : name),
  )
}

test('STO-06 every record that is written is of a kind in the table, and no field of it is missing there', async () => {
  const edge = createEdge({ keyless: 'full' })
  const owner = await edge.owner()
  await edge.bearer()
  await owner.call('/auth/codes', { body: {} })
  await owner.call('/auth/tickets', { body: { for: 'socket' } })
  await owner.call('/auth/sessions/revoke-others', { method: 'POST' })
  const other = await edge.owner()
  await edge.pair.devices.revoke(other.deviceId)
  await edge.pair.sweep()

  const table = new Map(
    recordKinds().map(({ kind, fields }) => [
      kind,
      new Map(fields.map((field) => [field.path, field])),
    ]),
  )
  const seen = new Set<string>()
  for (const { key, value } of await dumpStore(edge.store)) {
    if (key[0] === 'journal') continue
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
    'code.state: open redeemed expired',
    'device.kind: browser app agent',
    'session.transport: cookie bearer dpop',
    'session.renewal.by: proof cookie secret nothing',
    'revocation.reason: revoked replaced logout evicted',
    'ticket.for: socket stream',
    'ticket.state: unused used',
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
  ])
})
