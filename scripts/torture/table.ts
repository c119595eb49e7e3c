import type { TortureRow } from '@pair/testkit/torture'
import type { RowName, StoreName } from './rows.ts'

/** A line of the table: what was found, or why there is nothing. */
export interface Line {
  store: StoreName
  row: RowName
  found?: TortureRow
  why?: string
  faults: readonly string[]
}

/** More of one line are only counted. */
const FAULTS_SHOWN = 5

export function printTable(
  lines: readonly Line[],
  run: { stores: readonly StoreName[]; rows: readonly RowName[]; ms: number },
): void {
  const inOrder = run.stores.flatMap((store) =>
    run.rows.flatMap((row) => lines.filter((line) => line.store === store && line.row === row)),
  )
  const cells = [
    ['store', 'what', 'how many', 'result', 'seconds', 'seen'],
    ['---', '---', '--:', '---', '--:', '---'],
    ...inOrder.map(cellsOf),
  ]
  const widths = cells[0]!.map((_, at) => Math.max(...cells.map((row) => row[at]!.length)))
  for (const row of cells)
    console.log(`| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`)
  const failed = inOrder.filter(({ faults }) => faults.length > 0)
  for (const { store, row, faults } of failed) {
    console.log(`\n${store}, ${row}: ${faults.length} wrong`)
    for (const fault of faults.slice(0, FAULTS_SHOWN)) console.log(`  ${fault}`)
  }
  const held = inOrder.filter(({ found, faults }) => found && faults.length === 0)
  const minutes = (run.ms / 60_000).toFixed(1)
  console.log(`\n${held.length} rows hold, ${failed.length} fail; ${minutes} min`)
}

function cellsOf({ store, row, found, why = '', faults }: Line): string[] {
  if (!found) return [store, row, '', faults.length > 0 ? 'FAILS' : `n/a: ${why}`, '', '']
  const { what, count, ms, figures } = found
  const result = faults.length > 0 ? 'FAILS' : 'holds'
  const seconds = (ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)
  return [store, what, count.toLocaleString('en'), result, seconds, figures]
}
