import { describe, expect, test } from 'vitest'
import { limitedOf } from '../../src/limit/limit-refusal.ts'
import { FOLDED, ruleFor, subjectText } from '../../src/limit/limits.ts'
import { judgeLock, sliceEnd, sliceOf, slicesAround } from '../../src/limit/lockout.ts'
import { checkRule, standingOf, windowOf } from '../../src/limit/window.ts'
import { DAY, MINUTE, SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'

const RULE = { max: 8, windowMs: MINUTE }

describe('a window', () => {
  test('LIM-01 begins at whole multiples of its length', () => {
    expect(windowOf(RULE, NOON - 1)).toBe(windowOf(RULE, NOON) - 1)
    expect(windowOf(RULE, NOON + MINUTE - 1)).toBe(windowOf(RULE, NOON))
    expect(windowOf(RULE, NOON)).toBe(NOON / MINUTE)
  })

  test('LIM-01 tells how many are left, never less than none, and when it starts anew', () => {
    const standing = { name: 'redeem', max: 8, windowMs: MINUTE, resetAt: NOON + MINUTE }
    const at = (count: number, now = NOON): unknown => standingOf('redeem', RULE, count, now)
    expect(at(0)).toEqual({ ...standing, remaining: 8 })
    expect(at(3, NOON + MINUTE - 1)).toEqual({ ...standing, remaining: 5 })
    expect(at(8)).toEqual({ ...standing, remaining: 0 })
    expect(at(11)).toEqual({ ...standing, remaining: 0 })
  })

  test('SEC-07 has a whole number of requests, from one to a million', () => {
    const must = 'be a whole number from 1 to 1,000,000'
    for (const max of [0, -1, 1.5, 1_000_001, Number.NaN, '8', null, undefined])
      expect(checkRule(max)).toEqual({ ok: false, field: 'max', must })
    for (const max of [1, 1_000_000])
      expect(checkRule(max)).toEqual({ ok: true, rule: { max, windowMs: MINUTE } })
  })

  test('SEC-07 is from a second to a hundred years long', () => {
    const must = 'be a whole number of milliseconds, from 1,000 to a hundred years'
    for (const windowMs of [0, 999, 1_000.5, 100 * 365 * DAY + 1, '60000', null])
      expect(checkRule(1, windowMs)).toEqual({ ok: false, field: 'windowMs', must })
    for (const windowMs of [SECOND, 100 * 365 * DAY])
      expect(checkRule(1, windowMs)).toEqual({ ok: true, rule: { max: 1, windowMs } })
  })
})

test('LIM-07 those who may share an address are counted apart, and have twenty times as many', () => {
  expect(FOLDED).toBe(20)
  expect(subjectText({ network: '192.0.2.7', folded: false })).toBe('192.0.2.7')
  expect(subjectText({ network: '192.0.2.7', folded: true })).toBe('proxied-192.0.2.7')
  expect(ruleFor({ folded: false }, RULE)).toEqual(RULE)
  expect(ruleFor({ folded: true }, RULE)).toEqual({ max: 160, windowMs: MINUTE })
})

test('LIM-01 whoever is refused is told whole seconds, never more than he has to wait', () => {
  const standing = { name: 'redeem', max: 8, windowMs: MINUTE, remaining: 0, resetAt: NOON }
  const told = (now: number): unknown => limitedOf('rate_limited', standing, now)
  const detail = { reason: 'over 8 of redeem in 60 s', limit: standing }
  const waits = [
    [NOON - MINUTE, 60],
    [NOON - 1_999, 1],
    [NOON - 999, 0],
    [NOON + MINUTE, 0],
  ] as const
  for (const [now, retryAfter] of waits)
    expect(told(now)).toEqual(['rate_limited', { ...detail, members: { retryAfter } }])
})

describe('a lock', () => {
  const rule = { failures: 10, lockMs: 15 * MINUTE }
  const judge = (lockedAt: number | null, now: number): unknown =>
    judgeLock({ generation: 3, lockedAt }, rule, now)

  test('LIM-02 stands from when it began to its last millisecond', () => {
    expect(judge(NOON, NOON)).toEqual({ is: 'locked', generation: 3, resetMs: rule.lockMs })
    expect(judge(NOON, NOON + rule.lockMs - 1)).toEqual({ is: 'locked', generation: 3, resetMs: 1 })
  })

  test('LIM-02 that is over has a generation behind it that starts clean', () => {
    expect(judge(NOON, NOON + rule.lockMs)).toEqual({ is: 'open', generation: 4 })
    expect(judge(null, NOON)).toEqual({ is: 'open', generation: 3 })
    expect(judgeLock(null, rule, NOON)).toEqual({ is: 'open', generation: 0 })
  })

  test('SEC-06 begun by a clock five seconds ahead stands, never longer than it was set; a later one holds nobody', () => {
    expect(judge(NOON + 5 * SECOND, NOON)).toEqual({
      is: 'locked',
      generation: 3,
      resetMs: rule.lockMs,
    })
    expect(judge(NOON + 5 * SECOND + 1, NOON)).toEqual({ is: 'open', generation: 4 })
  })

  test('LIM-02 attempts count for a slice of four locks and the one behind it, and are kept a lock longer', () => {
    const hour = 4 * rule.lockMs
    expect(sliceOf(rule, NOON - 1)).toBe(sliceOf(rule, NOON) - 1)
    expect(sliceOf(rule, NOON + hour - 1)).toBe(sliceOf(rule, NOON))
    expect(sliceOf(rule, NOON)).toBe(NOON / hour)
    expect(sliceEnd(rule, sliceOf(rule, NOON))).toBe(NOON + 3 * hour)
  })

  test('LIM-02 the next slice counts too where another clock may be in it', () => {
    const slice = sliceOf(rule, NOON)
    expect(slicesAround(rule, NOON)).toEqual([slice - 1, slice])
    expect(slicesAround(rule, NOON - 5 * SECOND)).toEqual([slice - 2, slice - 1, slice])
    expect(slicesAround(rule, NOON - 5 * SECOND - 1)).toEqual([slice - 2, slice - 1])
  })
})
