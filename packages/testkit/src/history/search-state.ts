import type { Held, Puzzle } from './puzzle.ts'

/** What the search stands at: which steps are done, and what the cells hold. */
export interface SearchState {
  /** Whether the step may happen now, by what the cells hold. */
  holds(step: number): boolean
  /** Whether it would write over what a step to come still needs, and what never comes back. */
  strands(step: number): boolean
  take(step: number): void
  /** Undoes the latest `take`, which was of that step. */
  putBack(step: number): void
  /** The same for the same steps and cells, and for no others. */
  fingerprint(): string
}

export function createState({ cells, steps, once }: Puzzle): SearchState {
  const held = Array.from<number>({ length: cells }).fill(0)
  // 96 bits: of ten million places that are met, two are taken for one another once in 10^15 searches
  const print = new Uint32Array(3)
  const printed = new Uint16Array(print.buffer)
  const undo: number[][] = []

  /** How many steps to come need that cell to hold that value. */
  const needed = new Map<string, number>()
  const nameOf = (cell: number, value: number): string => `${cell} ${value}`
  const count = (needs: readonly Held[], by: number): void => {
    for (const [cell, value] of needs) {
      const name = nameOf(cell, value)
      needed.set(name, (needed.get(name) ?? 0) + by)
    }
  }
  for (const { must, needs } of steps) if (must) count(needs, 1)

  const stir = (a: number, b: number): void => {
    for (let lane = 0; lane < print.length; lane++)
      print[lane]! ^= mixed(b ^ mixed(a + lane * 0x9e3779b9))
  }
  const set = (cell: number, value: number): void => {
    stir(cell, held[cell]!)
    held[cell] = value
    stir(cell, value)
  }
  const isHeld = ([cell, value]: Held): boolean => held[cell] === value

  return {
    holds(step) {
      const { needs, fails } = steps[step]!
      return needs.every(isHeld) && (fails === null || !fails.every(isHeld))
    },
    strands(step) {
      const { must, needs, sets, raises } = steps[step]!
      const own = (cell: number, value: number): number =>
        must && needs.some((need) => need[0] === cell && need[1] === value) ? 1 : 0
      const isNeeded = (cell: number, value: number): boolean =>
        once(cell, value) && (needed.get(nameOf(cell, value)) ?? 0) > own(cell, value)
      // a counter passes no total that is still to be found; of a long way only the beginning is looked at
      for (let total = held[0]!, left = Math.min(raises, 100); left > 0; left--, total++)
        if (isNeeded(0, total)) return true
      return sets.some(([cell, value]) => held[cell] !== value && isNeeded(cell, held[cell]!))
    },
    take(step) {
      const { must, needs, sets, raises } = steps[step]!
      if (must) count(needs, -1)
      stir(-1 - step, 0)
      undo.push(sets.map(([cell]) => held[cell]!))
      for (const [cell, value] of sets) set(cell, value)
      if (raises > 0) set(0, held[0]! + raises)
    },
    putBack(step) {
      const { must, needs, sets, raises } = steps[step]!
      if (raises > 0) set(0, held[0]! - raises)
      const before = undo.pop()!
      for (let index = sets.length - 1; index >= 0; index--) set(sets[index]![0], before[index]!)
      stir(-1 - step, 0)
      if (must) count(needs, 1)
    },
    fingerprint: () => String.fromCharCode(...printed),
  }
}

/** 32 bits that look random, of 32 others. */
function mixed(bits: number): number {
  let word = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad)
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97)
  return word ^ (word >>> 15)
}
