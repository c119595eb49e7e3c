import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/time.ts'
import { STORES } from '../kit/stores.ts'
import { createApplicant } from '../kit/applicants.ts'
import {
  createHouse,
  HOME,
  LOCKOUT_ONLY,
  times,
  toldOf,
  wrongCode,
  type House,
} from '../kit/guessers.ts'
import { keptSecrets } from '../kit/secrets.ts'

describe.each(STORES)('on $name', (store) => {
  const open = (options: Parameters<typeof createHouse>[0] = {}): House =>
    createHouse({ ...LOCKOUT_ONLY, store: store.open(), ...options })

  test('LIM-02 the first mint by a single-use code clears: ten more may be wrong', async () => {
    const house = open()
    for (let round = 0; round < 3; round++) {
      await house.fail(9)
      expect(toldOf(await house.redeem(await house.typed()))).toBe('in')
    }
    expect(await house.fail(11)).toEqual([...times(10, 'code_invalid'), 'locked_out'])
  })

  test('LIM-02 a code is used once: bringing it again clears nothing, and counts as wrong', async () => {
    const house = open()
    const code = await house.typed()
    await house.fail(4)
    expect(toldOf(await house.redeem(code))).toBe('in')
    for (let count = 0; count < 10; count++)
      expect(toldOf(await house.redeem(code))).toBe('code_invalid')
    expect(toldOf(await house.redeem(await house.typed()))).toBe('locked_out')
  })

  /** Nine are wrong, then comes what is neither right nor wrong of itself, many times; one more wrong one locks. */
  async function neitherClearsNorCounts(
    house: House,
    deed: () => Promise<string>,
    told: string,
  ): Promise<void> {
    await house.fail(9)
    for (let count = 0; count < 12; count++) expect(await deed()).toBe(told)
    expect(await house.fail(2)).toEqual(['code_invalid', 'locked_out'])
  }

  test('LIM-02 a use of a code for many neither clears nor counts', async () => {
    const house = open()
    const code = await house.typed({ uses: 30 })
    await neitherClearsNorCounts(house, async () => toldOf(await house.redeem(code)), 'in')
  })

  test('LIM-02 nor does one of a code without a number of uses', async () => {
    const house = open()
    const code = await house.linked({ uses: 'unlimited' })
    await neitherClearsNorCounts(house, async () => toldOf(await house.redeem(code)), 'in')
  })

  test('LIM-02 nor does a good preview', async () => {
    const house = open()
    const code = await house.typed()
    await neitherClearsNorCounts(house, async () => toldOf(await house.preview(code)), 'in')
  })

  test('LIM-02 nor does a right code that asks for more than it gives', async () => {
    const house = open()
    const code = await house.typed({ scopes: ['notes:read'] as never })
    const scopes = ['notes:write']
    await neitherClearsNorCounts(
      house,
      async () => toldOf(await house.redeem(code, HOME, { scopes })),
      'insufficient_scope',
    )
  })

  test('LIM-02 nor does a code that a person decides over, held again and again', async () => {
    const house = open({ admission: 'code+approval' })
    const applicant = await createApplicant(house, { address: HOME })
    const code = await house.typed()
    await neitherClearsNorCounts(
      house,
      async () => String((await applicant.redeem(code)).status),
      '202',
    )
  })

  test('LIM-02 the server’s first owner clears what he mistyped', async () => {
    const house = open({ secret: keptSecrets(), keyless: 'full' })
    await house.fail(9)
    const device = { label: 'A phone', kind: 'browser' }
    const { secret } = (await house.pair.ownerSecret({ origin: house.origin }))!
    expect(toldOf(await house.ask('claim-owner', { secret, device }))).toBe('in')
    expect(await house.fail(11)).toEqual([...times(10, 'code_invalid'), 'locked_out'])
  })

  test('CODE-04 nine wrong codes and a good preview, again and again, lock all the same', async () => {
    for (const way of ['redeem', 'preview'] as const) {
      const house = open()
      const code = await house.typed({ expiresInMs: 60 * MINUTE })
      const told: string[] = []
      for (let round = 0; round < 3; round++) {
        for (let miss = 0; miss < 9; miss++) told.push(toldOf(await house[way](wrongCode(miss))))
        told.push(toldOf(await house.preview(code)))
      }
      expect(told.slice(0, 11)).toEqual([...times(9, 'code_invalid'), 'in', 'code_invalid'])
      expect(told.slice(11)).toEqual(times(19, 'locked_out'))
    }
  })

  test('CODE-04 a preview uses nothing up, however often, and shows the same each time', async () => {
    const house = open()
    const code = await house.typed()
    const shown = new Set<string>()
    for (let count = 0; count < 40; count++) {
      const answer = await house.preview(code)
      expect(answer.status).toBe(200)
      shown.add(answer.text)
    }
    expect(shown.size).toBe(1)
    expect((await house.pair.codes.list()).items.map(({ used }) => used)).toEqual([0])
    expect(toldOf(await house.redeem(code))).toBe('in')
  })
})
