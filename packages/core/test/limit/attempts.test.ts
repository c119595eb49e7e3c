import { describe, expect, test } from 'vitest'
import type { Subject } from '../../src/limit/limits.ts'
import { PairError } from '../../src/errors.ts'
import { HOUR, MINUTE, SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { HOME, openCounted } from '../kit/counted.ts'

const LOCK = 15 * MINUTE
const FOLDED: Subject = { network: HOME.network, folded: true }
const ELSEWHERE: Subject = { network: '198.51.100.1', folded: false }
const LINK = { of: 'unguessable' } as const
const RECORD = ['lockout', HOME.network, 'record']

async function times(count: number, what: () => Promise<string>): Promise<string[]> {
  const told: string[] = []
  for (let n = 0; n < count; n++) told.push(await what())
  return told
}
const all = (count: number, what: string): string[] => Array.from({ length: count }, () => what)

/** The window of a class where there is room for so many. */
const narrow = (max: number): Parameters<typeof openCounted>[0] => ({
  classes: { redeem: { max, windowMs: MINUTE }, preview: { max, windowMs: MINUTE } } as never,
})

describe('the window of a class', () => {
  test('LIM-01 has so many guesses, each class and each address its own', async () => {
    const at = openCounted(narrow(2))
    expect(await times(3, () => at.right(false))).toEqual(['right', 'right', 'rate_limited'])
    expect(await at.right(false, { as: 'preview' })).toBe('right')
    expect(await at.right(false, { by: ELSEWHERE })).toBe('right')
    expect(await at.begin()).toEqual({
      ok: false,
      why: 'rate_limited',
      standing: {
        name: 'redeem',
        max: 2,
        windowMs: MINUTE,
        remaining: 0,
        resetAt: NOON + MINUTE,
      },
    })
    at.clock.advance(MINUTE)
    expect(await at.right(false)).toBe('right')
  })

  test('LIM-01 is told to who may pass', async () => {
    const at = openCounted(narrow(2))
    const { standing, of } = await at.enter()
    expect(standing).toMatchObject({ name: 'redeem', max: 2, remaining: 1 })
    expect(of).toBe('typed')
  })

  test('LIM-07 has room for twenty times as many who share an address, and ten times that for their links', async () => {
    const at = openCounted(narrow(2))
    expect((await at.enter({ by: FOLDED })).standing).toMatchObject({
      name: 'redeem',
      max: 40,
      remaining: 39,
    })
    expect((await at.enter({ by: FOLDED, ...LINK })).standing).toMatchObject({
      name: 'redeem-links',
      max: 400,
      remaining: 399,
    })
    expect((await at.enter({ by: FOLDED, ...LINK, as: 'preview' })).standing).toMatchObject({
      name: 'preview-links',
    })
    expect((await at.enter(LINK)).standing).toMatchObject({ name: 'redeem', max: 2 })
  })
})

describe('ten wrong ones', () => {
  test.each([
    ['typed', {}],
    ['unguessable', LINK],
  ])('LIM-02 in a row lock for a quarter of an hour (%s)', async (_, guess) => {
    const at = openCounted()
    expect(await times(11, () => at.wrong(guess))).toEqual([...all(10, 'wrong'), 'locked_out'])
    expect(await at.begin(guess)).toEqual({
      ok: false,
      why: 'locked_out',
      standing: {
        name: 'lockout',
        max: 10,
        windowMs: LOCK,
        remaining: 0,
        resetAt: NOON + LOCK,
      },
    })
    expect(await at.right(false, { by: ELSEWHERE })).toBe('right')
    at.clock.advance(LOCK - 1)
    expect(await at.right(false)).toBe('locked_out')
    at.clock.advance(1)
    expect(await times(11, () => at.wrong(guess))).toEqual([...all(10, 'wrong'), 'locked_out'])
  })

  test('SEC-03 begin the lock when the last of them came, not when it was judged', async () => {
    const at = openCounted()
    await times(9, () => at.wrong())
    const last = await at.enter()
    at.clock.advance(5 * SECOND)
    const wrong = (): Promise<never> => Promise.reject(new PairError('code_invalid'))
    await expect(at.attempts.judge(last, at.clock, wrong)).rejects.toThrow(PairError)
    expect(await at.begin()).toMatchObject({ standing: { resetAt: NOON + LOCK } })
  })

  test('LIM-02 lock nobody where right ones come between, which neither clear nor count', async () => {
    const at = openCounted()
    for (let round = 0; round < 9; round++)
      expect(await times(2, () => (round % 2 ? at.wrong() : at.right(false)))).not.toContain(
        'locked_out',
      )
    expect(await times(3, () => at.wrong())).toEqual(['wrong', 'wrong', 'locked_out'])
  })

  test('LIM-02 are none if a single-use code made a session before the last of them', async () => {
    const at = openCounted()
    await times(9, () => at.wrong())
    expect(await at.right(true)).toBe('right')
    expect(await times(11, () => at.wrong())).toEqual([...all(10, 'wrong'), 'locked_out'])
  })

  test('LIM-02 a first mint by who never failed leaves nothing in the store', async () => {
    const at = openCounted()
    expect(await at.right(true)).toBe('right')
    expect(await at.stored(RECORD)).toBeNull()
    await at.wrong()
    expect(await at.right(true)).toBe('right')
    expect(await at.stored(RECORD)).toMatchObject({ record: { generation: 1, lockedAt: null } })
  })

  test('LIM-07 lock nobody who may share his address, and write nothing', async () => {
    const at = openCounted()
    const { place } = await at.enter({ by: FOLDED })
    expect(place).toBeNull()
    expect(await times(30, () => at.wrong({ by: FOLDED }))).toEqual(all(30, 'wrong'))
    expect(await at.stored(RECORD)).toBeNull()
  })

  test('LIM-02 a fault says nothing of the code: it does not count as wrong', async () => {
    const at = openCounted()
    for (const error of [
      new Error('code_invalid'),
      new PairError('store_unavailable'),
      'code_invalid',
      null,
    ])
      for (let n = 0; n < 5; n++) {
        const attempt = await at.enter()
        const fault = (): Promise<never> => Promise.reject(error as Error)
        await expect(at.attempts.judge(attempt, at.clock, fault)).rejects.toBe(error)
      }
    expect(await times(11, () => at.wrong())).toEqual([...all(10, 'wrong'), 'locked_out'])
  })

  test('LIM-02 one that nothing was looked up for is taken back', async () => {
    const at = openCounted()
    for (let n = 0; n < 20; n++) await at.attempts.abandon(await at.enter(), at.clock())
    expect(await times(11, () => at.wrong())).toEqual([...all(10, 'wrong'), 'locked_out'])
    const shared = await at.enter({ by: FOLDED })
    await expect(at.attempts.abandon(shared, at.clock())).resolves.toBeUndefined()
  })

  test('LIM-02 of long ago count no more, and those of the slice before do', async () => {
    const at = openCounted()
    await times(9, () => at.wrong())
    at.clock.advance(HOUR)
    expect(await times(2, () => at.wrong())).toEqual(['wrong', 'locked_out'])
    const other = openCounted()
    await times(9, () => other.wrong())
    other.clock.advance(2 * HOUR)
    expect(await times(11, () => other.wrong())).toEqual([...all(10, 'wrong'), 'locked_out'])
  })
})

describe('many at once', () => {
  test.each([
    ['typed', {}],
    ['unguessable', LINK],
  ])('SEC-03 ten are looked at, the others locked out for a second (%s)', async (_, guess) => {
    const at = openCounted()
    const begun = await Promise.all(Array.from({ length: 40 }, () => at.begin(guess)))
    expect(begun.filter(({ ok }) => ok)).toHaveLength(10)
    for (const each of begun)
      if (!each.ok) {
        expect(each.why).toBe('locked_out')
        expect(each.standing.resetAt).toBeLessThanOrEqual(NOON + LOCK)
      }
  })

  test('SEC-03 who comes to ten that are looked at is held up until they are judged right', async () => {
    const at = openCounted()
    const ten = await Promise.all(Array.from({ length: 10 }, () => at.enter()))
    expect(await at.begin()).toMatchObject({
      ok: false,
      why: 'locked_out',
      standing: { name: 'lockout', resetAt: NOON + SECOND },
    })
    expect(await at.stored(RECORD)).toMatchObject({ record: { generation: 0, lockedAt: NOON } })
    for (const attempt of ten)
      await at.attempts.judge(attempt, at.clock, async () => ({ answer: null, minted: false }))
    expect(await at.right(false)).toBe('right')
  })
})
