import { describe, expect, test } from 'vitest'
import { isPairError } from '../../src/errors.ts'
import { aheadBy } from '../../src/storage/clock-check.ts'
import { bench } from './comparison.ts'

describe('how far apart', () => {
  test.each([0, 1, 4_900, 5_000, -4_900, -5_000])('SEC-20 %i ms is steady', async (ms) => {
    expect(await bench(ms).told()).toBe('steady')
  })

  test.each([5_001, 10_000, 86_400_000, -5_001, -10_000, -86_400_000])(
    'SEC-20 %i ms is not: the operator is told how much',
    async (ms) => {
      const { told, check, errors } = bench(ms)
      expect(await told()).toBe('clock_skew')
      expect(await check.isSkewed()).toBe(true)
      expect(errors).toMatchObject([{ fields: { aheadMs: ms, allowedMs: 5_000 } }])
    },
  )

  test('SEC-20 the figures are in the reason, for the operator alone', async () => {
    const error = await bench(-12_345)
      .check.requireSteady()
      .catch((thrown: unknown) => thrown)
    if (!isPairError(error)) throw new Error('not refused')
    expect(error.reason).toContain('12345 ms behind')
    expect(`${error.message} ${error.hint} ${JSON.stringify(error.members)}`).not.toContain('12345')
  })

  test.each([
    { before: 0, told: 0, after: 0, ahead: 0 },
    { before: 0, told: 0, after: 3_000, ahead: 0 },
    { before: 0, told: 3_000, after: 3_000, ahead: 0 },
    { before: 10_000, told: 0, after: 13_000, ahead: 10_000 },
    { before: -13_000, told: 0, after: -10_000, ahead: -10_000 },
  ])(
    'SEC-20 only what no delay explains counts: asked at $before, told $told, answered at $after',
    ({ before, told, after, ahead }) => {
      expect(aheadBy(before, told, after)).toBe(ahead)
    },
  )

  test.each(['at once', 'at the end'])(
    'SEC-20 an answer that takes 1.9 s, read %s, is not taken for a skew of the 4 s that there are',
    async (read) => {
      for (const ahead of [4_000, -4_000]) {
        const { told, answer, timers, now } = bench(ahead)
        answer(async () => {
          const before = now()
          await timers.pass(1_900)
          return read === 'at once' ? before : now()
        })
        expect(await told()).toBe('steady')
      }
    },
  )
})

describe('how often the store is asked', () => {
  test('SEC-20 once a minute, however many mint', async () => {
    const { told, pass, asked } = bench()
    await Promise.all(Array.from({ length: 40 }, told))
    expect(asked()).toBe(1)
    for (let second = 0; second < 59; second++) {
      await pass(1_000)
      expect(await told()).toBe('steady')
    }
    expect(asked()).toBe(1)
    await pass(1_000)
    await Promise.all(Array.from({ length: 40 }, told))
    expect(asked()).toBe(2)
  })

  test.each([10_000, -10_000])(
    'SEC-20 a clock that is set by %i ms is compared at once, and again when it is put right',
    async (ms) => {
      const { told, set, pass } = bench()
      expect(await told()).toBe('steady')
      set(ms)
      expect(await told()).toBe('clock_skew')
      await pass(100)
      expect(await told()).toBe('clock_skew')
      set(-ms)
      expect(await told()).toBe('steady')
    },
  )

  test('SEC-20 a clock that runs away slowly is found within a minute', async () => {
    const { told, set, pass } = bench(4_500)
    expect(await told()).toBe('steady')
    set(900)
    expect(await told()).toBe('steady')
    await pass(60_000)
    expect(await told()).toBe('clock_skew')
  })

  test('SEC-20 a store that was put right is heard within a second', async () => {
    const { told, answer, pass, now } = bench()
    answer(async () => now() + 10_000)
    expect(await told()).toBe('clock_skew')
    answer(null)
    expect(await told()).toBe('clock_skew')
    await pass(1_000)
    expect(await told()).toBe('steady')
  })

  test('SEC-20 the operator is told once a minute as long as it lasts, and not when nobody mints', async () => {
    const { told, pass, errors } = bench(10_000)
    for (let second = 0; second < 180; second++) {
      for (let count = 0; count < 5; count++) await told()
      await pass(1_000)
    }
    expect(errors).toHaveLength(3)
    await pass(600_000)
    expect(errors).toHaveLength(3)
  })
})
