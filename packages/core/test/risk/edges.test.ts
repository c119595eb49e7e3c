import { describe, expect, test } from 'vitest'
import { oddsText, spanText } from '../../src/risk/figures.ts'
import { exceeds, lesser, toDoubleUp } from '../../src/risk/guess-bound.ts'
import { explainRisk } from '../../src/risk/risk-report.ts'
import { faultOfWish, RISK_DEFAULTS, type RiskWish } from '../../src/risk/risk-wish.ts'
import { planRisk } from '../../src/risk/risk.ts'
import { steadyShare } from '../../src/risk/typed-budget.ts'
import { DAY, MINUTE, SECOND } from '../../src/time.ts'

const QUARTER = 15 * MINUTE

describe('exact arithmetic', () => {
  test('LIM-04 a chance of just what is tolerable does not exceed it', () => {
    expect(exceeds({ over: 1n, under: 2n }, 0.5)).toBe(false)
    expect(exceeds({ over: 1_000_000_001n, under: 2_000_000_000n }, 0.5)).toBe(true)
  })

  test('LIM-04 a count is told as it is while a double can hold it, and never as less', () => {
    const most = BigInt(Number.MAX_SAFE_INTEGER)
    expect(toDoubleUp({ over: most, under: 1n })).toBe(Number.MAX_SAFE_INTEGER)
    for (const over of [most + 1n, most + 2n, most + 4n, 10n ** 30n + 1n])
      expect(BigInt(toDoubleUp({ over, under: 1n })) >= over).toBe(true)
  })

  test('LIM-04 the lesser of two is told whichever comes first', () => {
    expect([lesser(1n, 2n), lesser(2n, 1n), lesser(2n, 2n)]).toEqual([1n, 1n, 2n])
  })

  test('LIM-04 who fails as often as he may is not said to fail less than a lock takes', () => {
    const slow = { max: 1, windowMs: MINUTE }
    const typed = { max: null, windowMs: MINUTE }
    expect(steadyShare({ ...RISK_DEFAULTS, redeem: slow, preview: slow, typed })).toBe(10n)
    expect(steadyShare({ ...RISK_DEFAULTS, redeem: slow, preview: slow })).toBe(10n)
    const brisk = { failures: 10, lockMs: MINUTE }
    expect(steadyShare({ ...RISK_DEFAULTS, redeem: slow, preview: slow, lockout: brisk })).toBe(30n)
  })

  test('LIM-04 a life of just half a minute is long enough', () => {
    const tolerable = (1e-4 * 31 ** 9) / 2.2
    const typed = { max: Math.floor(tolerable), windowMs: 30 * SECOND }
    const wish = { ...RISK_DEFAULTS, liveCodes: 1, addresses: 1, folded: 0, typed }
    expect(planRisk(wish)).toMatchObject({ ok: true, plan: { longestLifeMs: 30 * SECOND } })
  })
})

describe('what people are told', () => {
  test('LIM-04 a chance of a half is told as odds, and more than that as good as certain', () => {
    expect(oddsText({ over: 1n, under: 2n })).toBe('1 in 2')
    expect(oddsText({ over: 1_000_001n, under: 2_000_000n })).toBe('as good as certain')
  })

  test('LIM-04 spans are told to the millisecond', () => {
    expect(spanText(1)).toBe('a millisecond')
    expect(spanText(1_500)).toBe('1,500 milliseconds')
  })

  test('LIM-04 where no number of codes would do, none is proposed', () => {
    const outcome = planRisk({ ...RISK_DEFAULTS, guessProbability: 1e-18 })
    expect(outcome).toMatchObject({
      ok: false,
      mend: expect.stringMatching(/^risk: \{ guessProbability: [\d.]+e-\d+ \}$/),
    })
  })

  test('LIM-04 so many networks as just fill a window can suspend it', () => {
    const wish = { ...RISK_DEFAULTS, folded: 0, typed: { max: 740, windowMs: QUARTER } }
    const outcome = planRisk(wish)
    if (!outcome.ok) throw new Error(outcome.reason)
    expect(explainRisk(outcome.plan, wish).at(-1)).toContain('; 37 networks at once can suspend')
  })
})

describe('what is no wish', () => {
  const fault = (wish: object): unknown =>
    faultOfWish({ ...RISK_DEFAULTS, ...wish } as unknown as RiskWish)

  test('SEC-07 the ends of the tolerable chance are tolerable, and a text is none', () => {
    expect(fault({ guessProbability: 1e-18 })).toBeNull()
    expect(fault({ guessProbability: 0.1 })).toBeNull()
    expect(fault({ guessProbability: '0.01' })).toMatchObject({ mend: 'guessProbability: 0.0001' })
  })

  test.each([
    ['perMs', { perMs: 0 }, `perMs: ${365 * DAY}`],
    ['typed', { typed: { max: null, windowMs: 0 } }, `windowMs: ${QUARTER}`],
    ['lockout', { lockout: { failures: 10, lockMs: 0 } }, `lockMs: ${QUARTER}`],
    ['redeem', { redeem: { max: 8, windowMs: 0 } }, `windowMs: ${MINUTE}`],
    ['preview', { preview: { max: 15, windowMs: 0 } }, `windowMs: ${MINUTE}`],
  ])('SEC-07 the usual number is named in place of one of %s', (_, wish, mend) => {
    expect(fault(wish)).toMatchObject({ mend })
  })

  test('SEC-07 the largest number that is counted with is told as a power', () => {
    expect(fault({ addresses: 0 })).toMatchObject({
      reason: '`risk.addresses` must be a whole number from 1 to 2^53 - 1.',
    })
  })
})
