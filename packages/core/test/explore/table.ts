import type { Exploration } from './explore.ts'

const COLUMNS = ['schedules', 'states', 'depth', 'ends', 'ms'] as const

/** What was walked, as a table: one line a scenario, or one for all of a group with the most of each. */
export function tableOf(explorations: readonly Exploration[]): string {
  const rows = explorations.map((each) =>
    [each.scenario, each.schedules, each.states, each.depth, each.ends.length, each.ms].map(
      (cell) => (typeof cell === 'number' ? short(cell) : cell),
    ),
  )
  return layOut([['scenario', ...COLUMNS], ...rows])
}

/** One line a group: how many scenarios, all schedules and states, the greatest depth. */
export function summaryOf(groups: Readonly<Record<string, readonly Exploration[]>>): string {
  const sum = (list: readonly Exploration[], of: (each: Exploration) => number): string =>
    short(list.reduce((total, each) => total + of(each), 0))
  const rows = Object.entries(groups).map(([name, list]) => [
    `${name} (${list.length} scenarios)`,
    sum(list, ({ schedules }) => schedules),
    sum(list, ({ states }) => states),
    short(Math.max(...list.map(({ depth }) => depth))),
    sum(list, ({ ends }) => ends.length),
    sum(list, ({ ms }) => ms),
  ])
  return layOut([['group', ...COLUMNS], ...rows])
}

function short(count: number): string {
  return count < 1e6 ? String(Math.round(count)) : count.toExponential(1)
}

function layOut(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[at]!)))
      .join('  ')
  return rows.map(line).join('\n')
}
