import type { Clock, Millis } from '@pair/core'

/** A clock that stands still until it is moved. */
export interface FixedClock extends Clock {
  set(at: Millis): void
  advance(ms: Millis): void
}

/**
 * A clock for tests that stands at an instant until it is moved. Milliseconds.
 *
 * @example
 * const clock = fixedClock(Date.UTC(2026, 0, 1))
 * const pair = createPair({ secret, store: memoryStore({ clock }), clock })
 * clock.advance(15 * 60_000)
 */
export function fixedClock(at: Millis): FixedClock {
  let now = at
  return Object.assign(() => now, {
    set: (to: Millis) => void (now = to),
    advance: (ms: Millis) => void (now += ms),
  })
}
