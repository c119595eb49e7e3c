import { expect, test } from 'vitest'
import { planRisk, type RiskWish } from '../../src/risk/risk.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time.ts'
import { draws } from './draws.ts'

const wishes = 20_000

function randomWish(seed: number): RiskWish {
  const { among, upTo, spread } = draws(seed)
  const span = (): number => among(SECOND, MINUTE, 15 * MINUTE, HOUR, DAY, SECOND + upTo(10 * DAY))
  const typedMax = among(null, null, spread(1, 1e4), spread(1, 1e12))
  return {
    guessProbability: among(0.1, 1e-2, 1e-4, 1e-6, 1e-9, 1e-12, 10 ** -(1 + upTo(1_600) / 100)),
    perMs: among(MINUTE, 15 * MINUTE, DAY, 365 * DAY, 100 * 365 * DAY, MINUTE + upTo(1e12)),
    liveCodes: among(1, 100, 1_000, upTo(1_000)),
    addresses: among(1, 1_000_000, spread(1, 1e15)),
    typed: { max: typedMax, windowMs: span() },
    lockout: { failures: among(10, 1, 1_000, upTo(50)), lockMs: span() },
    redeem: { max: among(8, spread(1, 1e6)), windowMs: among(MINUTE, span()) },
    preview: { max: among(15, spread(1, 1e6)), windowMs: among(MINUTE, span()) },
    folded: among(0, 20),
  }
}

/** A double by its bits, as it is: so many over so many. */
function exactly(value: number): [over: bigint, under: bigint] {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const raw = bits.getBigUint64(0)
  const exponent = Number((raw >> 52n) & 0x7ffn) - 1_075
  const mantissa = (raw & 0xf_ffff_ffff_ffffn) | (1n << 52n)
  return exponent < 0 ? [mantissa, 1n << BigInt(-exponent)] : [mantissa << BigInt(exponent), 1n]
}

/** a/b <= c/d */
function within(a: bigint, b: bigint, [c, d]: [bigint, bigint]): boolean {
  return a * d <= c * b
}

/** The most windows that an interval with both ends touches: it begins in the last millisecond of one. */
function touched(spanMs: number, windowMs: number): bigint {
  const [span, window] = [BigInt(spanMs), BigInt(windowMs)]
  return (window - 1n + span) / window + 1n
}

function attack(wish: RiskWish, max: number): bigint {
  const { perMs, lockout, redeem, preview, typed } = wish
  const locked = BigInt(lockout.failures) * touched(perMs, lockout.lockMs)
  const windows =
    BigInt(redeem.max) * touched(perMs, redeem.windowMs) +
    BigInt(preview.max) * touched(perMs, preview.windowMs)
  const addresses = BigInt(wish.addresses)
  const direct = addresses * (locked < windows ? locked : windows)
  const folded = addresses * BigInt(wish.folded) * windows
  const half = BigInt(Math.floor(max / 2)) * touched(perMs, typed.windowMs)
  const byAddress = direct + (folded < half ? folded : half)
  const byBudget = BigInt(max) * touched(perMs, typed.windowMs)
  return byBudget < byAddress ? byBudget : byAddress
}

const symbolsOf = (wish: RiskWish): number => {
  const outcome = planRisk({ ...wish, typed: { ...wish.typed, max: null } })
  return outcome.ok ? outcome.plan.symbols : Infinity
}

test('LIM-04 no plan exceeds the chance that was wished, reckoned anew without rounding', () => {
  const seen = new Map<number, number>()
  for (let seed = 1; seed <= wishes; seed++) {
    const wish = randomWish(seed)
    const outcome = planRisk(wish)
    if (!outcome.ok) continue
    const { symbols, typed, guesses, chance, longestLifeMs } = outcome.plan
    seen.set(symbols, (seen.get(symbols) ?? 0) + 1)
    const codes = 31n ** BigInt(symbols)
    const most = attack(wish, typed.max)
    const tolerable = exactly(wish.guessProbability)
    const facts = {
      seed,
      safe: within(most * BigInt(wish.liveCodes), codes, tolerable),
      chanceNotUnderstated: within(most * BigInt(wish.liveCodes), codes, exactly(chance)),
      chanceWithinWish: chance <= wish.guessProbability,
      chanceNotOverstated: chance * Number(codes) <= Number(most) * wish.liveCodes * (1 + 1e-14),
      guessesNotUnderstated: within(most, 1n, exactly(guesses)),
      lifeSafe: within(
        BigInt(typed.max) * touched(longestLifeMs, typed.windowMs),
        codes,
        tolerable,
      ),
      lifeInRange: longestLifeMs >= 30 * SECOND && longestLifeMs <= 30 * DAY,
      lifeLongest:
        longestLifeMs === 30 * DAY ||
        !within(BigInt(typed.max) * touched(longestLifeMs + 1, typed.windowMs), codes, tolerable),
      whole: Number.isSafeInteger(typed.max),
    }
    for (const [fact, holds] of Object.entries(facts)) if (!holds) expect({ seed, fact }).toBeNull()
  }
  for (const symbols of [9, 12, 15]) expect(seen.get(symbols)).toBeGreaterThan(wishes / 50)
})

test('LIM-04 the budget that is derived is the largest, of the shortest code that has room', () => {
  let derived = 0
  for (let seed = 1; seed <= wishes; seed++) {
    const wish = randomWish(seed)
    if (wish.typed.max !== null) continue
    const outcome = planRisk(wish)
    if (!outcome.ok) continue
    derived++
    const { symbols, typed } = outcome.plan
    const tolerable = exactly(wish.guessProbability)
    const safe = (max: bigint, length: number): boolean =>
      within(
        max * touched(wish.perMs, typed.windowMs) * BigInt(wish.liveCodes),
        31n ** BigInt(length),
        tolerable,
      )
    const room = 50n * BigInt(wish.lockout.failures)
    if (!safe(BigInt(typed.max), symbols)) expect({ seed }).toBeNull()
    if (typed.max < room) expect({ seed, room }).toBeNull()
    if (typed.max < Number.MAX_SAFE_INTEGER && safe(BigInt(typed.max) + 1n, symbols))
      expect({ seed, larger: true }).toBeNull()
    // with a lock of at least a window nothing but the fifty lockouts asks for a longer code
    const plain = wish.lockout.lockMs >= typed.windowMs
    if (plain && symbols > 9 && safe(room, symbols - 3)) expect({ seed, shorter: true }).toBeNull()
  }
  expect(derived).toBeGreaterThan(wishes / 10)
})

test('LIM-04 one network never has as many guesses as all have together', () => {
  let checked = 0
  for (let seed = 1; seed <= wishes; seed++) {
    const wish = randomWish(seed)
    const outcome = planRisk(wish)
    if (!outcome.ok) continue
    checked++
    const { typed } = outcome.plan
    const alone = { ...wish, addresses: 1, perMs: typed.windowMs, folded: 0 }
    const half = wish.folded === 0 ? 0 : Math.floor(typed.max / 2)
    const one = attack(alone, Number.MAX_SAFE_INTEGER)
    const windows =
      BigInt(wish.redeem.max) * touched(typed.windowMs, wish.redeem.windowMs) +
      BigInt(wish.preview.max) * touched(typed.windowMs, wish.preview.windowMs)
    const folded = 20n * windows
    const spent = folded < BigInt(half) ? folded : BigInt(half)
    if (one >= BigInt(typed.max) - spent) expect({ seed, one, max: typed.max }).toBeNull()
  }
  expect(checked).toBeGreaterThan(wishes / 10)
})

test('LIM-04 whoever tolerates less never gets a shorter code', () => {
  let longer = 0
  for (let seed = 1; seed <= wishes; seed++) {
    const wish = randomWish(seed)
    const { upTo, among } = draws(-seed)
    const stricter: RiskWish = {
      ...wish,
      ...among<Partial<RiskWish>>(
        { guessProbability: Math.max(1e-18, wish.guessProbability / (1 + upTo(1e6))) },
        { perMs: Math.min(100 * 365 * DAY, wish.perMs * (1 + upTo(1_000))) },
        { liveCodes: Math.min(1_000, wish.liveCodes * (1 + upTo(100))) },
      ),
    }
    const [before, after] = [symbolsOf(wish), symbolsOf(stricter)]
    if (after < before) expect({ seed, before, after }).toBeNull()
    if (after > before) longer++
  }
  expect(longer).toBeGreaterThan(wishes / 50)
})

test('LIM-04 whoever is refused and does what the mend says is not refused', () => {
  const mended = { max: 0, guessProbability: 0, liveCodes: 0 }
  for (let seed = 1; seed <= wishes; seed++) {
    const wish = randomWish(seed)
    const outcome = planRisk(wish)
    if (outcome.ok) continue
    for (const [, name, text] of outcome.mend.matchAll(/(\w+): ([\d.e-]+)/g)) {
      const value = Number(text)
      const tried = (value: number): RiskWish => {
        if (name === 'max') return { ...wish, typed: { ...wish.typed, max: value } }
        return { ...wish, typed: { ...wish.typed, max: null }, [name!]: value }
      }
      const again = planRisk(tried(value))
      if (!again.ok) expect({ seed, name, value, ...again }).toBeNull()
      // and what is named is no more than it takes
      if (name === 'liveCodes' && planRisk(tried(value + 1)).ok) expect({ seed, value }).toBeNull()
      if (name === 'guessProbability' && planRisk(tried(value * 0.89)).ok)
        expect({ seed, value }).toBeNull()
      mended[name as keyof typeof mended]++
    }
  }
  for (const count of Object.values(mended)) expect(count).toBeGreaterThan(50)
})
