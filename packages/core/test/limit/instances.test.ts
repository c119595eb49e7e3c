import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import type { Store } from '../../src/ports/store.ts'
import { MINUTE, SECOND } from '../../src/time.ts'
import { STORES } from '../kit/stores.ts'
import { NOON } from '../kit/clock.ts'
import {
  addressOf,
  createHouse,
  HOME,
  LOCK_MS,
  times,
  toldOf,
  wrongCode,
  type House,
} from '../kit/guessers.ts'
import type { LoggedOptions } from '../kit/newcomers.ts'
import { ROOMY } from '../kit/roomy.ts'
import { ORIGIN } from '../kit/server.ts'

describe.each(STORES)('on $name', (kind) => {
  /** Two instances of one secret; the clock of the second is `ahead` of that of the first. */
  function two(ahead: number, options: LoggedOptions): [House, House] {
    const [here, there] = kind.openTwo()
    const at = (store: Store, ms: number): House =>
      createHouse({ ...options, store, clock: fixedClock(NOON + MINUTE / 2 + ms) })
    return [at(here, 0), at(there, ahead)]
  }

  test.each([0, 4 * SECOND])('SEC-20 two instances have one window, %i ms apart', async (ahead) => {
    const houses = two(ahead, { limits: {} })
    const told: string[] = []
    for (let count = 0; count < 10; count++)
      told.push(toldOf(await houses[count % 2]!.redeem(wrongCode(count))))
    expect(told).toEqual([...times(8, 'code_invalid'), 'rate_limited', 'rate_limited'])
    const rule = { name: 'app', max: 4 }
    const passed: boolean[] = []
    for (let count = 0; count < 6; count++) {
      const request = new Request(`${ORIGIN}/app`)
      const { ok } = await houses[count % 2]!.pair.limit(request, { remoteAddress: HOME }, rule)
      passed.push(ok)
    }
    expect(passed).toEqual([true, true, true, true, false, false])
  })

  test.each([0, 4 * SECOND, -4 * SECOND])(
    'SEC-20 failures at either count together and lock at both, %i ms apart',
    async (ahead) => {
      const houses = two(ahead, { limits: ROOMY })
      const [first, second] = houses
      const right = await first.typed({ expiresInMs: 60 * MINUTE })
      for (let count = 0; count < 10; count++)
        expect(toldOf(await houses[count % 2]!.redeem(wrongCode(count)))).toBe('code_invalid')
      for (const house of houses) {
        const refused = await house.redeem(right)
        expect(toldOf(refused)).toBe('locked_out')
        const wait = Number(refused.headers.get('retry-after'))
        expect(wait).toBeLessThanOrEqual(LOCK_MS / SECOND)
        expect(wait).toBeGreaterThanOrEqual((LOCK_MS - Math.abs(ahead)) / SECOND - 1)
      }
      // Until the lock is nearly over both hold it; when it is over for the later clock both have let go.
      for (const house of houses) house.clock.advance(LOCK_MS - Math.abs(ahead) - 1)
      for (const house of houses) expect(toldOf(await house.redeem(right))).toBe('locked_out')
      for (const house of houses) house.clock.advance(2 * Math.abs(ahead) + 1)
      expect(toldOf(await second.preview(right))).toBe('in')
      expect(toldOf(await first.redeem(right))).toBe('in')
    },
  )

  test('SEC-20 where the hour turns between them, failures at either count together', async () => {
    const [first, second] = two(4 * SECOND, { limits: ROOMY })
    for (const house of [first, second]) house.clock.advance(59.5 * MINUTE - 2 * SECOND)
    await second.fail(5)
    expect(await first.fail(5)).toEqual(times(5, 'code_invalid'))
    expect(await first.fail(1)).toEqual(['locked_out'])
    expect(await second.fail(1)).toEqual(['locked_out'])
  })

  test('SEC-20 a lock that was lifted by a mint at one is lifted at the other', async () => {
    const [first, second] = two(4 * SECOND, { limits: ROOMY })
    await first.fail(5)
    await second.fail(4)
    expect(toldOf(await second.redeem(await first.typed()))).toBe('in')
    expect(await first.fail(5)).toEqual(times(5, 'code_invalid'))
    expect(await second.fail(6)).toEqual([...times(5, 'code_invalid'), 'locked_out'])
    expect(await first.fail(1)).toEqual(['locked_out'])
  })

  test('SEC-20 typed codes of both come out of one budget', async () => {
    const houses = two(4 * SECOND, { limits: { ...ROOMY, typedCodes: { max: 60 } } })
    const told: string[] = []
    for (let count = 0; count < 64; count++)
      told.push(toldOf(await houses[count % 2]!.redeem(wrongCode(count), addressOf(count))))
    expect(told).toEqual([...times(60, 'code_invalid'), ...times(4, 'codes_suspended')])
  })

  test('SEC-20 a hundred guesses at each of two instances at once are ten', async () => {
    const houses = two(4 * SECOND, { limits: ROOMY })
    const told = await Promise.all(
      times(200, '').map(async (_, at) => toldOf(await houses[at % 2]!.redeem(wrongCode(at)))),
    )
    expect(told.filter((word) => word === 'code_invalid')).toHaveLength(10)
    expect(told.filter((word) => word === 'locked_out')).toHaveLength(190)
  })

  test('SEC-20 no two namespaces of a store share anything of it', async () => {
    const [one, other] = kind
      .openTwo()
      .map((store, at) =>
        createHouse({ limits: ROOMY, store, namespace: ['one', 'other'][at]! }),
      ) as [House, House]
    await one.fail(10)
    expect(await one.fail(1)).toEqual(['locked_out'])
    expect(await other.fail(1)).toEqual(['code_invalid'])
  })
})
