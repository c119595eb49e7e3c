import { describe, expect, it, test } from 'vitest'
import { planRisk, type RiskPlan, type RiskWish } from '../../src/risk/risk.ts'
import { RISK_DEFAULTS } from '../../src/risk/risk-wish.ts'
import { DAY, MINUTE, SECOND } from '../../src/time.ts'

function planned(wish: Partial<RiskWish>): RiskPlan {
  const outcome = planRisk({ ...RISK_DEFAULTS, ...wish })
  if (!outcome.ok) throw new Error(outcome.reason)
  return outcome.plan
}

function refused(wish: Partial<RiskWish>): { reason: string; mend: string } {
  const outcome = planRisk({ ...RISK_DEFAULTS, ...wish })
  if (outcome.ok) throw new Error('there is a plan')
  return outcome
}

const QUARTER = 15 * MINUTE

describe('the plan', () => {
  test('LIM-04 without a wish: nine symbols, 754 guesses in 15 minutes, 1 in 10,000 a year', () => {
    expect(planned({})).toEqual({
      symbols: 9,
      bits: 9 * Math.log2(31),
      liveCodes: 100,
      longestLifeMs: 30 * DAY,
      typed: { max: 754, windowMs: QUARTER },
      // a year has 35,040 windows of 15 minutes and touches one more
      guesses: 754 * 35_041,
      chance: expect.closeTo((754 * 35_041 * 100) / 31 ** 9, 15),
      perMs: 365 * DAY,
      guessProbability: 1e-4,
    })
    expect(planned({}).chance).toBeLessThanOrEqual(1e-4)
    expect((755 * 35_041 * 100) / 31 ** 9).toBeGreaterThan(1e-4)
  })

  test('LIM-04 a span as long as the window counts twice: it may lie over an edge', () => {
    const { typed, guesses, chance } = planned({ perMs: QUARTER, addresses: 1e9 })
    expect(typed.max).toBe(Math.floor((1e-4 * 31 ** 9) / 100 / 2))
    expect(guesses).toBe(2 * typed.max)
    expect((guesses * 100) / 31 ** 9).toBeLessThanOrEqual(chance)
    expect(((guesses + 2) * 100) / 31 ** 9).toBeGreaterThan(1e-4)
  })

  test('LIM-04 a span that is no whole number of windows touches the part too, and an edge', () => {
    const { typed, guesses } = planned({ perMs: QUARTER + 1, addresses: 1e9 })
    expect(guesses).toBe(3 * typed.max)
  })

  test.each([
    [1e-4, 9],
    [6.63e-5, 9],
    [6.62e-5, 12],
    [2.3e-9, 12],
    [2.2e-9, 15],
    [7.5e-14, 15],
  ])('LIM-04 for a chance of %d a year codes have %d symbols', (guessProbability, symbols) => {
    expect(planned({ guessProbability }).symbols).toBe(symbols)
  })

  test('LIM-04 a code is as long as fifty strangers need who fail as often as they may', () => {
    expect(planned({ lockout: { failures: 15, lockMs: QUARTER } }).symbols).toBe(9)
    expect(planned({ lockout: { failures: 16, lockMs: QUARTER } }).symbols).toBe(12)
    // with a shorter lock they come back within the window
    expect(planned({ lockout: { failures: 10, lockMs: QUARTER - 1 } }).symbols).toBe(12)
    // unless their windows hold them back
    const slow = { max: 7, windowMs: QUARTER }
    const limits = { redeem: slow, preview: slow }
    expect(planned({ lockout: { failures: 10, lockMs: MINUTE }, ...limits }).symbols).toBe(9)
  })

  test('LIM-04 few addresses that are held back each make the chance smaller than the budget does', () => {
    const declared = { folded: 0 }
    const few = planned({ addresses: 10, ...declared })
    expect(few.guesses).toBe(10 * 10 * 35_041)
    expect(few.chance).toBeLessThan(planned({}).chance / 7)
    const minute = { max: 1, windowMs: MINUTE }
    const strict = { redeem: minute, preview: minute, lockout: { failures: 10, lockMs: MINUTE } }
    const wish = { addresses: 10, guessProbability: 1e-3, ...strict, ...declared }
    expect(planned(wish).guesses).toBe(10 * 2 * (365 * 24 * 60 + 1))
  })

  test('LIM-04 whoever seems to be a proxy that nobody declared is not locked out, and is counted in', () => {
    expect(planned({ addresses: 10 }).guesses).toBe(10 * 10 * 35_041 + 377 * 35_041)
    const one = planned({
      addresses: 1,
      typed: { max: 1e6, windowMs: QUARTER },
      guessProbability: 1e-3,
    })
    expect(one.guesses).toBe(10 * 35_041 + 20 * (8 + 15) * (365 * 24 * 60 + 1))
  })

  test('LIM-04 a code lives as long as it alone is not guessed too often, and 30 days at most', () => {
    const windowMs = QUARTER
    const few = { addresses: 1, folded: 0 }
    const single = planned({ ...few, typed: { max: 1_000_000, windowMs } })
    const windows = Math.floor((1e-4 * 31 ** 9) / 1_000_000)
    expect(single.longestLifeMs).toBe((windows - 1) * windowMs)
    expect(planned({ ...few, typed: { max: 900_000, windowMs } }).longestLifeMs).toBe(30 * DAY)
  })

  test('LIM-04 fewer guesses than there could be are taken as they are given', () => {
    const windowMs = QUARTER
    expect(planned({ typed: { max: 41, windowMs } }).typed.max).toBe(41)
    expect(planned({ typed: { max: 754, windowMs } })).toEqual(planned({}))
  })

  it('has a budget that counters can count, however roomy', () => {
    const lockout = { failures: 1_000, lockMs: SECOND }
    const roomy = { max: 1_000_000, windowMs: SECOND }
    const plan = planned({
      guessProbability: 0.1,
      liveCodes: 1,
      perMs: 100 * 365 * DAY,
      typed: { max: null, windowMs: 100 * 365 * DAY },
      lockout,
      redeem: roomy,
      preview: roomy,
    })
    expect(plan.typed.max).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER)
    expect(plan.chance).toBeLessThanOrEqual(0.1)
  })
})

describe('the refusal', () => {
  test('LIM-04 more guesses than are safe are refused, with the arithmetic and the number that would do', () => {
    expect(refused({ typed: { max: 755, windowMs: QUARTER } })).toMatchObject({
      reason:
        '`limits.typedCodes.max` 755 is too many: 755 guesses × 35,041 windows of 15 minutes in a year × ' +
        '100 live codes / 31^9 (2.64e13) codes = 1 in 9,993; tolerable is 1 in 10,000.',
      mend: 'limits: { typedCodes: { max: 754 } }',
    })
  })

  test('LIM-04 where addresses hold attackers back, and still not enough, these are what is reckoned with', () => {
    const wish = { addresses: 1_000, folded: 0, typed: { max: 1_000_000, windowMs: QUARTER } }
    expect(refused(wish)).toMatchObject({
      reason:
        '`limits.typedCodes.max` 1,000,000 is too many: (1,000 networks × 350,410 guesses + 0 as proxies that nobody declared) in a year × ' +
        '100 live codes / 31^9 (2.64e13) codes = 1 in 754; tolerable is 1 in 10,000.',
      mend: 'limits: { typedCodes: { max: 754 } }',
    })
  })

  test('LIM-04 so few guesses that one stranger could use them up are refused', () => {
    expect(refused({ typed: { max: 40, windowMs: QUARTER } })).toMatchObject({
      reason:
        '`limits.typedCodes.max` 40 is too few: within 15 minutes one network can guess 20 times ' +
        '(10 failures × 2 windows of 15 minutes) and 20 times as a proxy that nobody declared, ' +
        'so that one stranger would suspend typed codes for all.',
      mend: 'limits: { typedCodes: { max: 754 } }',
    })
    expect(refused({ folded: 0, typed: { max: 20, windowMs: QUARTER } }).reason).toContain(
      '(10 failures × 2 windows of 15 minutes), so that one stranger',
    )
    expect(planned({ folded: 0, typed: { max: 21, windowMs: QUARTER } }).typed.max).toBe(21)
    const often = { folded: 0, lockout: { failures: 10, lockMs: SECOND } }
    expect(refused({ typed: { max: 368, windowMs: QUARTER }, ...often }).reason).toContain(
      'one network can guess 368 times (8 redeems × 16 windows of a minute + 15 previews × 16 windows of a minute)',
    )
    expect(planned({ typed: { max: 369, windowMs: QUARTER }, ...often }).typed.max).toBe(369)
  })

  test('LIM-04 what even fifteen symbols are too short for is refused, with both numbers that would do', () => {
    expect(refused({ guessProbability: 7.4e-14 })).toMatchObject({
      reason:
        '`risk` leaves no room for honest people: 7.4e-14 × 31^15 (2.34e22) codes / 100 live codes / ' +
        '35,041 windows of 15 minutes in a year = 495 guesses a window for all together, and it must be 500: ' +
        '50 strangers who fail 10 times each must not suspend typed codes for all.',
      mend: 'risk: { guessProbability: 7.5e-14 } or risk: { liveCodes: 99 }',
    })
    expect(planned({ guessProbability: 7.4e-14, liveCodes: 99 }).symbols).toBe(15)
    expect(refused({ guessProbability: 1e-18, liveCodes: 1 }).mend).not.toContain('liveCodes')
  })

  test('LIM-04 guesses that leave a code no half minute are refused', () => {
    const wish = { addresses: 1, folded: 0, typed: { max: 2_000_000_000, windowMs: QUARTER } }
    expect(refused(wish)).toMatchObject({
      reason:
        '`limits.typedCodes.max` 2e9 is too many: 2e9 guesses × 2 windows of 15 minutes while one code lives 30 seconds / ' +
        '31^9 (2.64e13) codes = 1 in 6,609; tolerable is 1 in 10,000.',
      mend: 'limits: { typedCodes: { max: 754 } }',
    })
  })

  const junk = [Number.NaN, -1, 0, Infinity, -Infinity, 2 ** 53, 0.5, '1h', undefined, {}, 10n]
  const parts = {
    guessProbability: 'risk.guessProbability',
    perMs: 'risk.perMs',
    liveCodes: 'risk.liveCodes',
    addresses: 'risk.addresses',
    'typed.max': 'limits.typedCodes.max',
    'typed.windowMs': 'limits.typedCodes.windowMs',
    'lockout.failures': 'limits.lockout.failures',
    'lockout.lockMs': 'limits.lockout.lockMs',
    'redeem.max': 'limits.redeem.max',
    'redeem.windowMs': 'limits.redeem.windowMs',
    'preview.max': 'limits.preview.max',
    'preview.windowMs': 'limits.preview.windowMs',
  }
  test.each(Object.entries(parts))(
    'SEC-07 %s is refused and named when it is no number of its kind',
    (path, option) => {
      for (const value of [...junk, null]) {
        if (value === null && path === 'typed.max') continue
        const [outer, inner] = path.split('.') as [keyof RiskWish, string | undefined]
        const part = RISK_DEFAULTS[outer] as object
        const wrong = inner === undefined ? value : { ...part, [inner]: value }
        const { reason, mend } = refused({ [outer]: wrong } as Partial<RiskWish>)
        expect(reason).toContain(`\`${option}\` must be a`)
        expect(mend).toMatch(new RegExp(`^${inner ?? outer}: [\\d.]+$`))
      }
    },
  )

  test('SEC-07 each number ends where it is documented to', () => {
    expect(planned({ guessProbability: 0.1 }).symbols).toBe(9)
    expect(refused({ guessProbability: 0.11 }).reason).toContain('from 1e-18 to 0.1')
    expect(refused({ guessProbability: 9e-19 }).reason).toContain('from 1e-18 to 0.1')
    expect(planned({ liveCodes: 1_000 }).liveCodes).toBe(1_000)
    expect(refused({ liveCodes: 1_001 }).reason).toContain('from 1 to 1,000')
    expect(planned({ perMs: MINUTE }).perMs).toBe(MINUTE)
    expect(refused({ perMs: MINUTE - 1 }).reason).toContain('from a minute')
    expect(refused({ perMs: 100 * 365 * DAY + 1 }).reason).toContain('to a hundred years')
  })
})
