/**
 * Four words of state of HalfSipHash-2-4: who can't see the key finds no two texts of one hash.
 *
 * @see Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), and the half-width variant of its authors
 */
export type SipState = Int32Array

/** The state of a hash of 64 bits before any word, under a key of two words. */
export function startHash(k0: number, k1: number): SipState {
  return Int32Array.of(k0, k1 ^ 0xee, k0 ^ 0x6c796765, k1 ^ 0x74656462)
}

/** Takes the next four bytes in. The last word carries the length of all in its top byte. */
export function absorb(state: SipState, word: number): void {
  mix(state, word, 2)
}

/** Ends the hash: `half` 0 first, then 1. */
export function finishHalf(state: SipState, half: 0 | 1): number {
  if (half === 0) state[2]! ^= 0xee
  else state[1]! ^= 0xdd
  mix(state, 0, 4)
  return state[1]! ^ state[3]!
}

function mix(state: SipState, word: number, rounds: number): void {
  let v0 = state[0]!
  let v1 = state[1]!
  let v2 = state[2]!
  let v3 = state[3]! ^ word
  for (let round = 0; round < rounds; round++) {
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
  }
  state[0] = v0 ^ word
  state[1] = v1
  state[2] = v2
  state[3] = v3
}
