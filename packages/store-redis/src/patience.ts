import { clearTimeout, setTimeout } from 'node:timers'

/** Waits no longer than that. What comes of it afterwards is told to `late`. */
export function withPatience<T>(
  ms: number,
  promise: Promise<T>,
  late: (value: T) => void = () => {},
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let given: boolean = false
    const timer = setTimeout(() => {
      given = true
      reject(Object.assign(new Error(`no answer in ${ms} ms`), { code: 'ETIMEDOUT' }))
    }, ms)
    promise.then(
      (value) => {
        clearTimeout(timer)
        if (given) late(value)
        else resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error as Error)
      },
    )
  })
}
