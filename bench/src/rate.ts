import type { Check } from './rounds.ts'

/** Checks for each second of the processor, all threads together: what else the machine does moves that little. */
export async function rate(check: Check, roundMs: number): Promise<number> {
  // As in a server, timers have their turn between: by them we know that nothing has changed.
  await new Promise((resolve) => setTimeout(resolve, 1))
  const began = process.cpuUsage()
  const until = performance.now() + roundMs
  let done = 0
  while (performance.now() < until) {
    for (let n = 0; n < 20; n++) {
      const answer = check()
      // Who answers at once is not made to wait.
      if (answer instanceof Promise) await answer
    }
    done += 20
  }
  const { user, system } = process.cpuUsage(began)
  return (done * 1e6) / (user + system)
}
