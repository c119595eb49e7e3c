/** The same random numbers for the same seed. */
export function draws(seed: number): {
  /** From 0 up to 1. */
  next: () => number
  /** A whole number from 1 to this. */
  upTo: (most: number) => number
  among: <T>(...these: T[]) => T
  /** A whole number, each power of ten as likely as any other. */
  spread: (least: number, most: number) => number
} {
  let state = Math.imul(seed, 0x9e37_79b1) | 0
  const next = (): number => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    upTo: (most) => 1 + Math.floor(next() * most),
    among: (...these) => these[Math.floor(next() * these.length)]!,
    spread: (least, most) => Math.round(least * (most / least) ** next()),
  }
}
