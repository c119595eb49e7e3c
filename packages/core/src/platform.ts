import type { Clock, Logger, RandomSource, Timers } from './ports/runtime.ts'

/** What the runtime offers: the ports where no other is given. */
export const systemClock: Clock = () => Date.now()

export const systemRandom: RandomSource = (length) => crypto.getRandomValues(new Uint8Array(length))

export const timers: Timers = {
  elapsed: () => performance.now(),
  hold(ms, callback) {
    const handle = setTimeout(callback, ms)
    return () => clearTimeout(handle)
  },
  after(ms, callback) {
    const handle: unknown = setTimeout(callback, ms)
    // A timer of ours keeps no process alive. In browsers it is a number.
    ;(handle as { unref?(): void }).unref?.()
    return () => clearTimeout(handle as Parameters<typeof clearTimeout>[0])
  },
}

export const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (message, fields) => console.warn(`[pair] ${message}`, fields ?? ''),
  error: (message, fields) => console.error(`[pair] ${message}`, fields ?? ''),
}
