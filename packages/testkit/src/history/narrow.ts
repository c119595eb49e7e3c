import type { Operation } from './history.ts'

/** More than so many operations nobody reads. */
const READABLE = 12
/** After so many tries it is as few as it gets. */
const TRIES = 120

export interface Narrowed {
  /** In the order in which they began. */
  operations: Operation[]
  /** What does not matter of all others. */
  others: 'whatever became of all others' | 'whatever all others checked'
}

type IsImpossible = (operations: readonly Operation[]) => boolean

/**
 * The fewest operations that still can't be put in an order. The rest is not taken away but let loose: what it wrote may
 * be there at any time, or never. So nothing is blamed for what the rest explains. Where it takes many, the rest has
 * happened when it did, and what it checked is forgotten.
 */
export function narrow(operations: readonly Operation[], isImpossible: IsImpossible): Narrowed {
  const past = shortestPast(operations, isImpossible)
  const few = fewest(past, isImpossible, loosened)
  if (few.length <= READABLE) return { operations: few, others: 'whatever became of all others' }
  const fewer = fewest(past, isImpossible, blinded)
  return { operations: fewer, others: 'whatever all others checked' }
}

/** Takes halves, quarters, and so on to one by one, as long as what stays is impossible. */
function fewest(
  operations: readonly Operation[],
  isImpossible: IsImpossible,
  rest: (operation: Operation) => Operation[],
): Operation[] {
  let kept = new Set(operations)
  let tries = TRIES
  const withOnly = (some: ReadonlySet<Operation>): Operation[] =>
    operations.flatMap((operation) => (some.has(operation) ? [operation] : rest(operation)))
  for (let size = Math.ceil(operations.length / 2); ; size = Math.ceil(size / 2)) {
    const candidates = [...kept]
    for (let from = 0; from < candidates.length; from += size) {
      if (tries-- === 0) return [...kept]
      const fewer = new Set(kept)
      for (const operation of candidates.slice(from, from + size)) fewer.delete(operation)
      if (isImpossible(withOnly(fewer))) kept = fewer
    }
    if (size <= 1) return [...kept]
  }
}

/** The history until the first answer that makes it impossible: what was not answered by then is unknown. */
function shortestPast(
  operations: readonly Operation[],
  isImpossible: IsImpossible,
): readonly Operation[] {
  const ends = operations
    .flatMap(({ ended }) => (ended === null ? [] : [ended]))
    .sort((a, b) => a - b)
  const until = (end: number): Operation[] =>
    operations
      .filter(({ began }) => began <= end)
      .map((operation) =>
        (operation.ended ?? end) > end ? { ...operation, ended: null } : operation,
      )
  let shortest = operations
  let [low, high] = [0, ends.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    const past = until(ends[middle]!)
    if (isImpossible(past)) {
      high = middle
      shortest = past
    } else low = middle + 1
  }
  return shortest
}

/** What may be without it: nothing for what changed nothing, and else a write that asks nothing and may never come. */
function loosened(operation: Operation): Operation[] {
  const { asked, ended, answer } = operation
  if (asked.do === 'increment') return asked.by === 0 ? [] : [{ ...operation, ended: null }]
  if (asked.do !== 'commit' || (ended !== null && answer === false)) return []
  return [{ ...operation, asked: { ...asked, checks: [] }, ended: null }]
}

/** The same, but what is known to be done was done in its time. */
function blinded(operation: Operation): Operation[] {
  const { asked, ended, answer } = operation
  if (asked.do !== 'commit' || ended === null || answer === false) return loosened(operation)
  return [{ ...operation, asked: { ...asked, checks: [] } }]
}
