/** A clock that stands still until it is moved. */
export interface FixedClock {
  (): number
  set(at: number): void
  advance(ms: number): void
}

/** 2026-11-22T12:00:00Z, a whole second. */
export const NOON = Date.UTC(2026, 10, 22, 12)

export function fixedClock(at = NOON): FixedClock {
  let now = at
  return Object.assign(() => now, {
    set: (to: number) => void (now = to),
    advance: (ms: number) => void (now += ms),
  })
}
