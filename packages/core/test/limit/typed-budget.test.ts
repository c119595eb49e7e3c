import { describe, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/time.ts'
import { STORES } from '../kit/stores.ts'
import { ROOMY } from '../kit/roomy.ts'
import { addressOf, createHouse, HOME, toldOf, wrongCode, type House } from '../kit/guessers.ts'

const BEHIND = { 'x-forwarded-for': '192.0.2.1' }
const WINDOW_MS = 15 * MINUTE

/** Wrong typed codes from ever other addresses until they are suspended; answers how many were judged. */
async function spend(house: House, headers = {}, from?: string, first = 0): Promise<number> {
  for (let guess = first; guess < first + 1_000; guess++) {
    const body = { code: wrongCode(guess) }
    const told = toldOf(await house.ask('redeem', body, from ?? addressOf(guess >> 3), headers))
    if (told === 'codes_suspended') return guess - first
    if (told !== 'code_invalid') throw new Error(`told ${told}`)
  }
  throw new Error('never suspended')
}

test('LIM-04 out of the box that are 754 in fifteen minutes, and 377 for those who write a proxy’s header', async () => {
  const house = createHouse({ limits: ROOMY })
  expect(house.pair.risk.typed).toEqual({ max: 754, windowMs: WINDOW_MS })
  expect(await spend(house, BEHIND, HOME)).toBe(377)
  expect(await spend(house)).toBe(377)
  house.clock.advance(WINDOW_MS)
  expect(await spend(house, {}, undefined, 8_000)).toBe(754)
})

describe.each(STORES)('on $name', (store) => {
  /** As out of the box, but that a budget of so few is spent sooner. */
  const open = (): House =>
    createHouse({ limits: { ...ROOMY, typedCodes: { max: 100 } }, store: store.open() })

  test('LIM-04 typed codes of all together are so many in a window as the plan says; then they are suspended, for all', async () => {
    const house = open()
    const long = { expiresInMs: 60 * MINUTE } as const
    const [typed, linked] = [await house.typed(long), await house.linked(long)]
    const paired = await house.redeem(await house.linked(), HOME, { transport: 'bearer' })
    house.clock.advance(1_234)
    expect(house.pair.risk.typed).toEqual({ max: 100, windowMs: WINDOW_MS })
    expect(await spend(house)).toBe(100)

    const refused = await house.redeem(typed)
    expect([refused.status, toldOf(refused)]).toEqual([429, 'codes_suspended'])
    const wait = WINDOW_MS - 1_234
    expect(Number(refused.headers.get('retry-after'))).toBe(Math.floor(wait / SECOND))
    expect(toldOf(await house.preview(typed))).toBe('codes_suspended')
    // A link has 128 bits: nobody guesses it.
    expect(toldOf(await house.preview(linked))).toBe('in')
    expect(toldOf(await house.redeem(linked))).toBe('in')
    const headers = { authorization: `Bearer ${String(paired.body.accessToken)}` }
    const info = { remoteAddress: HOME }
    expect((await house.call('/auth/session', { headers, info })).body.authenticated).toBe(true)
    expect((await house.ask('tickets', { for: 'socket' }, HOME, headers)).status).toBe(200)

    house.clock.advance(wait - 1)
    expect(toldOf(await house.redeem(typed))).toBe('codes_suspended')
    house.clock.advance(1)
    expect(toldOf(await house.redeem(typed))).toBe('in')
  })

  test('LIM-04 who is refused by it is not held to have failed, and who is locked or limited doesn’t spend it', async () => {
    const house = open()
    await house.fail(10, '192.0.2.1')
    for (let count = 0; count < 50; count++) await house.fail(1, '192.0.2.1')
    // Links don't spend it either.
    for (let count = 0; count < 9; count++) await house.redeem('A'.repeat(22), '192.0.2.2')
    expect(await spend(house)).toBe(90)
    for (let count = 0; count < 20; count++)
      expect(toldOf(await house.redeem(wrongCode(count), '192.0.2.3'))).toBe('codes_suspended')
    house.clock.advance(WINDOW_MS)
    expect(await house.fail(9, '192.0.2.3')).toEqual(Array(9).fill('code_invalid'))
  })

  test('LIM-04 who writes a proxy’s header where none is declared has half of it; the rest is left to others', async () => {
    const house = open()
    const typed = await house.typed({ uses: 'unlimited', expiresInMs: 60 * MINUTE })
    // From one address: nobody there is locked out, and all who write that header share one half.
    expect(await spend(house, BEHIND, HOME)).toBe(50)
    expect(toldOf(await house.ask('redeem', { code: typed }, '192.0.2.9', BEHIND))).toBe(
      'codes_suspended',
    )
    for (let count = 0; count < 40; count++)
      await house.ask('redeem', { code: wrongCode(count) }, HOME, { forwarded: 'for=192.0.2.1' })
    // Who comes directly, from that very address, is neither locked nor counted by it.
    expect(toldOf(await house.redeem(typed))).toBe('in')
    expect(await spend(house)).toBe(49)
    house.clock.advance(WINDOW_MS)
    expect(toldOf(await house.ask('redeem', { code: typed }, HOME, BEHIND))).toBe('in')
  })

  test('LIM-04 behind that header windows are twentyfold and nobody is locked out', async () => {
    const house = createHouse({ limits: {}, store: store.open() })
    const told: string[] = []
    for (let count = 0; count < 161; count++)
      told.push(toldOf(await house.ask('redeem', { code: wrongCode(count) }, HOME, BEHIND)))
    expect(new Set(told.slice(0, 160))).toEqual(new Set(['code_invalid']))
    expect(told[160]).toBe('rate_limited')
    // Others of that header come from other proxies; and who writes none is counted apart.
    expect(toldOf(await house.ask('redeem', { code: wrongCode(1) }, '192.0.2.9', BEHIND))).toBe(
      'code_invalid',
    )
    expect(await house.fail(8)).toEqual(Array(8).fill('code_invalid'))
  })
})
