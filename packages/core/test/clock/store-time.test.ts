import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { createClockCheck } from '../../src/storage/clock-check.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { NOON } from '../kit/clock.ts'
import { handTimers, settled } from '../kit/workshop.ts'
import { bench, type Ask } from './comparison.ts'

const never = (): Promise<never> => new Promise(() => {})
const down = (): Promise<never> => Promise.reject(new Error('ECONNREFUSED'))

const WRONG: [name: string, ask: Ask][] = [
  ['NaN', async () => Number.NaN],
  ['Infinity', async () => Infinity],
  ['a negative number', async () => -1],
  ['what is no instant', async () => 9e15],
  ['text', async () => String(NOON)],
  ['nothing', async () => undefined],
  ['a failure', down],
  [
    'a throw',
    () => {
      throw new Error('not connected')
    },
  ],
]

describe('a store that does not tell its time', () => {
  test.each(WRONG)(
    'SEC-20 %s from the beginning: nothing is minted, until it tells it',
    async (_, ask) => {
      const { told, answer, errors } = bench()
      answer(ask)
      for (let count = 0; count < 3; count++) expect(await told()).toBe('store_unavailable')
      expect(errors).toEqual([])
      answer(null)
      expect(await told()).toBe('steady')
    },
  )

  test.each(WRONG)(
    'SEC-20 %s later on: what it told before is made do with for two minutes',
    async (_, ask) => {
      const { told, answer, pass } = bench()
      expect(await told()).toBe('steady')
      answer(ask)
      await pass(119_999)
      expect(await told()).toBe('steady')
      await pass(1)
      expect(await told()).toBe('store_unavailable')
      answer(null)
      expect(await told()).toBe('steady')
    },
  )

  test('SEC-20 while that is made do with, it is asked once a second, however many mint', async () => {
    const { told, answer, pass, asked } = bench()
    await told()
    answer(down)
    await pass(60_000)
    for (let count = 0; count < 20; count++) expect(await told()).toBe('steady')
    expect(asked()).toBe(2)
    await pass(1_000)
    for (let count = 0; count < 20; count++) expect(await told()).toBe('steady')
    expect(asked()).toBe(3)
  })

  test('SEC-20 a skew that was told stands for those two minutes', async () => {
    const { told, answer, pass } = bench(10_000)
    expect(await told()).toBe('clock_skew')
    answer(down)
    await pass(100_000)
    expect(await told()).toBe('clock_skew')
    await pass(20_000)
    expect(await told()).toBe('store_unavailable')
  })

  test('SEC-20 what was told of a clock that was set since counts no more', async () => {
    const { told, answer, set } = bench()
    expect(await told()).toBe('steady')
    answer(down)
    set(2_000)
    expect(await told()).toBe('store_unavailable')
  })

  test('SEC-20 one that hangs is waited for two seconds, by all at once, and asked again by the next', async () => {
    const { told, answer, pass, asked } = bench()
    answer(never)
    const crowd = Promise.all(Array.from({ length: 40 }, told))
    await settled()
    expect(asked()).toBe(1)
    await pass(2_000)
    expect(new Set(await crowd)).toEqual(new Set(['store_unavailable']))
    expect(asked()).toBe(1)
    answer(null)
    expect(await told()).toBe('steady')
  })

  test('SEC-20 what comes later than that is not believed', async () => {
    const { told, answer, pass, now } = bench()
    let late: (at: number) => void = () => {}
    answer(() => new Promise<number>((resolve) => void (late = resolve)))
    const first = told()
    await settled()
    await pass(2_000)
    expect(await first).toBe('store_unavailable')
    late(now())
    await settled()
    answer(down)
    expect(await told()).toBe('store_unavailable')
  })

  test('SEC-20 a clock that is set while the store is asked is compared once more', async () => {
    const { told, answer, set, now } = bench()
    answer(async () => {
      set(3_600_000)
      return now()
    })
    expect(await told()).toBe('store_unavailable')
    answer(null)
    expect(await told()).toBe('clock_skew')
  })

  test('SEC-20 a store that has no time is not asked', async () => {
    const { time: _, ...store } = memoryStore()
    const clock = fixedClock(NOON)
    const logger = { debug() {}, info() {}, warn() {}, error() {} }
    const check = createClockCheck({
      store,
      clock,
      timers: handTimers(clock),
      logger,
      deadlineMs: 2_000,
    })
    await check.requireSteady()
    expect(await check.isSkewed()).toBe(false)
  })
})
