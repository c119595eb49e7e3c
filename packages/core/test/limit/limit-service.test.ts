import { describe, expect, test } from 'vitest'
import { createLimitService, type LimitService } from '../../src/limit/limit-service.ts'
import type { Records } from '../../src/records.ts'
import type { Settings } from '../../src/settings.ts'
import { MINUTE } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { HOME, openCounted, type Counted } from '../kit/counted.ts'

const FOLDED = { ...HOME, folded: true }

/** One request of each class a minute. */
function open(): { at: Counted; limits: LimitService } {
  const at = openCounted()
  const rule = { max: 1, windowMs: MINUTE }
  const classes = { redeem: rule, preview: rule, change: rule, poll: rule }
  const limits = createLimitService({
    records: { counters: at.counters, attempts: at.attempts } as Records,
    clock: at.clock,
    settings: { limits: { classes } } as unknown as Settings,
    requireSteadyClock: async () => {},
  })
  return { at, limits }
}

const refused = { code: 'rate_limited', members: { retryAfter: 60 } }

describe('a request', () => {
  test('LIM-01 is counted by class and address, and one too many refused', async () => {
    const { limits, at } = open()
    expect(await limits.count('change', HOME)).toEqual({
      name: 'change',
      max: 1,
      windowMs: MINUTE,
      remaining: 0,
      resetAt: NOON + MINUTE,
    })
    await expect(limits.count('change', HOME)).rejects.toMatchObject(refused)
    await limits.count('poll', HOME)
    await limits.count('change', { ...HOME, network: '198.51.100.1' })
    at.clock.advance(MINUTE)
    await limits.count('change', HOME)
  })

  test('LIM-07 of who may share an address is one of twenty', async () => {
    const { limits } = open()
    expect(await limits.count('change', FOLDED)).toMatchObject({ max: 20, remaining: 19 })
    // counted apart from those who come directly
    expect(await limits.count('change', HOME)).toMatchObject({ max: 1, remaining: 0 })
  })

  test('LIM-01 that was refused takes nothing from those that are not', async () => {
    const { limits } = open()
    expect(await limits.countRefused(HOME)).toMatchObject({ name: 'change', remaining: 0 })
    await expect(limits.countRefused(HOME)).rejects.toMatchObject(refused)
    await limits.countRefused({ ...HOME, network: '198.51.100.1' })
    expect(await limits.count('change', HOME)).toMatchObject({ remaining: 0 })
  })

  test('LIM-07 that was refused is not counted where many share an address', async () => {
    const { limits } = open()
    for (let n = 0; n < 3; n++) expect(await limits.countRefused(FOLDED)).toBeNull()
  })

  test('LIM-01 of who is known is counted by his id, wherever he comes from', async () => {
    const { limits } = open()
    expect(await limits.countKnown('poll', 'ses_one')).toMatchObject({ name: 'poll', max: 1 })
    await limits.countKnown('poll', 'ses_two')
    await expect(limits.countKnown('poll', 'ses_one')).rejects.toMatchObject(refused)
  })

  test('LIM-01 by a rule of the app is counted apart from ours', async () => {
    const { limits } = open()
    const rule = { max: 2, windowMs: MINUTE }
    expect(await limits.countApp('change', rule, HOME)).toMatchObject({
      name: 'app-change',
      max: 2,
      remaining: 1,
    })
    expect(await limits.countApp('change', rule, FOLDED)).toMatchObject({ max: 40, remaining: 39 })
    expect(await limits.count('change', HOME)).toMatchObject({ remaining: 0 })
  })
})

test('LIM-02 a guess that nothing was looked up for is taken back, also where the store is gone', async () => {
  const { limits, at } = open()
  for (let n = 0; n < 20; n++) await limits.abandon(await at.enter())
  const last = await at.enter()
  at.fail('throws')
  await limits.abandon(last)
})

test('LIM-05 counters are forgotten when their window is over, not before', async () => {
  const { at } = open()
  const rule = { max: 5, windowMs: MINUTE }
  const left = async (): Promise<number> =>
    (await at.counters.count('some', 'one', rule, NOON, 0)).standing.remaining
  await at.counters.count('some', 'one', rule, NOON)
  await at.space.purge(NOON + MINUTE)
  expect(await left()).toBe(4)
  await at.space.purge(NOON + 2 * MINUTE)
  expect(await left()).toBe(5)
})
