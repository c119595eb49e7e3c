/** One check. It throws where the credential does not hold. */
export type Check = () => unknown

/** The middle one. */
export function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1]!
}

/**
 * The median of each side over rounds in which all take their turn, so that what else the machine does meets all of them
 * alike. A first round warms and does not count.
 */
export async function interleave<T>(
  sides: readonly string[],
  rounds: number,
  measure: (side: string) => Promise<T>,
  figure: (measured: T) => number,
): Promise<Map<string, { median: number; all: readonly T[] }>> {
  const measured = new Map<string, T[]>(sides.map((side) => [side, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const side of sides) {
      const one = await measure(side)
      if (round > 0) measured.get(side)!.push(one)
    }
  }
  return new Map(
    [...measured].map(([side, all]) => [side, { median: median(all.map(figure)), all }]),
  )
}

/** Columns of equal width: the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
        .join('  '),
    )
    .join('\n')
}
