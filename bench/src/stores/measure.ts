/** How many a second, with so many under way at a time. */
export async function rate(
  inFlight: number,
  ms: number,
  one: () => Promise<unknown>,
): Promise<number> {
  let done = 0
  const began = performance.now()
  const until = began + ms
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < until) {
        await one()
        done += 1
      }
    }),
  )
  return (done / (performance.now() - began)) * 1_000
}

export function quantile(figures: readonly number[], part: number): number {
  return figures.toSorted((a, b) => a - b)[Math.floor((figures.length - 1) * part)]!
}
