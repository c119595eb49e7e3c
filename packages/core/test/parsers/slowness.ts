/**
 * How many times longer the long text takes than the short one, by medians. A single look at a short text is below what a
 * clock can tell, so both are taken as often as makes a millisecond of the short one.
 */
export function slownessOf(
  take: (text: string) => unknown,
  short: string,
  long: string,
  most: number,
): number {
  const times = timesFor(take, short)
  let least = Infinity
  // a pause of the process says nothing of the text: the best of a few is kept
  for (let round = 0; round < 4; round++) {
    const base = Math.max(median(take, short, times), FLOOR)
    least = Math.min(least, median(take, long, times) / base)
    if (least <= most) break
  }
  return least
}

/** Milliseconds below which a measurement is noise. */
const FLOOR = 0.2
const MOST_TIMES = 4_096

function timesFor(take: (text: string) => unknown, text: string): number {
  let times = 1
  while (times < MOST_TIMES && spent(take, text, times) < 1) times *= 2
  return times
}

/** The median of three, in milliseconds. */
export function median(take: (text: string) => unknown, text: string, times: number): number {
  const taken = [0, 1, 2].map(() => spent(take, text, times))
  return taken.sort((a, b) => a - b)[1]!
}

/** Time of the processor: what others do on this machine is not in it. */
function spent(take: (text: string) => unknown, text: string, times: number): number {
  const start = process.cpuUsage()
  for (let left = times; left > 0; left--) take(text)
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1_000
}
