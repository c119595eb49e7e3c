import type { RandomSource } from '@pair/core'

/**
 * A source for tests that gives the same bytes in each run: every call different, every seed a stream of its own. Never
 * for a server that somebody can reach: who knows the seed knows every code and id to come.
 *
 * @example
 * const pair = createPair({ secret, store: memoryStore(), random: fixedRandom(1) })
 */
export function fixedRandom(seed: number): RandomSource {
  // sfc32: 96 bits of state and a counter, so that the stream does not come back
  let [a, b, c, count] = [0x9e3779b9, 0x243f6a88, seed | 0, 1]
  const next = (): number => {
    const word = (a + b + count) | 0
    count = (count + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + word) | 0
    return word >>> 24
  }
  // near seeds begin alike: what they have in common is thrown away
  for (let left = 20; left > 0; left--) next()
  return (length) => Uint8Array.from({ length }, next)
}
