import { interleave, table } from '../rounds.ts'
import { rate } from './measure.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 5)
const MS = Number(process.env['RUN_SECONDS'] ?? 2) * 1_000

/**
 * Prints how many each side does in a second with so many under way at a time, and its ratio to the first. `prepare` comes before each
 * turn and is not measured.
 */
export async function compare(
  title: string,
  sides: Record<string, () => Promise<unknown>>,
  inFlights: readonly number[],
  prepare: () => Promise<void> = async () => {},
): Promise<void> {
  const names = Object.keys(sides)
  const rows = [[title, ...inFlights.map((count) => `${count} at a time`)]]
  const columns = []
  for (const inFlight of inFlights)
    columns.push(
      await interleave(
        names,
        ROUNDS,
        async (side) => {
          await prepare()
          return rate(inFlight, MS, sides[side]!)
        },
        (one) => one,
      ),
    )
  for (const name of names)
    rows.push([
      name,
      ...columns.map((column) => {
        const { median } = column.get(name)!
        return `${Math.round(median)}/s ${(median / column.get(names[0]!)!.median).toFixed(2)}`
      }),
    ])
  console.log(`\n${table(rows)}`)
}
