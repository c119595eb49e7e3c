import { equal, ok } from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import type { Key } from '../../../src/ports/store.ts'
import { createCounterTable, type CounterTable } from '../../../src/storage/memory/counter-table.ts'

// enough where much else runs beside
vi.setConfig({ testTimeout: 60_000 })

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const T0 = 1_800_000_000_000
const SEED = [0x9e3779b9, 0x85ebca6b]

const open = (quota = 100_000): CounterTable => createCounterTable({ quota, seed: SEED })
const key = (kind: string, n: number): Key => ['pair', 'limit', kind, n.toString(36)]

function drawNumbers(seed: number): (below: number) => number {
  let last = seed
  return (below) => {
    last = (Math.imul(last, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((last / 2 ** 32) * below)
  }
}

/** Counters as a plain map keeps them. */
type Model = Map<number, { total: number; purgeAt: number }>

/** What a purge forgot it was free to forget, and it left nothing whose minute is over. */
function checkPurge(table: CounterTable, model: Model, before: number, limit: number): void {
  const gone = table.purge(before, limit)
  let missing = 0
  for (const [n, { total, purgeAt }] of model) {
    const kept = table.raise(key('any', n), 0, 0)
    if (kept === 0) {
      ok(purgeAt < before, 'forgotten too early')
      model.delete(n)
      missing++
    } else {
      equal(kept, total)
      ok(gone === limit || Math.ceil(purgeAt / MINUTE) * MINUTE >= before, 'kept too long')
    }
  }
  expect(gone).toBe(missing)
  expect(gone).toBeLessThanOrEqual(limit)
}

describe('the table of counters', () => {
  it('LIM-05 counts as a plain map does and forgets nothing early, through random histories', () => {
    let purged = 0
    for (const seed of [1, 2, 3]) {
      const draw = drawNumbers(seed)
      const [table, model]: [CounterTable, Model] = [open(), new Map()]
      const steps = [1, 1, 1, 2, 40, 62, 63, 64, 65_535, 65_536, 2 ** 31, 2 ** 40]
      const stays = [0, 1, MINUTE, 2 * MINUTE, 9 * MINUTE, DAY, 46 * DAY, 99 * 365 * DAY, 4e15, -T0]
      let now = T0
      for (let round = 0; round < 40_000; round++) {
        const n = draw(6_000)
        const by = steps[draw(steps.length)]!
        const stay = stays[draw(draw(10) === 0 ? stays.length : 5)]!
        const purgeAt = Math.max(0, now + stay + draw(3) * draw(MINUTE))
        const old = model.get(n) ?? { total: 0, purgeAt: 0 }
        model.set(n, { total: old.total + by, purgeAt: Math.max(old.purgeAt, purgeAt) })
        equal(table.raise(key('any', n), by, purgeAt), old.total + by)
        if (draw(3) === 0) now += draw(200)
        if (draw(600) > 0) continue
        // the clock of a sweep may be anywhere
        const clock = now + [0, 0, MINUTE, DAY, -DAY, 50 * DAY][draw(6)]!
        const before = model.size
        checkPurge(table, model, clock, draw(2) === 0 ? 10_000 : 1 + draw(400))
        purged += before - model.size
      }
      expect(table.purge(Infinity, 10_000)).toBe(model.size)
      expect(table.raise(key('any', 1), 0, 0)).toBe(0)
    }
    expect(purged).toBeGreaterThan(5_000)
  })

  it('forgets what is due in one minute when the last of it is due, to the millisecond', () => {
    const table = open()
    table.raise(['a'], 1, T0 + 10)
    table.raise(['b'], 1, T0 + 50)
    table.raise(['next'], 1, T0 + MINUTE + 1)
    expect(table.purge(T0 + 50, 9)).toBe(0)
    expect(table.purge(T0 + 51, 9)).toBe(2)
    expect(table.purge(T0 + MINUTE + 1, 9)).toBe(0)
    expect(table.purge(T0 + MINUTE + 2, 9)).toBe(1)
  })

  it('an instant that is none purges nothing', () => {
    const table = open()
    table.raise(['a'], 1, T0)
    expect(table.purge(Number.NaN, 9)).toBe(0)
    expect(table.purge(-Infinity, 9)).toBe(0)
    expect(table.purge(T0 + 1, 0)).toBe(0)
    expect(table.raise(['a'], 0, 0)).toBe(1)
  })

  it('hands out totals up to 2^53, each once, and none beyond', () => {
    const table = open()
    const totals = [62, 63, 64, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 53 - 1]
    let last = 0
    for (const total of totals) {
      expect(table.raise(['a'], total - last, T0)).toBe(total)
      last = total
    }
    expect(() => table.raise(['a'], 1, T0)).toThrow(RangeError)
    expect(table.raise(['a'], 0, T0)).toBe(2 ** 53 - 1)
    for (let n = 1; n <= 70_000; n++) equal(table.raise(['b'], 1, T0), n)
  })

  it('keeps what is due in centuries among what is due in a minute', () => {
    const table = open()
    const far = Number.MAX_SAFE_INTEGER
    expect(table.raise(['far'], 1, far)).toBe(1)
    for (let n = 0; n < 3_000; n++) table.raise(key('near', n), 1, T0)
    expect(table.purge(T0 + 1, 9_999)).toBe(3_000)
    expect(table.raise(['far'], 1, T0)).toBe(2)
    expect(table.purge(far, 9)).toBe(0)
    expect(table.purge(far + 2, 9)).toBe(1)
  })
})

it('what counted much, or is kept for long, leaves no memory behind when it is forgotten', () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const held = (): number => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const table = open(4_096)
  table.raise(['budget'], 1, T0 + DAY)
  const before = held()
  for (let round = 0; round < 200; round++) {
    for (let n = 0; n < 3_000; n++) table.raise(key('a', n), 64, T0)
    equal(table.purge(T0 + 1, 9_999), 3_000)
  }
  // 16 bytes each would be 9 MB
  expect(held() - before).toBeLessThan(4e6)
  expect(table.raise(['budget'], 0, 0)).toBe(1)
})

describe('a full table of counters', () => {
  for (const quota of [4_096, 20_000]) {
    it(`LIM-05 a flood of ten times ${quota} strangers forgets no one who is locked, and no budget`, () => {
      const table = open(quota)
      const [locked, end] = [quota >> 3, T0 + MINUTE]
      for (let n = 0; n < locked; n++) table.raise(key('locked', n), 2 + (n % 80), T0)
      for (let n = 0; n < quota * 10; n++) {
        table.raise(key('stranger', n), 1, end)
        table.raise(['budget'], 1, T0)
      }
      for (let n = 0; n < locked; n++) equal(table.raise(key('locked', n), 0, 0), 2 + (n % 80))
      expect(table.raise(['budget'], 0, 0)).toBe(quota * 10)
      // who came last was counted, however full it is
      expect(table.raise(key('stranger', quota * 10 - 1), 0, 0)).toBe(1)
      const kept = table.purge(Infinity, quota * 10)
      expect(kept).toBeLessThan(quota * 1.1)
      expect(kept).toBeGreaterThan(quota * 0.9)
    })
  }

  it('of those that counted as much the ones that end first make room', () => {
    const table = open(4_096)
    for (let n = 0; n < 4_096; n++) table.raise(key('a', n), 1, n % 2 === 0 ? T0 : T0 + 9 * MINUTE)
    for (let n = 0; n < 1_500; n++) table.raise(key('b', n), 1, T0 + 5 * MINUTE)
    let early = 0
    for (let n = 0; n < 4_096; n++) {
      const total = table.raise(key('a', n), 0, 0)
      if (n % 2 === 0) early += total
      else equal(total, 1)
    }
    expect(early).toBeGreaterThan(0)
    expect(early).toBeLessThan(2_048 - 1_400)
    for (let n = 0; n < 1_500; n++) equal(table.raise(key('b', n), 0, 0), 1)
  })

  it('has room again for as many once it is purged', () => {
    const table = open(4_096)
    for (let round = 0; round < 5; round++) {
      const at = T0 + round * MINUTE
      for (let n = 0; n < 4_096; n++) equal(table.raise(key('a', n), 1, at), 1)
      for (let n = 0; n < 4_096; n++) equal(table.raise(key('a', n), 0, 0), 1)
      expect(table.purge(at + 1, 3_000)).toBe(3_000)
      expect(table.purge(at + 1, 3_000)).toBe(1_096)
    }
  })
})
