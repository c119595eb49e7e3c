import { expect, test } from 'vitest'
import { isRewound, judgeItems, judgeLink, writtenAt } from '../../src/audit/chain.ts'
import type { Seal } from '../../src/audit/seal.ts'

const KEPT = { sealMs: 1_000_000, now: 10_000_000 }

const seal: Seal = {
  number: 2,
  previous: 'one',
  previousAt: 50,
  at: 60,
  from: 'b',
  to: 'd',
  gap: false,
  items: [],
  digest: 'two',
}
const before = { number: 1, digest: 'one', at: 50, to: 'b' }

test('EVT-02 a seal follows on the one before by number, digest, time and place', () => {
  expect(judgeLink(seal, before, KEPT)).toBe(null)
  for (const other of [{ digest: 'x' }, { at: 51 }, { to: 'c' }])
    expect(judgeLink(seal, { ...before, ...other }, KEPT)).toBe('seal_altered')
  for (const number of [0, 2, 3])
    expect(judgeLink(seal, { ...before, number }, KEPT)).toBe('seal_missing')
})

test('EVT-02 the first seal that is held is number 1, or the one before it was due to be forgotten', () => {
  const first = { ...seal, number: 1, previous: null, previousAt: null }
  expect(judgeLink(first, null, KEPT)).toBe(null)
  const due = KEPT.now - KEPT.sealMs + 60_000
  expect(judgeLink({ ...seal, previousAt: due }, null, KEPT)).toBe(null)
  expect(judgeLink({ ...seal, previousAt: due + 1 }, null, KEPT)).toBe('seal_missing')
  expect(judgeLink({ ...seal, previousAt: null }, null, KEPT)).toBe('seal_missing')
})

test('EVT-02 a sealed item may be missing from a minute before it is due to be forgotten', () => {
  const kept = { itemMs: 1_000_000, now: 10_000_000 }
  const item = (at: number): [{ id: string; at: number; digest: string }] => [
    { id: 'a', at, digest: 'x' },
  ]
  const due = kept.now - kept.itemMs + 60_000
  expect(judgeItems(item(due), [], kept)).toEqual({ ok: true, forgotten: 1 })
  const removed = { ok: false, fault: 'item_removed', id: 'a' }
  expect(judgeItems(item(due + 1), [], kept)).toEqual(removed)
  expect(judgeItems(item(0), item(0), kept)).toEqual({ ok: true, forgotten: 0 })
  expect(judgeItems([], item(0), kept)).toEqual({ ok: false, fault: 'item_inserted', id: 'a' })
})

test('EVT-02 a chain is rewound where its newest seal is none, an earlier one, or another', () => {
  const seen = { number: 2, digest: 'two' }
  expect(isRewound(null, null)).toBe(false)
  expect(isRewound(seen, null)).toBe(false)
  expect(isRewound(seen, seen)).toBe(false)
  expect(isRewound({ number: 3, digest: 'three' }, seen)).toBe(false)
  expect(isRewound(null, seen)).toBe(true)
  expect(isRewound({ number: 1, digest: 'one' }, seen)).toBe(true)
  expect(isRewound({ number: 2, digest: 'other' }, seen)).toBe(true)
})

test('EVT-02 an item that tells no time is as old as the one before it, or as the seal before, and no younger than now', () => {
  expect(writtenAt([5, null, null, 9, null], 3, 10)).toEqual([5, 5, 5, 9, 9])
  expect(writtenAt([null, 5], 3, 10)).toEqual([3, 5])
  expect(writtenAt([null, 5], null, 10)).toEqual([0, 5])
  // A clock that ran ahead keeps nobody from being forgotten.
  expect(writtenAt([50, null], 3, 10)).toEqual([50, 10])
  expect(writtenAt([null], 50, 10)).toEqual([10])
})
