import { isBegun, SECOND, type Millis } from '../time.ts'

/** How a device polls for what becomes of its request. */
export interface Polling {
  /** When it last did. */
  at: Millis
  /** How long it has to wait before it does again. Milliseconds. */
  intervalMs: Millis
}

/** What every device is told to wait at first. */
export const FIRST_INTERVAL_MS: Millis = 5 * SECOND
/** How much longer it waits, for good, each time that it came too soon (RFC 8628 §3.5). */
const RAISE_MS: Millis = 5 * SECOND
/** The two clocks and the way between them are not even: so much too soon is in time. */
const TOLERANCE_MS: Millis = SECOND / 2

/** What a poll for a request that still waits comes to. `before`: the poll before it; `null`: this is the first. */
export function judgePoll(
  before: Polling | null,
  now: Millis,
): { isEarly: boolean; polling: Polling } {
  if (before === null)
    return { isEarly: false, polling: { at: now, intervalMs: FIRST_INTERVAL_MS } }
  const { at, intervalMs } = before
  // A little before the last one: another instance's clock is behind. Long before it: the clock was set back, and nobody can
  // tell how long it was.
  const isEarly = isBegun(at, now) && now < at + intervalMs - TOLERANCE_MS
  return { isEarly, polling: { at: now, intervalMs: intervalMs + (isEarly ? RAISE_MS : 0) } }
}
