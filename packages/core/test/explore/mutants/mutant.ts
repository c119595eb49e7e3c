import type { Edit } from '../load-product.ts'
import type { Op } from '../op.ts'

/** A fault that somebody could make, seeded on purpose: the explorer has to find it. */
export interface Mutant {
  /** What is wrong, as a fact. */
  name: string
  /** Changes of the product's own text. */
  edits?: readonly Edit[]
  /** Or what is wrong with the store below it. */
  tamper?: (op: Op) => Op
  /** Where to look, as parts of the names of scenes. */
  among: readonly string[]
  /** Which law is broken, as part of its sentence. */
  breaks: string
  /** How many calls have to go wrong for it. Default none. */
  faults?: number
}

export function edit(file: string, from: string, to: string): Edit {
  return { file, from, to }
}
