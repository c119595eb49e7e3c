import { PairError } from '../errors.ts'
import type { Timers } from '../ports/runtime.ts'

/** Waits for a store call no longer than that; what took longer has an unknown outcome, like what threw. */
export function withDeadline<T>(timers: Timers, ms: number, call: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let settled = false
    let cancel = (): void => {}
    const settle = (finish: () => void): void => {
      settled = true
      cancel()
      finish()
    }
    try {
      call().then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(unavailable(error))),
      )
    } catch (error) {
      settle(() => reject(unavailable(error)))
    }
    // A store in memory has answered by then, and no timer is needed.
    queueMicrotask(() => {
      if (settled) return
      cancel = timers.hold(ms, () =>
        reject(new PairError('store_unavailable', { reason: `the store took over ${ms} ms` })),
      )
    })
  })
}

function unavailable(cause: unknown): PairError {
  return new PairError('store_unavailable', { reason: 'the store failed', cause })
}
