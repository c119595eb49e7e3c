// What every store withstands, as a table: `pnpm torture [--long] [--store memory,file] [--only races,kills]`.
import { parseArgs } from 'node:util'
import { LONG, SHORT } from './torture/extents.ts'
import { ROWS, rowsOf, STORES, type RowName, type StoreName } from './torture/rows.ts'
import { printTable, type Line } from './torture/table.ts'

/** So many stores at a time: each row has some processes of its own. */
const AT_ONCE = 2

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    store: { type: 'string', default: STORES.join() },
    only: { type: 'string', default: ROWS.join() },
  },
})
const extent = values.long ? LONG : SHORT
const stores = chosen('--store', values.store, STORES)
const rows = chosen('--only', values.only, ROWS)
const began = performance.now()
const lines: Line[] = []

const waiting = [...stores]
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      await tortureStore(name)
  }),
)
printTable(lines, { stores, rows, ms: performance.now() - began })
// what a row that failed has left running does not keep us
process.exit(lines.some(({ faults }) => faults.length > 0) ? 1 : 0)

async function tortureStore(store: StoreName): Promise<void> {
  const { rows: all, end } = rowsOf(store)
  try {
    for (const row of rows) lines.push(...(await tortureRow(store, row, all[row])))
  } finally {
    await end()
  }
}

async function tortureRow(
  store: StoreName,
  row: RowName,
  doing: ReturnType<typeof rowsOf>['rows'][RowName],
): Promise<Line[]> {
  const common = { store, row }
  if (typeof doing === 'string') return [{ ...common, why: doing, faults: [] }]
  const start = performance.now()
  try {
    const done = await doing(extent)
    for (const { what, ms, faults } of done)
      console.error(
        `${store}: ${what}: ${faults.length === 0 ? 'holds' : 'FAILS'}, ${Math.round(ms / 1_000)} s`,
      )
    return done.map((found) => ({ ...common, found, faults: found.faults }))
  } catch (error) {
    const fault = error instanceof Error ? (error.stack ?? error.message) : String(error)
    console.error(
      `${store}: ${row}: BREAKS OFF (${fault}), ${Math.round((performance.now() - start) / 1_000)} s`,
    )
    return [{ ...common, why: 'it broke off', faults: [fault] }]
  }
}

function chosen<T extends string>(option: string, given: string, all: readonly T[]): T[] {
  const names = given.split(',')
  const unknown = names.find((name) => !all.includes(name as T))
  if (unknown !== undefined) {
    console.error(`${option}: there is no ${unknown}. There are: ${all.join(', ')}`)
    process.exit(2)
  }
  return all.filter((name) => names.includes(name))
}
