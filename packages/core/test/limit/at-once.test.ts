import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/time.ts'
import { STORES } from '../kit/stores.ts'
import { counting, type Counting } from '../kit/counting.ts'
import {
  createHouse,
  HOME,
  LOCK_MS,
  LOCKOUT_ONLY,
  times,
  toldOf,
  wrongCode,
  type House,
} from '../kit/guessers.ts'
import { jitteredStore, race } from '../kit/races.ts'

const ROUNDS = [1, 2, 3, 4, 5, 6, 7, 8]

function tally(told: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of told) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

describe.each(STORES)('on $name', (store) => {
  function open(seed: number): House & { counted: Counting } {
    const counted = counting(jitteredStore(store.open(), seed))
    return { ...createHouse({ ...LOCKOUT_ONLY, store: counted.store }), counted }
  }

  test.each(ROUNDS)(
    'SEC-03 LIM-02 of 200 wrong codes at once at most 10 are looked up (round %i)',
    async (seed) => {
      const house = open(seed)
      const paired = await house.redeem(await house.typed(), '203.0.113.9', { transport: 'bearer' })
      const codes = await race(() => house.typed(), 2)
      house.counted.clear()
      const told = await race(
        async (rival) =>
          // Right ones are among them: no guesser is luckier than ten guesses make him.
          toldOf(await house[rival % 3 ? 'redeem' : 'preview'](wrongCode(rival))),
        200,
      )
      expect(tally(told)).toEqual({ code_invalid: 10, locked_out: 190 })
      expect(house.counted.lookups()).toBe(10)
      // A right one is refused while locked, and stays unused.
      house.counted.clear()
      expect(toldOf(await house.redeem(codes[0]!))).toBe('locked_out')
      expect(house.counted.lookups()).toBe(0)
      // Who is in is not touched.
      const headers = { authorization: `Bearer ${String(paired.body.accessToken)}` }
      const session = await house.call('/auth/session', { headers, info: { remoteAddress: HOME } })
      expect(session.body.authenticated).toBe(true)
      house.clock.advance(LOCK_MS - 1)
      expect(await house.fail(3)).toEqual(times(3, 'locked_out'))
      house.clock.advance(1)
      const fresh = await house.typed()
      expect(toldOf(await house.redeem(fresh))).toBe('in')
    },
  )

  test('SEC-03 LIM-02 reads that lag behind those of others let nobody pass: of 20 at once ten are looked up', async () => {
    const real = store.open()
    let asked = 0
    let release = (): void => {}
    const others = new Promise<void>((resolve) => (release = resolve))
    const counted = counting({
      ...real,
      async increment(key, by, purgeAt) {
        // What five of them ask of the clearings, each by two slices, is answered when the others are done.
        if (by === 0 && key[2] === 'cleared' && ++asked > 20 && asked <= 30) await others
        return real.increment(key, by, purgeAt)
      },
    })
    const house = createHouse({ ...LOCKOUT_ONLY, store: counted.store })
    let done = 0
    const told = await race(async (rival) => {
      const answer = await house.redeem(wrongCode(rival))
      if (++done === 15) release()
      return toldOf(answer)
    }, 20)
    expect(tally(told)).toEqual({ code_invalid: 10, locked_out: 10 })
    expect(counted.lookups()).toBe(10)
  })

  test('LIM-02 forty honest people with one code come from one address, one after the other, and nobody is locked', async () => {
    const house = open(1)
    const code = await house.typed({ uses: 40 })
    for (let person = 0; person < 40; person++) expect(toldOf(await house.redeem(code))).toBe('in')
    expect(await house.fail(11)).toEqual([...times(10, 'code_invalid'), 'locked_out'])
  })

  test.each(ROUNDS)(
    'LIM-02 forty at once: those who are told to wait come in when they try again, and no lock is left (round %i)',
    async (seed) => {
      const house = open(seed)
      const code = await house.typed({ uses: 40, expiresInMs: 60 * MINUTE })
      let waiting = 40
      for (let attempt = 0; waiting > 0; attempt++) {
        expect(attempt, 'as many attempts as people would need one by one').toBeLessThan(40)
        const told = tally(await race(async () => toldOf(await house.redeem(code)), waiting))
        expect(Object.keys(told).every((word) => ['in', 'locked_out'].includes(word))).toBe(true)
        expect(told.in).toBeGreaterThan(0)
        waiting -= told.in ?? 0
      }
      const [{ used } = { used: 0 }] = (await house.pair.codes.list()).items
      expect([0, 40]).toContain(used)
      expect(await house.fail(11)).toEqual([...times(10, 'code_invalid'), 'locked_out'])
    },
  )

  test('LIM-02 a lock that was lifted with a crowd doesn’t shorten the next one', async () => {
    const house = open(1)
    const code = await house.typed({ uses: 40, expiresInMs: 60 * MINUTE })
    const told = await race(async () => toldOf(await house.redeem(code)))
    expect(tally(told).locked_out).toBeGreaterThan(0)
    house.clock.advance(LOCK_MS - MINUTE)
    expect(await house.fail(11)).toEqual([...times(10, 'code_invalid'), 'locked_out'])
    house.clock.advance(LOCK_MS - 1)
    expect(await house.fail(1)).toEqual(['locked_out'])
    house.clock.advance(1)
    expect(await house.fail(1)).toEqual(['code_invalid'])
  })

  test.each(ROUNDS)(
    'LIM-02 of guesses at once with a mint among them no more pass than ten on either side of it (round %i)',
    async (seed) => {
      const house = open(seed)
      const code = await house.typed()
      house.counted.clear()
      const told = tally(
        await race(
          async (rival) => toldOf(await house.redeem(rival === 5 ? code : wrongCode(rival))),
          60,
        ),
      )
      expect(told.code_invalid ?? 0).toBeLessThanOrEqual(20)
      expect(house.counted.lookups()).toBeLessThanOrEqual(21)
      // Ten more at most: then it is locked.
      const after = await house.fail(11)
      expect(after.at(-1)).toBe('locked_out')
    },
  )
})
