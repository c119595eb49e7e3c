/** Waits so long, or until the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}

/** How long to wait after so many failures in a row: from one second, doubling, to half a minute. */
export function backOff(failures: number, firstMs = 1_000): number {
  return Math.min(firstMs * 2 ** failures, 30_000)
}
