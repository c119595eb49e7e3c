import { PairError } from '../errors.ts'
import type { Timers } from '../ports/runtime.ts'

/** Waits for a server no longer than that. What comes of it afterwards is told to `late`. */
export function withPatience<T>(
  timers: Timers,
  ms: number,
  promise: Promise<T>,
  late: (value: T) => void = () => {},
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let given: boolean = false
    const cancel = timers.hold(ms, () => {
      given = true
      reject(new PairError('store_unavailable', { reason: `the server took over ${ms} ms` }))
    })
    promise.then(
      (value) => {
        cancel()
        if (given) late(value)
        else resolve(value)
      },
      (error: unknown) => {
        cancel()
        reject(error as Error)
      },
    )
  })
}
