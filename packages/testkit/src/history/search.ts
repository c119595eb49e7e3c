import { createState } from './search-state.ts'
import type { Puzzle, Step } from './puzzle.ts'

/** `undecided`: it would have taken more looks than it was given. */
export type Found = 'order' | 'none' | 'undecided'

/** One place in the search: what was done to come here, and what may be done next. */
interface Place {
  /** The step that led here; -1 at the beginning. */
  step: number
  /** What changed nothing and held here: done at once, since waiting gains nothing. */
  watched: number[]
  next: number[]
}

/**
 * Whether there is an order of the steps in which each answer is right and none that ended before another began comes
 * behind it. The search of Wing and Gong with Lowe's memory of places that were tried: what was done, and the state.
 *
 * @see https://www.cs.ox.ac.uk/people/gavin.lowe/LinearizabiltyTesting/ G. Lowe, Testing for Linearizability (2016)
 */
export function findOrder(puzzle: Puzzle, looks: number): Found {
  const { steps } = puzzle
  const state = createState(puzzle)
  const line = timeline(steps)
  const twins = steps.map(twinName)
  const rank = rankOf(steps)
  const tried = new Set<string>()
  let left = steps.filter((step) => step.must).length

  const take = (step: number): void => {
    line.lift(step)
    state.take(step)
    if (steps[step]!.must) left--
  }
  const putBack = (step: number): void => {
    if (steps[step]!.must) left++
    state.putBack(step)
    line.unlift(step)
  }

  function arrive(step: number): Place {
    const watched: number[] = []
    const changing: number[] = []
    for (let at = line.first(); at >= 0; at = line.after(at)) {
      if (!line.begins(at)) break // nothing that began behind this end may come before it
      const found = at >> 1
      if (!isWatching(steps[found]!)) changing.push(found)
      else if (state.holds(found)) {
        take(found)
        watched.push(found)
      }
    }
    const names = new Set<string>()
    const next = changing
      .filter((found) => state.holds(found) && !state.strands(found))
      .sort((a, b) => rank[a]! - rank[b]!)
      // of equals the one that ends first comes first
      .filter((found) => names.size < names.add(twins[found]!).size)
    return { step, watched, next: next.reverse() }
  }

  const places = [arrive(-1)]
  while (left > 0) {
    const place = places.at(-1)!
    const step = place.next.pop()
    if (step === undefined) {
      while (place.watched.length > 0) putBack(place.watched.pop()!)
      places.pop()
      if (places.length === 0) return 'none'
      putBack(place.step)
      continue
    }
    if (looks-- <= 0) return 'undecided'
    take(step)
    const here = state.fingerprint()
    if (tried.has(here)) putBack(step)
    else {
      tried.add(here)
      places.push(arrive(step))
    }
  }
  return 'order'
}

function isWatching({ sets, raises }: Step): boolean {
  return sets.length === 0 && raises === 0
}

/** Steps of one name can take each other's place. */
function twinName({ needs, sets, raises }: Step): string {
  return JSON.stringify([needs, sets, raises])
}

/** Those that end first are tried first, those that may never happen last. */
function rankOf(steps: readonly Step[]): number[] {
  const order = steps
    .map((_, index) => index)
    .sort((a, b) => {
      const [x, y] = [steps[a]!, steps[b]!]
      if (x.must !== y.must) return x.must ? -1 : 1
      return x.ended === y.ended ? x.began - y.began : x.ended - y.ended
    })
  const rank: number[] = []
  order.forEach((step, place) => (rank[step] = place))
  return rank
}

/** Beginnings and ends in the order of time, as a list from which steps are lifted and put back in reverse. */
function timeline(steps: readonly Step[]): {
  first(): number
  after(at: number): number
  begins(at: number): boolean
  lift(step: number): void
  unlift(step: number): void
} {
  const head = steps.length * 2
  const time = (at: number): number => steps[at >> 1]![at & 1 ? 'ended' : 'began']
  const order = steps
    .flatMap((step, index) => (step.ended === Infinity ? [index * 2] : [index * 2, index * 2 + 1]))
    .sort((a, b) => time(a) - time(b) || (a & 1) - (b & 1))
  const next = new Int32Array(head + 1).fill(-1)
  const previous = new Int32Array(head + 1).fill(-1)
  let last = head
  for (const at of order) {
    next[last] = at
    previous[at] = last
    last = at
  }
  const unlink = (at: number): void => {
    next[previous[at]!] = next[at]!
    if (next[at]! >= 0) previous[next[at]!] = previous[at]!
  }
  const link = (at: number): void => {
    next[previous[at]!] = at
    if (next[at]! >= 0) previous[next[at]!] = at
  }
  return {
    first: () => next[head]!,
    after: (at) => next[at]!,
    begins: (at) => (at & 1) === 0,
    lift(step) {
      // the end first, or its beginning would still lead to it
      if (steps[step]!.ended < Infinity) unlink(step * 2 + 1)
      unlink(step * 2)
    },
    unlift(step) {
      link(step * 2)
      if (steps[step]!.ended < Infinity) link(step * 2 + 1)
    },
  }
}
