import { isPairError, type Key, type Put } from '@pair/core'
import { recordKinds } from '@pair/core/store'
import { expect, it } from 'vitest'
import { openRaw, openStore } from './kit/open.ts'

/** Hundreds of commits. */
const SLOW = { timeout: 60_000 }

const columnOf = (path: string): string =>
  path.replaceAll('.', '_').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const nameOf = (kind: string, path: string): string =>
  `${kind.replaceAll('-', '_')}_${columnOf(path)}`
const broken = (name: string): string => `violates check constraint "${name}"`

const recordOf = (path: string, value: unknown): object =>
  path.split('.').reduceRight((inner: unknown, part) => ({ [part]: inner }), value) as object
const textOf = (kind: string, record: unknown): string =>
  JSON.stringify({ kind, attempt: 'a', purgeAt: null, record })
const put = (key: Key, value = 'x'): Put => ({ key, value, purgeAt: null })

it(
  'STO-06 each field with a closed list of words takes these, null and a tombstone, and no other',
  SLOW,
  async () => {
    const store = await openStore()
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
        for (const wrong of [
          'else',
          values[0]!.toUpperCase(),
          `${values[0]} `,
          '',
          5,
          true,
          [],
          {},
        ])
          await expect(
            write([kind, path, 'wrong'], { ...base, ...recordOf(path, wrong) }),
            `${kind} ${path} ${JSON.stringify(wrong)}`,
          ).rejects.toThrow(broken(nameOf(kind, path)))
        expect(await store.read([kind, path, 'wrong'])).toBeNull()
      }
    }
    expect(fields).toBeGreaterThanOrEqual(17)
  },
)

it(
  'APP-03 STO-06 a field of some states stands in no other, not even as null, and in no record without a state',
  SLOW,
  async () => {
    const store = await openStore()
    const kinds = new Set<string>()
    for (const { kind, fields } of recordKinds()) {
      const all = fields.find(({ path }) => path === 'state')?.values ?? []
      for (const { path, states, values } of fields) {
        if (states === null) continue
        kinds.add(kind)
        expect(all).toEqual(expect.arrayContaining([...states]))
        const stamps = values ? [values[0], null] : ['x', 5, [], null]
        const cases = [...all, undefined, null].flatMap((state) =>
          stamps.map((stamp) => ({ state, stamp })),
        )
        const answers = await Promise.allSettled(
          cases.map(({ state, stamp }, n) =>
            store.commit(
              [],
              [put([kind, path, String(n)], textOf(kind, { state, ...recordOf(path, stamp) }))],
            ),
          ),
        )
        for (const [n, answer] of answers.entries()) {
          const { state, stamp } = cases[n]!
          const named = `${kind} ${state} ${path} ${JSON.stringify(stamp)}`
          if (state && states.includes(state))
            expect(answer, named).toEqual({ status: 'fulfilled', value: true })
          else
            expect(String((answer as PromiseRejectedResult).reason), named).toContain(
              broken(nameOf(kind, 'stamps')),
            )
        }
      }
    }
    expect([...kinds]).toEqual(['code', 'approval', 'owner', 'agent-key'])
  },
)

it('STO-06 a constraint for each field with a closed list, one for the stamps of each kind, and none besides', async () => {
  await (await openStore()).read(['any'])
  const raw = await openRaw()
  const rows = await raw.query(
    `SELECT conname FROM pg_constraint
     WHERE contypid = (SELECT atttypid FROM pg_attribute WHERE attrelid = 'pair_record'::regclass AND attname = 'record')`,
  )
  const due = recordKinds().flatMap(({ kind, fields }) => [
    ...fields.filter(({ values }) => values).map(({ path }) => nameOf(kind, path)),
    ...(fields.some(({ states }) => states) ? [nameOf(kind, 'stamps')] : []),
  ])
  expect(rows.map(({ conname }) => conname).toSorted()).toEqual(due.toSorted())
})

it('APP-03 STO-06 a record that holds the stamps of two states is no record, whatever wrote it', async () => {
  await (await openStore()).read(['any'])
  const raw = await openRaw()
  const insert = (key: string, record: object): Promise<unknown> =>
    raw.query('INSERT INTO pair_record (key, value, version) VALUES ($1, $2, $3)', [
      key,
      textOf('approval', record),
      '1',
    ])
  const at = 1_767_225_600_000
  const approved = {
    state: 'approved',
    decidedAt: at,
    decidedBy: { kind: 'operator' },
    reason: null,
    granted: { scopes: [], life: { slidingMs: null, absoluteMs: null } },
    collectBy: at,
  }
  await insert('pair approval apr_1 record', approved)
  for (const stamps of [
    { withdrawnAt: at },
    { expiredAt: at },
    { deviceId: 'dev_1' },
    { state: 'rejected' },
    { state: 'pending' },
  ])
    await expect(
      insert('pair approval apr_2 record', { ...approved, ...stamps }),
    ).rejects.toMatchObject({ code: '23514', constraint: 'approval_stamps' })
  await expect(
    raw.query("UPDATE pair_record SET value = replace(value, 'approved', 'expired')"),
  ).rejects.toMatchObject({ constraint: 'approval_stamps' })
})

it('SEC-09 a record that is refused is not told of: neither its value nor its key is in the error', async () => {
  const store = await openStore()
  const value = textOf('code', { state: 'else', label: 'canary' })
  const error: unknown = await store.commit([], [put(['code', 'bird'], value)]).catch((e) => e)
  expect(error).toBeInstanceOf(Error)
  const told = Object.getOwnPropertyNames(error).map((name) => (error as never)[name])
  expect(JSON.stringify(told)).toContain('code_state')
  expect(JSON.stringify(told)).not.toMatch(/canary|bird|else/)
})

it('STO-06 texts that are no record of a known kind are kept as they are', async () => {
  const store = await openStore()
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
    // what Postgres can't read as jsonb: too deep, too large a number, NUL, half a character
    `{"kind":"code","record":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    '{"kind":"code","record":{"uses":1e999999}}',
    String.raw`{"kind":"code","record":{"label":"\u0000"}}`,
    String.raw`{"kind":"code","record":{"label":"\ud800"}}`,
  ]
  for (const [n, value] of values.entries()) {
    expect(await store.commit([], [put(['v', String(n)], value)])).toBe(true)
    expect((await store.read(['v', String(n)]))?.value).toBe(value)
  }
  const raw = await openRaw()
  const views = await raw.query(
    "SELECT table_name AS name FROM information_schema.views WHERE table_schema = current_schema AND table_name LIKE 'pair%'",
  )
  expect(views).toHaveLength(recordKinds().length)
  for (const { name } of views) expect(await raw.query(`SELECT * FROM ${String(name)}`)).toEqual([])
})

it('SEC-21 a constraint is the failure of its own commit', async () => {
  const store = await openStore()
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
