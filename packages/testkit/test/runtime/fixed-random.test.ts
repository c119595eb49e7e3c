import { createPair, memoryStore } from '@pair/core'
import { fixedClock, fixedRandom } from '@pair/testkit/app'
import { describe, expect, it } from 'vitest'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('a fixed random source', () => {
  it('gives the same bytes for the same seed, however they are asked for', () => {
    const [one, two] = [fixedRandom(7), fixedRandom(7)]
    expect(hex(one(32))).toBe(hex(two(10)) + hex(two(0)) + hex(two(22)))
    // the bytes stay what they are: tests of others hold what came of them
    expect(hex(fixedRandom(1)(16))).toBe('c2a4ead17960029c9ddb4201c6e41467')
  })

  it('gives other bytes in each call and for each seed', () => {
    const seen = new Set<string>()
    for (let seed = 0; seed < 100; seed++) {
      const random = fixedRandom(seed)
      for (let call = 0; call < 100; call++) seen.add(hex(random(8)))
    }
    expect(seen.size).toBe(10_000)
  })

  it('gives each byte about equally often', () => {
    const counts = new Map<number, number>()
    for (const byte of fixedRandom(3)(256_000)) counts.set(byte, (counts.get(byte) ?? 0) + 1)
    expect(counts.size).toBe(256)
    expect(Math.min(...counts.values())).toBeGreaterThan(850)
    expect(Math.max(...counts.values())).toBeLessThan(1_150)
  })

  it('makes the codes of a pair the same in each run', async () => {
    const typedOf = async (): Promise<string[]> => {
      const clock = fixedClock(Date.UTC(2026, 0, 1))
      const store = memoryStore({ clock })
      const random = fixedRandom(11)
      const pair = createPair({
        secret: 'a secret of these tests, 32 bytes or more',
        store,
        clock,
        random,
      })
      const issued = [
        await pair.codes.issue({ origin: 'http://localhost' }),
        await pair.codes.issue({ origin: 'http://localhost' }),
      ]
      await pair.close()
      return issued.map(({ typed }) => typed)
    }
    const [first, again] = [await typedOf(), await typedOf()]
    expect(again).toEqual(first)
    expect(new Set(first).size).toBe(2)
  })
})
