import type { Key } from '@pair/core'
import type { Operation } from './history.ts'

/** There is no such key. */
export const ABSENT = 0
/** Some value that no answer of the history shows: one is as good as another. */
export const UNSEEN = -1

/** A place in the state, and what it holds: a number that stands for a value, or the total of a counter. */
export type Held = readonly [cell: number, value: number]

/** An operation as the search sees it. */
export interface Step {
  operation: Operation
  began: number
  /** By then it was done. `Infinity`: it may come true at any time. */
  ended: number
  /** Whether it happened for sure. */
  must: boolean
  /** All of these hold when it happens. */
  needs: readonly Held[]
  /** One of these does not hold when it happens; `null`: nothing is asked. */
  fails: readonly Held[] | null
  sets: readonly Held[]
  /** What the one cell of a counter is raised by, where the total is unknown. */
  raises: number
}

/** The operations on one object, to be put in an order. All cells begin at 0. */
export interface Puzzle {
  cells: number
  steps: Step[]
  /** Whether this value, once written over, never comes back. */
  once(cell: number, value: number): boolean
}

/** What the answers of a whole history tell of versions and values. */
export interface Facts {
  /** The value that had this version; `undefined` where no answer shows it. */
  valueAt(key: Key, version: string): string | undefined
  /** How many commits wrote that value there. */
  writersOf(key: Key, value: string): number
}

export function keyText(key: Key): string {
  return JSON.stringify(key)
}

export function counterPuzzle(operations: readonly Operation[]): Puzzle {
  const steps = operations.flatMap((operation): Step[] => {
    const { asked, began, ended, answer } = operation
    if (asked.do !== 'increment') return []
    const { by } = asked
    const bare = { operation, began, needs: [], fails: null, sets: [], raises: 0 }
    if (ended === null)
      return by === 0 ? [] : [{ ...bare, ended: Infinity, must: false, raises: by }]
    const total = Number(answer)
    const sets: Held[] = by === 0 ? [] : [[0, total]]
    return [{ ...bare, ended, must: true, needs: [[0, total - by]], sets }]
  })
  return { cells: 1, steps, once: () => true }
}

export function recordsPuzzle(operations: readonly Operation[], facts: Facts): Puzzle {
  const cells = new Map<string, number>()
  const cellOf = (key: Key): number => {
    const text = keyText(key)
    if (!cells.has(text)) cells.set(text, cells.size)
    return cells.get(text)!
  }
  const numbers = new Map<string, number>()
  const often = new Set<number>()
  const numberOf = (key: Key, value: string): number => {
    const name = keyText([...key, value])
    const known = numbers.get(name)
    if (known !== undefined) return known
    numbers.set(name, numbers.size + 1)
    if (facts.writersOf(key, value) > 1) often.add(numbers.size)
    return numbers.size
  }
  const seen = (key: Key, value: string | null): Held => [
    cellOf(key),
    value === null ? ABSENT : numberOf(key, value),
  ]

  /** What a commit checks; what a version stood for that no answer shows, nobody can say. */
  const checksOf = (operation: Operation): (Held | null)[] =>
    operation.asked.do !== 'commit'
      ? []
      : operation.asked.checks.map(({ key, version }) => {
          const value = version === null ? null : facts.valueAt(key, version)
          return value === undefined ? null : seen(key, value)
        })
  // all that is seen gets its number before it is known what is not
  const looks = operations.map((operation): (Held | null)[] => {
    const { asked, answer } = operation
    if (asked.do !== 'read') return checksOf(operation)
    return operation.ended === null ? [] : [seen(asked.key, entryValue(answer))]
  })
  const written = (key: Key, value: string | null): Held => [
    cellOf(key),
    value === null ? ABSENT : (numbers.get(keyText([...key, value])) ?? UNSEEN),
  ]

  const steps = operations.flatMap((operation, index): Step[] => {
    const { asked, began, answer } = operation
    const known = looks[index]!.filter((held) => held !== null)
    const must = operation.ended !== null
    const ended = operation.ended ?? Infinity
    const bare = { operation, began, ended, must, needs: known, fails: null, sets: [], raises: 0 }
    if (asked.do === 'read') return must ? [bare] : []
    if (asked.do !== 'commit') return []
    if (must && answer === false)
      return known.length < looks[index]!.length ? [] : [{ ...bare, needs: [], fails: known }]
    const sets = asked.writes.map(({ key, value }) => written(key, value))
    return must || sets.length > 0 ? [{ ...bare, sets }] : []
  })
  const once = (_: number, value: number): boolean => value > 0 && !often.has(value)
  tighten(steps, once)
  return { cells: cells.size, steps, once }
}

/** Whoever wrote a value that was seen was done before it was seen, also where nobody heard of it. */
function tighten(steps: readonly Step[], once: Puzzle['once']): void {
  const writers = new Map<number, Step>()
  for (const step of steps)
    for (const [cell, value] of step.sets) if (once(cell, value)) writers.set(value, step)
  const open = steps.filter((step) => step.must)
  for (let step = open.pop(); step; step = open.pop())
    for (const [, value] of step.needs) {
      const writer = writers.get(value)
      if (!writer || (writer.must && writer.ended <= step.ended)) continue
      writer.must = true
      writer.ended = Math.min(writer.ended, step.ended)
      open.push(writer)
    }
}

export function entryValue(answer: Operation['answer']): string | null {
  return typeof answer === 'object' && answer !== null && 'value' in answer ? answer.value : null
}
