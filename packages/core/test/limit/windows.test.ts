import { describe, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/time.ts'
import { STORES } from '../kit/stores.ts'
import {
  BY_DEFAULT,
  createHouse,
  HOME,
  times,
  toldOf,
  wrongCode,
  type House,
} from '../kit/guessers.ts'
import { STRANGERS } from './stranger-routes.ts'
import { keptSecrets } from '../kit/secrets.ts'

const MAX = { redeem: 8, preview: 15, change: 5, poll: 240 } as const

/** A server whose owner nobody is yet, and where people ask to be let in. */
function open(store = STORES[0]!): House {
  const secret = keptSecrets()
  return createHouse({ ...BY_DEFAULT, store: store.open(), secret, keyless: 'full' })
}

describe.each(STORES)('on $name', (store) => {
  test.each(STRANGERS)(
    'LIM-01 a stranger’s $method $path is $class: as many as that has in a minute, and not one more',
    async ({ method, path, body, class: of }) => {
      const house = open(store)
      const max = MAX[of]
      // Wrong ones lock out before their window is full.
      const right = of === 'preview' ? { code: await house.typed() } : body
      const ask = (): ReturnType<House['ask']> =>
        house.call(`/auth/${path}`, {
          method,
          ...(right === undefined ? {} : { body: right }),
          info: { remoteAddress: HOME },
        })
      for (let number = 1; number <= max; number++) {
        const { status, text } = await ask()
        expect(status, `${number}: ${text}`).not.toBe(429)
      }
      const over = await ask()
      expect([over.status, over.body.code]).toEqual([429, 'rate_limited'])
      expect(over.headers.get('retry-after')).toBe('60')
      house.clock.advance(MINUTE - 1)
      expect(toldOf(await ask())).toBe('rate_limited')
      house.clock.advance(1)
      expect((await ask()).status).not.toBe(429)
    },
  )

  test('LIM-01 the classes are counted apart, and so are addresses', async () => {
    const house = open(store)
    expect(await house.fail(9)).toEqual([...times(8, 'code_invalid'), 'rate_limited'])
    expect(toldOf(await house.preview(wrongCode(1)))).toBe('code_invalid')
    expect(toldOf(await house.ask('logout', {}))).toBe('session_required')
    expect(await house.fail(1, '203.0.113.8')).toEqual(['code_invalid'])
    // One household has many addresses of IPv6.
    expect(await house.fail(4, '2001:db8:1:2::1')).toEqual(times(4, 'code_invalid'))
    expect(await house.fail(5, '2001:db8:1:2:ffff::9')).toEqual([
      ...times(4, 'code_invalid'),
      'rate_limited',
    ])
    expect(await house.fail(1, '2001:db8:1:3::1')).toEqual(['code_invalid'])
  })

  test('LIM-01 right codes count too: eight a minute, the ninth is not used up', async () => {
    const house = open(store)
    const codes = await Promise.all(times(9, {}).map(() => house.typed()))
    for (const code of codes.slice(0, 8)) expect(toldOf(await house.redeem(code))).toBe('in')
    expect(toldOf(await house.redeem(codes[8]!))).toBe('rate_limited')
    house.clock.advance(MINUTE)
    expect(toldOf(await house.redeem(codes[8]!))).toBe('in')
  })
})

test('LIM-01 Retry-After is whole seconds and never above the true wait, and who waits to the end passes', async () => {
  const house = open()
  const begin = house.clock()
  // Each window begins at an instant of its own; primes, so that all kinds of remainders are met.
  for (let round = 0; round < 60; round++) {
    const from = `198.51.100.${round + 1}`
    const inside = (round * 7_919 + 1) % MINUTE
    house.clock.set(begin + round * 2 * MINUTE + inside)
    await house.fail(8, from)
    for (const later of [0, 1, 499, 999, 1_000, 12_345, MINUTE - inside - 1]) {
      if (inside + later >= MINUTE) continue
      house.clock.set(begin + round * 2 * MINUTE + inside + later)
      const refused = await house.redeem(wrongCode(round), from)
      expect(refused.status).toBe(429)
      const told = refused.headers.get('retry-after')!
      expect(told).toMatch(/^\d+$/)
      expect(refused.body.retryAfter).toBe(Number(told))
      const wait = MINUTE - inside - later
      expect(Number(told) * SECOND).toBeLessThanOrEqual(wait)
      expect(Number(told) * SECOND).toBeGreaterThan(wait - SECOND)
    }
    house.clock.set(begin + round * 2 * MINUTE + MINUTE)
    expect(toldOf(await house.redeem(wrongCode(round), from))).not.toBe('rate_limited')
  }
})

test('LIM-01 a window that was set counts as it was set', async () => {
  const house = createHouse({
    limits: {
      redeem: { max: 2, windowMs: 10 * MINUTE },
      preview: { max: 3 },
      change: { windowMs: 5 * SECOND },
    },
  })
  expect(await house.fail(3)).toEqual(['code_invalid', 'code_invalid', 'rate_limited'])
  house.clock.advance(10 * MINUTE - 1)
  expect(await house.fail(1)).toEqual(['rate_limited'])
  house.clock.advance(1)
  expect(await house.fail(1)).toEqual(['code_invalid'])
  for (let left = 3; left > 0; left--) await house.preview(wrongCode(left))
  expect(toldOf(await house.preview(wrongCode(1)))).toBe('rate_limited')
  for (let left = 5; left > 0; left--) await house.ask('logout', {})
  const refused = await house.ask('logout', {})
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
})
