import { createPair, isPairError, type Key } from '@pair/core'
import { recordKinds } from '@pair/core/store'
import { expect, it } from 'vitest'
import { freshFile } from './kit/files.ts'
import { openRaw, openStore } from './kit/open.ts'
import { put } from './kit/writes.ts'

const viewOf = (kind: string): string => {
  const name = `pair_${kind.replaceAll('-', '_')}`
  if (name.endsWith('s')) return name
  return name.endsWith('x') ? `${name}es` : `${name}s`
}
const columnOf = (path: string): string =>
  path.replaceAll('.', '_').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const recordOf = (path: string, value: unknown): object =>
  path.split('.').reduceRight((inner: unknown, part) => ({ [part]: inner }), value) as object
const textOf = (kind: string, record: unknown): string =>
  JSON.stringify({ kind, attempt: 'a', purgeAt: null, record })

it('STO-06 each field with a closed list of words takes these, null and a tombstone, and no other', async () => {
  const store = openStore(freshFile())
  let fields = 0
  for (const { kind, fields: all } of recordKinds()) {
    const write = (key: Key, record: unknown): Promise<boolean> =>
      store.commit([], [put(key, textOf(kind, record))])
    for (const { path, values, states } of all) {
      if (values === null) continue
      fields += 1
      // a field of some states is written in one of these
      const base = states && { state: states[0] }
      for (const value of [...values, null])
        expect(
          await write([kind, path, String(value)], { ...base, ...recordOf(path, value) }),
        ).toBe(true)
      expect(await write([kind, path, 'tombstone'], null)).toBe(true)
      expect(await write([kind, path, 'nothing'], {})).toBe(true)
      for (const wrong of ['else', values[0]!.toUpperCase(), `${values[0]} `, '', 5, true, [], {}])
        await expect(
          write([kind, path, 'wrong'], { ...base, ...recordOf(path, wrong) }),
          `${kind} ${path} ${JSON.stringify(wrong)}`,
        ).rejects.toThrow(/CHECK/)
      expect(await store.read([kind, path, 'wrong'])).toBeNull()
    }
  }
  expect(fields).toBeGreaterThanOrEqual(14)
})

it('APP-03 STO-06 a field of some states stands in no other, not even as null, and in no record without a state', async () => {
  const store = openStore(freshFile())
  const kinds = new Set<string>()
  for (const { kind, fields } of recordKinds()) {
    const all = fields.find(({ path }) => path === 'state')?.values ?? []
    for (const { path, states, values } of fields) {
      if (states === null) continue
      kinds.add(kind)
      expect(all).toEqual(expect.arrayContaining([...states]))
      for (const state of [...all, undefined])
        for (const value of [values?.[0] ?? 'x', 5, [], null]) {
          if (values && value !== values[0] && value !== null) continue
          const written = store.commit(
            [],
            [put([kind, path, state ?? 'none'], textOf(kind, { state, ...recordOf(path, value) }))],
          )
          const named = `${kind} ${state} ${path} ${JSON.stringify(value)}`
          if (state !== undefined && states.includes(state))
            await expect(written, named).resolves.toBe(true)
          else
            await expect(written, named).rejects.toThrow(
              `CHECK constraint failed: ${kind.replaceAll('-', '_')}_stamps`,
            )
        }
    }
  }
  expect([...kinds]).toEqual(['code', 'approval', 'owner', 'agent-key'])
})

it('APP-03 STO-06 a record that holds the stamps of two states is no record, whatever wrote it', async () => {
  const file = freshFile()
  openStore(file)
  const raw = openRaw(file)
  const insert = raw.prepare('INSERT INTO pair_record (key, value, version) VALUES (?, ?, ?)')
  const at = 1_767_225_600_000
  const approved = {
    state: 'approved',
    decidedAt: at,
    decidedBy: { kind: 'operator' },
    reason: null,
    granted: { scopes: [], life: { slidingMs: null, absoluteMs: null } },
    collectBy: at,
  }
  insert.run('pair approval apr_1 record', textOf('approval', approved), '1')
  for (const stamps of [
    { withdrawnAt: at },
    { expiredAt: at },
    { deviceId: 'dev_1' },
    { state: 'rejected' },
    { state: 'pending' },
  ])
    expect(() =>
      insert.run('pair approval apr_2 record', textOf('approval', { ...approved, ...stamps }), '2'),
    ).toThrow(/approval_stamps/)
  const changed = raw.prepare(
    "UPDATE pair_record SET value = replace(value, 'approved', 'expired')",
  )
  expect(() => changed.run()).toThrow(/approval_stamps/)
})

it('STO-06 texts that are no record of a known kind are kept as they are', async () => {
  const file = freshFile()
  const store = openStore(file)
  const values = [
    '',
    'x',
    '{',
    'null',
    '5',
    '[]',
    '{"kind":5,"record":{"state":"else"}}',
    '{"kind":"future","record":{"state":"else"}}',
    '{"kind":"session","record":"text"}',
    '{"kind":"session","record":[]}',
    `${'['.repeat(5000)}${']'.repeat(5000)}`,
  ]
  for (const [n, value] of values.entries()) {
    expect(await store.commit([], [put(['v', String(n)], value)])).toBe(true)
    expect((await store.read(['v', String(n)]))?.value).toBe(value)
  }
  for (const { kind } of recordKinds())
    expect(
      openRaw(file)
        .prepare(`SELECT * FROM ${viewOf(kind)}`)
        .all(),
    ).toEqual([])
})

it('STO-06 each kind of record has a view, and in it each field that is no hash', () => {
  const file = freshFile()
  openStore(file)
  const hidden = [
    'approval claimHash',
    'approval cookieHash',
    'approval deviceGrant.userCode',
    'agent-key hash',
    'seal digest',
    'seal-head digest',
  ]
  const raw = openRaw(file)
  for (const { kind, fields } of recordKinds()) {
    const columns = raw
      .prepare(`SELECT * FROM ${viewOf(kind)}`)
      .columns()
      .map(({ name }) => name)
    const shown = fields.filter(({ path }) => !hidden.includes(`${kind} ${path}`))
    expect(columns).toEqual(
      expect.arrayContaining(['namespace', ...shown.map(({ path }) => columnOf(path))]),
    )
    expect(columns.join(' ')).not.toMatch(/hash|digest|value/)
  }
})

it('the views show who is paired and who was revoked, in plain times, and no secret or digest', async () => {
  const file = freshFile()
  const now = Date.UTC(2026, 0, 2, 3, 4, 5, 67)
  const store = openStore(file, { clock: () => now })
  const pair = createPair({
    secret: crypto.getRandomValues(new Uint8Array(32)),
    store,
    scopes: ['notes'],
    clock: () => now,
  })
  const issued = await pair.codes.issue({ scopes: ['notes'], origin: 'http://localhost:3000' })
  const redeemed = await pair.handler(
    new Request('http://localhost:3000/auth/redeem', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        code: issued.typed,
        transport: 'bearer',
        device: { label: 'Tablet', kind: 'app' },
      }),
    }),
    { remoteAddress: '127.0.0.1' },
  )
  expect(redeemed?.status).toBe(200)
  const raw = openRaw(file)
  const rows = (view: string) => raw.prepare(`SELECT * FROM ${view}`).all()
  const [session] = rows('pair_sessions')
  const [device] = rows('pair_devices')
  expect(rows('pair_codes')).toEqual([
    expect.objectContaining({
      namespace: 'pair',
      state: 'redeemed',
      scopes: '["notes"]',
      created_at: '2026-01-02T03:04:05.067Z',
      redeemed_by_session_id: session?.['id'],
      revoked_at: null,
    }),
  ])
  expect(device).toMatchObject({ label: 'Tablet', kind: 'app', revoked_at: null })
  expect(session).toMatchObject({ transport: 'bearer', device_id: device?.['id'] })
  expect(rows('pair_grants')).toHaveLength(1)

  await pair.sessions.revoke(String(session?.['id']) as never)
  expect(rows('pair_sessions')[0]).toMatchObject({
    revoked_at: '2026-01-02T03:04:05.067Z',
    revoked_reason: 'revoked',
  })
  expect(rows('pair_revocations')).toContainEqual(
    expect.objectContaining({ target: 'session', target_id: session?.['id'] }),
  )
  const all = JSON.stringify(recordKinds().flatMap(({ kind }) => rows(viewOf(kind))))
  for (const { key } of await store.list([], { limit: 100 }))
    if (['code-lookup', 'ticket'].includes(key[1]!)) expect(all).not.toContain(key[2])
  expect(all).not.toContain(issued.typed)
  await pair.close()
})

it('SEC-21 a constraint is the failure of its own commit', async () => {
  const store = openStore(freshFile())
  const wrong = JSON.stringify({ kind: 'code', record: { state: 'else' } })
  const answers = await Promise.allSettled(
    Array.from({ length: 40 }, (_, n) =>
      store.commit([], [put(['a', String(n)]), put(['b', String(n)], n % 4 === 0 ? wrong : 'x')]),
    ),
  )
  expect(answers.map(({ status }) => status)).toEqual(
    Array.from({ length: 40 }, (_, n) => (n % 4 === 0 ? 'rejected' : 'fulfilled')),
  )
  expect(answers.some((one) => one.status === 'rejected' && isPairError(one.reason))).toBe(false)
  expect(await store.list(['a'], { limit: 50 })).toHaveLength(30)
})
