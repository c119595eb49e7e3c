import { readFileSync, statSync } from 'node:fs'
import type { Check, Write } from '@pair/core'
import { expect, test } from 'vitest'
import { MAX_MARKS, RESERVE } from '../../src/file-store/limit.ts'
import { freshFile } from './files.ts'
import { openStore } from './open.ts'
import { append, put, T0, valueOf } from './writes.ts'

/** What is slow here is the machine. */
const PATIENT = { busyMs: 60_000 }

const full = (what: string): object => ({
  code: 'store_unavailable',
  undone: true,
  message: `fileStore: the file holds ${what}, and takes no more.`,
  hint: expect.stringContaining('@pair/store-sqlite') as string,
})
const RECORDS = full('5,000 records')
const MARKS = full('15,000 marks that nobody is told of')
const ITEMS = full('10,000 items of streams')

const told = append(['x', 'journal'], 'x', T0)
/** So many of a kind: records where the journal is told of them, else marks. */
const many = (count: number, kind: string): Write[] =>
  Array.from({ length: count }, (_, n) => put(['x', kind, String(n), 'record'], 'x', T0))
const mark = (...key: string[]): Write[] => [put(['x', ...key], 'x', T0)]
const fresh = (kind: string): Write[] => [put(['x', kind, 'new', 'record']), told]

test('STO-05 5,000 records are kept, one more is refused by what names SQLite, and what makes no more goes on', async () => {
  const file = freshFile()
  const store = openStore(file, PATIENT)
  await expect(store.commit([], [...many(5_001, 'a'), told])).rejects.toMatchObject(RECORDS)
  expect(await store.list([], { limit: 1 })).toEqual([])
  expect(await store.commit([], [...many(5_000, 'a'), told])).toBe(true)
  const bytes = readFileSync(file, 'utf8')
  const moved = put(['x', 'a', '1', 'record'], 'y', T0)
  await expect(store.commit([], fresh('a'))).rejects.toMatchObject(RECORDS)
  await expect(store.commit([], [moved, ...fresh('a')])).rejects.toMatchObject(RECORDS)
  expect(readFileSync(file, 'utf8')).toBe(bytes)
  // of those that come together only that one is refused
  const answers = await Promise.allSettled([
    store.commit([], [moved]),
    store.commit([], fresh('a')),
    store.commit([], [{ key: ['x', 'a', '2', 'record'], value: null }, ...fresh('a')]),
    store.increment(['c'], 1, T0),
  ])
  expect(answers.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ])
  expect(await valueOf(store, ['x', 'a', '1', 'record'])).toBe('y')
  expect(await store.purge(T0 + 1, 10)).toBe(10)
  expect(await store.commit([], fresh('b'))).toBe(true)
}, 60_000)

test('STO-05 in a file full of records, marks and items there is room for revokes, by a proof too, and none for strangers', async () => {
  const store = openStore(freshFile(), PATIENT)
  const device = put(['x', 'key', 'thumbprint', 'device'])
  // a stranger who asked to be let in
  const asked = [
    ['approval', 'asked', 'record'],
    ['approval-key', 'stranger', 'approval'],
    ['user-code', 'hmac', 'approval'],
    ['cool-down', 'network', 'prefix'],
  ].map((key) => put(['x', ...key]))
  await store.commit([], [device, ...asked, ...many(4_995, 'session'), told])
  await store.commit([], many(MAX_MARKS, 'lockout'))
  const items = Array.from({ length: 9_999 }, () => told)
  await store.commit([], items)
  const strangers: [Write[], object][] = [
    [fresh('approval'), RECORDS],
    [mark('proof', 'nobody', 'jti'), MARKS],
    ...['asked', 'stranger', 'hmac', 'network'].map((whom): [Write[], object] => [
      mark('proof', whom, 'jti'),
      MARKS,
    ]),
    // of whom there is only another mark
    [mark('proof', String(MAX_MARKS - 1), 'jti'), MARKS],
    [mark('lockout', 'network', 'record'), MARKS],
    [mark('refusals', 'slice', 'record'), MARKS],
    [[put(['x', 'session', '1', 'revoked']), ...fresh('approval')], RECORDS],
  ]
  const operators: Write[][] = [
    mark('proof', 'thumbprint', 'jti'),
    [put(['x', 'session', '1', 'revoked']), told],
    // all at one, which makes no record, or the only one of its kind
    [put(['x', 'epoch']), told],
    [put(['x', 'epoch']), told],
    [put(['x', 'session', '2', 'record'], 'y'), told],
  ]
  for (const [writes, refusal] of strangers)
    await expect(store.commit([], writes)).rejects.toMatchObject(refusal)
  for (const writes of operators) expect(await store.commit([], writes)).toBe(true)
  for (const [writes, refusal] of strangers)
    await expect(store.commit([], writes)).rejects.toMatchObject(refusal)
}, 60_000)

test('STO-05 the reserve has an end: 2,000 marks, records and items', async () => {
  const store = openStore(freshFile(), PATIENT)
  await store.commit([], [...many(5_000, 'session'), told])
  await store.commit([], many(MAX_MARKS, 'lockout'))
  await store.commit(
    [],
    Array.from({ length: 9_999 }, () => told),
  )
  const beside = (word: string): Write[] =>
    Array.from({ length: RESERVE }, (_, n) => put(['x', 'session', String(n), word]))
  expect(await store.commit([], beside('proof'))).toBe(true)
  await expect(store.commit([], mark('session', '1', 'more'))).rejects.toMatchObject(MARKS)
  expect(await store.commit([], [...beside('revoked'), told])).toBe(true)
  await expect(store.commit([], [put(['x', 'session', '1', 'more']), told])).rejects.toMatchObject(
    RECORDS,
  )
  expect(
    await store.commit(
      [],
      Array.from({ length: RESERVE - 1 }, () => told),
    ),
  ).toBe(true)
  await expect(store.commit([], [told])).rejects.toMatchObject(ITEMS)
  // what was lost is told as lost, however full the file is
  const never: Check = { key: ['x', 'none'], version: 'never' }
  expect(await store.commit([never], [told])).toBe(false)
  expect(await store.purge(T0 + 1, 5)).toBe(5)
  expect(await store.commit([], [told])).toBe(true)
}, 60_000)

test('STO-05 a mark stays one when it is written again, also behind a restart', async () => {
  const file = freshFile()
  const store = openStore(file, PATIENT)
  await store.commit([], mark('presence', '1', 'record'))
  await store.commit([], [...mark('presence', '1', 'record'), told])
  const again = openStore(file, PATIENT)
  expect(await again.commit([], [...many(5_000, 'a'), told])).toBe(true)
  await expect(again.commit([], fresh('a'))).rejects.toMatchObject(RECORDS)
})

test('STO-05 a file never grows beyond what is read again, and who came together with that commit is not refused', async () => {
  const file = freshFile()
  const store = openStore(file, PATIENT)
  const value = 'x'.repeat(1_000_000)
  const large = Array.from({ length: 68 }, (_, n) => put(['large', String(n)], value))
  const answers = await Promise.allSettled([
    store.commit([], [put(['a'])]),
    store.commit([], large),
    store.commit([], [put(['b'])]),
  ])
  expect(
    answers.map((answer) => (answer.status === 'rejected' ? answer.reason : answer.value)),
  ).toEqual([true, expect.objectContaining(full('67,108,864 bytes')), true])
  expect(await store.list([], { limit: 9 })).toHaveLength(2)
  expect(statSync(file).size).toBeLessThan(10_000)
}, 60_000)

test('LIM-05 a flood of counters takes the place of those that counted least, never of those that counted', async () => {
  const store = openStore(freshFile(), PATIENT)
  for (let n = 0; n < 10; n++) await store.increment(['locked'], 1, T0)
  const flood = (start: number): Promise<number[]> =>
    Promise.all(
      Array.from({ length: 10_000 }, (_, n) =>
        store.increment(['flood', String(start + n)], 1, T0),
      ),
    )
  await flood(0)
  await flood(10_000)
  expect(await store.increment(['locked'], 0, T0)).toBe(10)
  let kept = 0
  for (let n = 0; n < 20_000; n += 100) kept += await store.increment(['flood', String(n)], 0, T0)
  expect(kept).toBeLessThanOrEqual(101)
  expect(kept).toBeGreaterThan(80)
}, 60_000)
