import { describe, expect, test } from 'vitest'
import type { Subject } from '../../src/limit/limits.ts'
import { HOUR, MINUTE } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { HOME, openCounted, type Counted } from '../kit/counted.ts'

const LOCK = 15 * MINUTE
const FOLDED: Subject = { network: HOME.network, folded: true }
const ELSEWHERE: Subject = { network: '198.51.100.1', folded: false }
const LINK = { of: 'unguessable' } as const

async function times(count: number, what: () => Promise<string>): Promise<string[]> {
  const told: string[] = []
  for (let n = 0; n < count; n++) told.push(await what())
  return told
}
const all = (count: number, what: string): string[] => Array.from({ length: count }, () => what)

describe('the budget of typed codes', () => {
  const typed = (max: number): Parameters<typeof openCounted>[0] => ({
    typed: { max, windowMs: LOCK },
  })
  const suspended = (max: number): object => ({
    ok: false,
    why: 'codes_suspended',
    standing: { name: 'typed-codes', max, windowMs: LOCK, remaining: 0, resetAt: NOON + LOCK },
  })

  test('LIM-04 is that of all together, and links take nothing from it', async () => {
    const at = openCounted(typed(2))
    expect(await times(5, () => at.right(false, LINK))).toEqual(all(5, 'right'))
    expect(await at.right(false, { by: ELSEWHERE })).toBe('right')
    expect(await at.right(false)).toBe('right')
    expect(await at.begin()).toEqual(suspended(2))
    expect(await at.right(false, LINK)).toBe('right')
    at.clock.advance(LOCK)
    expect(await at.right(false)).toBe('right')
  })

  test('LIM-04 counts nobody as failed who comes when it is spent', async () => {
    const at = openCounted(typed(1))
    await at.wrong()
    expect(await times(20, () => at.wrong())).toEqual(all(20, 'codes_suspended'))
    const begun = ['limit', 'begun', HOME.network, `0.${NOON / HOUR}`]
    // nothing was counted that would have to be taken back
    expect(await at.space.increment(begun, 0, NOON + HOUR)).toBe(1)
    expect(await times(10, () => at.wrong(LINK))).toEqual([...all(9, 'wrong'), 'locked_out'])
  })

  test('LIM-07 who may share an address has half of it', async () => {
    const at = openCounted(typed(5))
    expect(await times(2, () => at.right(false, { by: FOLDED }))).toEqual(all(2, 'right'))
    expect(await at.begin({ by: FOLDED })).toEqual(suspended(2))
    expect(await times(4, () => at.right(false))).toEqual([...all(3, 'right'), 'codes_suspended'])
    const other = openCounted(typed(5))
    await times(5, () => other.right(false))
    expect(await other.begin({ by: FOLDED })).toEqual(suspended(5))
  })

  test('LIM-04 is not passed by many at once, and who did not pass did not fail', async () => {
    const at = openCounted(typed(3))
    const begun = await Promise.all(Array.from({ length: 9 }, () => at.begin()))
    expect(begun.filter(({ ok }) => ok)).toHaveLength(3)
    expect(begun.filter((each) => !each.ok && each.why === 'codes_suspended')).toHaveLength(6)
    // three are looked at: seven more may fail
    expect(await times(8, () => at.wrong(LINK))).toEqual([...all(7, 'wrong'), 'locked_out'])
  })

  test('LIM-05 where it can not be counted nobody passes, and nobody failed', async () => {
    const at = openCounted()
    const spends = (key: readonly string[]): boolean => key.includes('typed-codes')
    let asked = 0
    at.fail('throws', (key) => spends(key) && ++asked % 2 === 0)
    for (let n = 0; n < 12; n++)
      await expect(at.begin()).rejects.toMatchObject({ code: 'store_unavailable' })
    at.fail(null)
    expect(await times(11, () => at.wrong())).toEqual([...all(10, 'wrong'), 'locked_out'])
  })
})

describe('a store that does not answer', () => {
  test('LIM-05 keeps nobody from what he was told: the guess counts as wrong', async () => {
    const at: Counted = openCounted()
    const [right, wrong] = [await at.enter(), await at.enter()]
    at.fail('throws')
    const answer = await at.attempts.judge(right, at.clock, async () => ({
      answer: 'right',
      minted: false,
    }))
    expect(answer).toBe('right')
    const error = new Error('over')
    const fault = (): Promise<never> => Promise.reject(error)
    await expect(at.attempts.judge(wrong, at.clock, fault)).rejects.toBe(error)
    at.fail(null)
    expect(await times(9, () => at.wrong())).toEqual([...all(8, 'wrong'), 'locked_out'])
  })
})

describe('locks that are no danger', () => {
  const spend = (at: Counted, count: number): Promise<number> =>
    at.space.increment(['limit', 'locks', 'all', String(NOON / LOCK)], count, NOON + LOCK)

  test('LIM-05 are ten thousand at most: more wrong links lock nobody', async () => {
    const at = openCounted()
    await spend(at, 9_999)
    expect(await times(11, () => at.wrong(LINK))).toEqual([...all(10, 'wrong'), 'locked_out'])
    const next = { ...LINK, by: ELSEWHERE }
    expect(await times(11, () => at.wrong(next))).toEqual(all(11, 'wrong'))
  })

  test('LIM-05 typed codes lock also then', async () => {
    const at = openCounted()
    await spend(at, 20_000)
    expect(await times(11, () => at.wrong())).toEqual([...all(10, 'wrong'), 'locked_out'])
  })
})
