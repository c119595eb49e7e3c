import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import {
  countText,
  numberOf,
  oddsText,
  roundUp,
  spanText,
  wishText,
} from '../../src/risk/figures.ts'
import { explainRisk } from '../../src/risk/risk-report.ts'
import { planRisk, type RiskWish } from '../../src/risk/risk.ts'
import { RISK_DEFAULTS } from '../../src/risk/risk-wish.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time.ts'

function explained(wish: Partial<RiskWish>): string {
  const whole = { ...RISK_DEFAULTS, ...wish }
  const outcome = planRisk(whole)
  return outcome.ok ? explainRisk(outcome.plan, whole).join('\n') : outcome.reason
}

describe('the report', () => {
  test('LIM-04 the arithmetic is told line by line', () => {
    expect(explained({})).toBe(
      [
        'Tolerable: 1 in 10,000 in a year that strangers guess any typed code.',
        'A typed code has 9 symbols of 31: 31^9 (2.64e13) codes, 44.59 bits.',
        'Alive at once: 100 codes at most; one guess may hit any of them.',
        'All together may guess 754 times in 15 minutes: × 35,041 windows of 15 minutes in a year, one more than fit in it = 26,420,914 guesses.',
        'One network may guess 350,410 times (10 failures × 35,041 windows of 15 minutes): × 1,000,000 networks = 3.5e11 guesses, and 13,210,457 as proxies that nobody declared: without a lockout, but half of what all have.',
        'The smaller counts: 26,420,914 guesses × 100 live codes / 31^9 (2.64e13) codes = 1 in 10,007 in a year.',
        'A typed code lives 30 days at most.',
        'One network spends at most 20 of the 754 guesses of a window, and 377 as a proxy that nobody declared; 19 networks at once can suspend typed codes until the next. Links go on.',
      ].join('\n'),
    )
  })

  test('LIM-04 it tells which of lockout and windows holds a network back, and when networks are what counts', () => {
    const declared = { folded: 0 }
    expect(explained(declared)).toContain(
      '× 1,000,000 networks = 3.5e11 guesses.\nThe smaller counts',
    )
    expect(explained(declared)).toContain('20 of the 754 guesses of a window; 38 networks at once')
    const often = { addresses: 10, lockout: { failures: 10, lockMs: SECOND }, ...declared }
    expect(explained(often)).toContain(
      '(8 redeems × 525,601 windows of a minute + 15 previews × 525,601 windows of a minute): × 10 networks = 120,888,230 guesses.',
    )
    expect(explained({ addresses: 1, ...declared })).toContain(
      '× 1 network = 350,410 guesses.\nThe smaller counts: 350,410 guesses × 100 live codes',
    )
  })
})

test('LIM-04 the page of limits shows what is really told', () => {
  const page = readFileSync('docs/limits.md', 'utf8')
  expect(page).toContain(explained({}))
  const typed = { windowMs: 15 * MINUTE }
  expect(page).toContain(explained({ typed: { ...typed, max: 5_000 } }))
  expect(page).toContain(explained({ typed: { ...typed, max: 40 } }))
  expect(explained({ guessProbability: 1e-6 })).toContain('has 12 symbols')
})

describe('figures', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1,000'],
    [999_999_999, '999,999,999'],
    [1_000_000_000, '1e9'],
    [1_999_999_999, '1.99e9'],
    [31n ** 9n, '2.64e13'],
    [31n ** 15n, '2.34e22'],
    [1_050_000_000, '1.05e9'],
  ])('%s is written %s', (count, text) => {
    expect(countText(count)).toBe(text)
  })

  it('has one for one thing, and many for none', () => {
    expect([0, 1, 2].map((count) => numberOf(count, 'guess', 'guesses'))).toEqual([
      '0 guesses',
      '1 guess',
      '2 guesses',
    ])
  })

  it.each([
    [365 * DAY, 'a year'],
    [730 * DAY, '2 years'],
    [30 * DAY, '30 days'],
    [DAY, 'a day'],
    [HOUR, 'an hour'],
    [90 * MINUTE, '90 minutes'],
    [90 * SECOND, '90 seconds'],
    [1_001, '1,001 milliseconds'],
  ])('%d ms are %s', (ms, text) => {
    expect(spanText(ms)).toBe(text)
  })

  it('tells odds rounded up, and a wish as it was meant', () => {
    expect(oddsText({ over: 1n, under: 10_000n })).toBe('1 in 10,000')
    expect(oddsText({ over: 10_001n, under: 100_000_000n })).toBe('1 in 9,999')
    expect(oddsText({ over: 2n, under: 3n })).toBe('as good as certain')
    expect(oddsText({ over: 5n, under: 3n })).toBe('as good as certain')
    expect(wishText(1e-5)).toBe('1 in 100,000')
    expect(wishText(1e-18)).toBe('1 in 1e18')
  })

  it('rounds up to two digits, and never down', () => {
    expect(roundUp(7.41e-14)).toBe(7.5e-14)
    expect(roundUp(9.91e-5)).toBe(1e-4)
    for (let value = 1e-18; value < 0.1; value *= 1.037) {
      expect(roundUp(value)).toBeGreaterThan(value)
      expect(roundUp(value)).toBeLessThan(value * 1.11)
    }
  })
})
