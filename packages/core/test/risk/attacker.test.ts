import { describe, expect, test } from 'vitest'
import { chanceOf, guessesOfAll, type AddressLimits, type Cap } from '../../src/risk/guess-bound.ts'
import { draws } from './draws.ts'

/** So small a world that attackers do hit: 31^2 codes, and milliseconds that stand for minutes. */
const CODES = 961
const LIVE = 5
const TRIALS = 40_000

interface World {
  typed: Cap
  addresses: number
  limits: AddressLimits
  spanMs: number
}

/** Instants at which an attacker who tries all the time gets a guess through; he begins where it pays most. */
function instantsOfGuesses(
  { typed, addresses, limits, spanMs }: World,
  beginsAt: number,
): number[] {
  const counts = new Map<string, number>()
  const lockedUntil = new Map<number, number>()
  const failures = new Map<number, number>()
  const take = (name: string, cap: Cap, at: number): boolean => {
    const key = `${name} ${Math.floor(at / cap.windowMs)}`
    const count = counts.get(key) ?? 0
    if (count >= cap.max) return false
    counts.set(key, count + 1)
    return true
  }
  const instants: number[] = []
  for (let at = beginsAt; at <= beginsAt + spanMs; at++) {
    for (let address = 0; address < addresses; address++) {
      for (;;) {
        if ((lockedUntil.get(address) ?? 0) > at) break
        if ((counts.get(`typed ${Math.floor(at / typed.windowMs)}`) ?? 0) >= typed.max) break
        if (
          !take(`redeem ${address}`, limits.redeem, at) &&
          !take(`preview ${address}`, limits.preview, at)
        )
          break
        take('typed', typed, at)
        instants.push(at)
        const failed = (failures.get(address) ?? 0) + 1
        failures.set(address, failed % limits.lockout.failures)
        if (failed === limits.lockout.failures) lockedUntil.set(address, at + limits.lockout.lockMs)
      }
      while (limits.folded > 0) {
        if ((counts.get(`typed ${Math.floor(at / typed.windowMs)}`) ?? 0) >= typed.max) break
        if (
          !take(`folded redeem ${address}`, times(limits.redeem, limits.folded), at) &&
          !take(`folded preview ${address}`, times(limits.preview, limits.folded), at)
        )
          break
        if (!take('half', times(typed, 0.5), at)) break
        take('typed', typed, at)
        instants.push(at)
      }
    }
  }
  return instants
}

function times({ max, windowMs }: Cap, factor: number): Cap {
  return { max: Math.floor(max * factor), windowMs }
}

/** How often one of these guesses hits, when codes are replaced one by one all the time. */
function hitRate(instants: readonly number[], replacedEvery: number, seed: number): number {
  const { next } = draws(seed)
  const draw = (taken: readonly number[]): number => {
    for (;;) {
      const code = Math.floor(next() * CODES)
      if (!taken.includes(code)) return code
    }
  }
  let hits = 0
  for (let trial = 0; trial < TRIALS; trial++) {
    const live: number[] = []
    while (live.length < LIVE) live.push(draw(live))
    const first = Math.floor(next() * CODES)
    const begun = instants[0]!
    let replaced = 0
    const hit = instants.some((at, turn) => {
      for (; replaced < Math.floor((at - begun) / replacedEvery); replaced++)
        live[replaced % LIVE] = draw(live)
      // never the same guess twice: nobody does better against codes that stay
      return live.includes((first + turn) % CODES)
    })
    if (hit) hits++
  }
  return hits / TRIALS
}

const roomy: AddressLimits = {
  lockout: { failures: 1_000, lockMs: 10 },
  redeem: { max: 1_000, windowMs: 10 },
  preview: { max: 1_000, windowMs: 10 },
  folded: 0,
}

const worlds: [string, World, number][] = [
  [
    'the budget of all, over window edges',
    { typed: { max: 3, windowMs: 10 }, addresses: 50, limits: roomy, spanMs: 40 },
    15,
  ],
  [
    'the budget of all, within one window: the edge doubles it',
    { typed: { max: 8, windowMs: 10 }, addresses: 50, limits: roomy, spanMs: 10 },
    16,
  ],
  [
    'the lockout of each of few addresses',
    {
      typed: { max: 1_000, windowMs: 10 },
      addresses: 2,
      limits: { ...roomy, lockout: { failures: 2, lockMs: 10 } },
      spanMs: 40,
    },
    20,
  ],
  [
    'the windows of each of few addresses',
    {
      typed: { max: 1_000, windowMs: 10 },
      addresses: 3,
      limits: { ...roomy, redeem: { max: 1, windowMs: 10 }, preview: { max: 2, windowMs: 20 } },
      spanMs: 40,
    },
    33,
  ],
  [
    'the half of those who seem to be a proxy, and the lockout of the others',
    {
      typed: { max: 9, windowMs: 10 },
      addresses: 2,
      limits: { ...roomy, lockout: { failures: 1, lockMs: 10 }, folded: 20 },
      spanMs: 20,
    },
    18,
  ],
  [
    'the windows of one who seems to be a proxy',
    {
      typed: { max: 100, windowMs: 10 },
      addresses: 1,
      limits: {
        lockout: { failures: 1, lockMs: 10 },
        redeem: { max: 1, windowMs: 10 },
        preview: { max: 1, windowMs: 10 },
        folded: 5,
      },
      spanMs: 10,
    },
    22,
  ],
]

describe.each(worlds)('held back by %s', (_, world, most) => {
  const { typed, addresses, limits, spanMs } = world
  const bound = guessesOfAll(typed, addresses, limits, spanMs).most

  test('LIM-04 an attacker who obeys every window gets as many guesses as were reckoned, and no more', () => {
    expect(bound).toBe(BigInt(most))
    const reached = Array.from(
      { length: 40 },
      (_, beginsAt) => instantsOfGuesses(world, beginsAt).length,
    )
    expect(Math.max(...reached)).toBe(most)
  })

  test.each([
    ['stay', Infinity],
    ['come and go', 2],
  ])('LIM-04 and hits no more often than was reckoned where codes %s', (_, replacedEvery) => {
    const instants = Array.from({ length: 40 }, (_, at) => instantsOfGuesses(world, at)).find(
      ({ length }) => length === most,
    )!
    const { over, under } = chanceOf(bound, LIVE, BigInt(CODES))
    const chance = Number(over) / Number(under)
    const noise = Math.sqrt((chance * (1 - chance)) / TRIALS)
    const measured = hitRate(instants, replacedEvery, most)
    expect(measured).toBeLessThan(chance + 4 * noise)
    // nor is the bound so roomy that this would hold for anything
    expect(measured).toBeGreaterThan(1 - Math.exp(-chance) - 4 * noise)
  })
})

test('LIM-04 without the window edge the bound would be broken', () => {
  const [, world, most] = worlds[1]!
  const instants = instantsOfGuesses(world, 9)
  expect(instants).toHaveLength(most)
  const edgeless = (world.typed.max * LIVE) / CODES
  expect(hitRate(instants, Infinity, 1)).toBeGreaterThan(1.5 * edgeless)
})
