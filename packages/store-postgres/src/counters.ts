import type { Millis } from '@pair/core'
import { toArrayText } from './array-text.ts'
import type { Value } from './driver.ts'

/** A counter and by how much it is raised. */
export interface Raise {
  id: string
  by: number
  purgeAt: Millis
}

/** What is bound to the call that raises these: each counter once, by all that it is raised by. */
export function toRaiseValues(raises: readonly Raise[]): Value[] {
  const sums = new Map<string, Raise>()
  for (const { id, by, purgeAt } of raises) {
    const sum = sums.get(id)
    sums.set(id, {
      id,
      by: by + (sum?.by ?? 0),
      purgeAt: Math.max(purgeAt, sum?.purgeAt ?? purgeAt),
    })
  }
  const each = [...sums.values()]
  return [
    each.map(({ id }) => id),
    each.map(({ by }) => by),
    each.map(({ purgeAt }) => purgeAt),
  ].map(toArrayText)
}

/** The total of each, as if they had come one after the other. `totals` are what the counters stand at, as JSON. */
export function toTotals(raises: readonly Raise[], totals: string): number[] {
  const left = new Map(Object.entries(JSON.parse(totals) as Record<string, number>))
  return raises
    .toReversed()
    .map(({ id, by }) => {
      const total = left.get(id)!
      left.set(id, total - by)
      return total
    })
    .toReversed()
}
