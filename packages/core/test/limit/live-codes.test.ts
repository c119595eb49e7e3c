import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/time.ts'
import { STORES } from '../kit/stores.ts'
import { createHouse, HOME, times, toldOf, type House } from '../kit/guessers.ts'
import { issue, OWNER, paired } from '../kit/owners.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { ROOMY } from '../kit/roomy.ts'

const live = async ({ pair }: House): Promise<string[]> =>
  (await pair.codes.list({ limit: 1_000 })).items.map(({ id }) => id)

const evicted = async ({ pair }: House): Promise<(string | undefined)[]> =>
  (await pair.audit.read({ limit: 1_000 })).items
    .filter(({ type }) => type === 'code.evicted')
    .map(({ codeId }) => codeId)

describe.each(STORES)('on $name', (store) => {
  const open = (liveCodes: number, seed = 0): House => {
    const real = store.open()
    return createHouse({
      limits: ROOMY,
      risk: { liveCodes },
      store: seed ? jitteredStore(real, seed) : real,
    })
  }

  test('LIM-04 no more codes are alive than the plan says, of all issuers together: one more ends the oldest and says so', async () => {
    const house = open(6)
    const devices = [await paired(house, OWNER), await paired(house, OWNER)]
    const made: { id: string; typed: string }[] = []
    for (let count = 0; count < 15; count++) {
      const by = devices[count % 3]
      if (by) {
        const answer = await issue(by)
        made.push({ id: answer.code.id, typed: answer.typed })
      } else {
        const { code, typed } = await house.pair.codes.issue({})
        made.push({ id: code.id, typed })
      }
      house.clock.advance(1_000)
      expect((await live(house)).sort()).toEqual(
        made
          .slice(-6)
          .map(({ id }) => id)
          .sort(),
      )
    }
    expect(await evicted(house)).toEqual(made.slice(0, 9).map(({ id }) => id))
    const told: string[] = []
    for (const [at, { typed }] of made.entries())
      told.push(toldOf(await house.redeem(typed, `192.0.2.${at}`)))
    expect(told).toEqual([...times(9, 'code_invalid'), ...times(6, 'in')])
  })

  test('LIM-04 what is used up or over makes room: nothing alive is ended for it', async () => {
    const house = open(3)
    const used = await house.typed()
    await house.typed({ expiresInMs: MINUTE })
    const third = await house.typed({ expiresInMs: 60 * MINUTE })
    await house.redeem(used)
    await house.typed({ expiresInMs: 60 * MINUTE })
    expect(await evicted(house)).toEqual([])
    house.clock.advance(MINUTE)
    await house.typed({ expiresInMs: 60 * MINUTE })
    expect(await evicted(house)).toEqual([])
    expect(await live(house)).toHaveLength(3)
    expect(toldOf(await house.preview(third))).toBe('in')
  })

  test.each([20, 21, 25])(
    'LIM-04 with %i for all and twenty for one issuer a code is ended once, by whichever comes first',
    async (liveCodes) => {
      const house = open(liveCodes)
      const device = await paired(house, OWNER)
      for (let count = 0; count < 30; count++) {
        await house.pair.codes.issue({})
        if (count % 3 === 0) await issue(device)
        house.clock.advance(1_000)
        const alive = await live(house)
        expect(alive.length).toBeLessThanOrEqual(liveCodes)
        const gone = await evicted(house)
        expect(new Set(gone).size).toBe(gone.length)
        expect(gone.filter((id) => alive.includes(String(id)))).toEqual([])
      }
      expect(await live(house)).toHaveLength(liveCodes)
    },
    20_000,
  )

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'LIM-04 of 40 issued at once no more are left alive, each ended once (round %i)',
    async (seed) => {
      const house = open(7, seed)
      const codes = await race(async () => house.pair.codes.issue({}))
      const alive = await live(house)
      expect(alive).toHaveLength(7)
      const gone = await evicted(house)
      expect(gone).toHaveLength(33)
      expect(new Set([...gone, ...alive]).size).toBe(40)
      const inside = codes.filter(({ code }) => alive.includes(code.id))
      for (const { typed } of inside) expect(toldOf(await house.redeem(typed, HOME))).toBe('in')
    },
    20_000,
  )
})
