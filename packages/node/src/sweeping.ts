import type { Pair } from '@pair/core'

export interface SweepOptions {
  /** Milliseconds, default 60,000. */
  everyMs?: number
  /** Hears a sweep that failed; the next one is tried all the same. Default: nobody. */
  onError?(error: unknown): void
}

/** Sweeps about each minute, one sweep at a time, and never keeps the process alive. Returns what stops it. */
export function startSweeping<S extends string>(
  pair: Pair<S>,
  options: SweepOptions = {},
): () => void {
  const { everyMs = 60_000 } = options
  // setInterval takes anything above 2^31 - 1 as 1
  if (!Number.isSafeInteger(everyMs) || everyMs < 1 || everyMs > 2 ** 31 - 1)
    throw new TypeError('startSweeping: `everyMs` is a whole number from 1 to 2147483647')
  let running = false
  const timer = setInterval(() => {
    if (running) return
    running = true
    pair
      .sweep()
      .catch((error: unknown) => options.onError?.(error))
      .finally(() => (running = false))
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
