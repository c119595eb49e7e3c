import { readFileSync, statSync } from 'node:fs'
import type { Write } from '@pair/core'
import { expect, test } from 'vitest'
import { freshFile } from './files.ts'
import { openStore } from './open.ts'
import { append, put, T0, valueOf } from './writes.ts'

const full = (what: string): object => ({
  code: 'store_unavailable',
  message: `fileStore: the file holds ${what}, and takes no more.`,
  hint: expect.stringContaining('@pair/store-sqlite') as string,
})
const many = (count: number, name: string): Write[] =>
  Array.from({ length: count }, (_, n) => put([name, String(n)], 'x', T0))

test('STO-05 5,000 records are kept, one more is refused by what names SQLite, and what makes no more goes on', async () => {
  const file = freshFile()
  const store = openStore(file)
  await expect(store.commit([], many(5_001, 'a'))).rejects.toMatchObject(full('5,000 records'))
  expect(await store.list([], { limit: 1 })).toEqual([])
  expect(await store.commit([], many(5_000, 'a'))).toBe(true)
  const bytes = readFileSync(file, 'utf8')
  await expect(store.commit([], [put(['new'])])).rejects.toMatchObject(full('5,000 records'))
  await expect(store.commit([], [put(['a', '1'], 'y'), put(['new'])])).rejects.toThrow('5,000')
  expect(readFileSync(file, 'utf8')).toBe(bytes)
  // of those that come together only that one is refused
  const answers = await Promise.allSettled([
    store.commit([], [put(['a', '1'], 'y')]),
    store.commit([], [put(['new'])]),
    store.commit([], [{ key: ['a', '2'], value: null }, put(['instead'])]),
    store.increment(['c'], 1, T0),
  ])
  expect(answers.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ])
  expect([await valueOf(store, ['a', '1']), await valueOf(store, ['instead'])]).toEqual(['y', 'x'])
  expect(await store.purge(T0 + 1, 10)).toBe(10)
  expect(await store.commit([], [put(['new'])])).toBe(true)
}, 60_000)

test('STO-05 beyond the limit there is room for revokes: one record that the journal is told of', async () => {
  const store = openStore(freshFile())
  await store.commit([], many(5_000, 'a'))
  for (let n = 0; n < 500; n += 50)
    await Promise.all(
      Array.from({ length: 50 }, (_, m) =>
        store.commit([], [put(['revoked', String(n + m)]), append(['s'])]),
      ),
    )
  await expect(store.commit([], [put(['one']), put(['two']), append(['s'])])).rejects.toThrow(
    '5,000',
  )
  await expect(store.commit([], [put(['one'])])).rejects.toThrow('5,000')
  await expect(store.commit([], [put(['one']), append(['s'])])).rejects.toThrow('5,000')
}, 60_000)

test('STO-05 20,000 items of streams are kept, and one more is refused', async () => {
  const store = openStore(freshFile())
  const items = Array.from({ length: 10_000 }, () => append(['s'], 'x', T0))
  await store.commit([], items)
  await store.commit([], items)
  await expect(store.commit([], [append(['s'])])).rejects.toMatchObject(
    full('20,000 items of streams'),
  )
  expect(await store.purge(T0 + 1, 5)).toBe(5)
  expect(await store.commit([], [append(['s'])])).toBe(true)
}, 60_000)

test('STO-05 a file never grows beyond what is read again, and who came together with that commit is not refused', async () => {
  const file = freshFile()
  const store = openStore(file)
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
  const store = openStore(freshFile())
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
