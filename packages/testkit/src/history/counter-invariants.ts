import type { Contradiction } from './facts.ts'
import type { Operation } from './history.ts'

interface Raise {
  operation: Operation
  began: number
  ended: number
  /** What it found, and what it made of it. */
  from: number
  to: number
}

/** Totals are handed out once, grow in time, and are never more than was asked for. */
export function counterFault(operations: readonly Operation[]): Contradiction | null {
  const raises = operations.flatMap(raiseOf).toSorted((a, b) => a.to - b.to || a.from - b.from)
  return twiceFault(raises) ?? orderFault(raises) ?? sumFault(raises, operations)
}

function raiseOf(operation: Operation): Raise[] {
  const { asked, began, ended, answer } = operation
  if (asked.do !== 'increment' || ended === null) return []
  const to = Number(answer)
  return [{ operation, began, ended, from: to - asked.by, to }]
}

function twiceFault(raises: readonly Raise[]): Contradiction | null {
  let before: Raise | null = null
  for (const raise of raises) {
    if (raise.from === raise.to) continue
    if (before && raise.from < before.to)
      return {
        says: 'one total is handed out twice',
        operations: [before.operation, raise.operation],
      }
    before = raise
  }
  return null
}

/** Whoever began after another had ended finds no less than that one left. */
function orderFault(raises: readonly Raise[]): Contradiction | null {
  const ended = raises.toSorted((a, b) => a.ended - b.ended)
  let next = 0
  let most: Raise | null = null
  for (const raise of raises.toSorted((a, b) => a.began - b.began)) {
    for (; next < ended.length && ended[next]!.ended < raise.began; next++)
      if (most === null || ended[next]!.to > most.to) most = ended[next]!
    if (most && raise.from < most.to)
      return {
        says: 'a counter goes back',
        operations: [most.operation, raise.operation],
      }
  }
  return null
}

/** No total is more than all that had begun by then. */
function sumFault(
  raises: readonly Raise[],
  operations: readonly Operation[],
): Contradiction | null {
  const begun = operations.toSorted((a, b) => a.began - b.began)
  let next = 0
  let sum = 0
  for (const raise of raises.toSorted((a, b) => a.ended - b.ended)) {
    for (; next < begun.length && begun[next]!.began <= raise.ended; next++) {
      const { asked } = begun[next]!
      if (asked.do === 'increment') sum += asked.by
    }
    if (raise.to > sum)
      return {
        says: `a counter shows more than the ${sum} that were asked for: something took effect twice`,
        operations: [raise.operation],
      }
  }
  return null
}
