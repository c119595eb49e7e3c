import { PairError } from '../errors.ts'
import type { Change, Space } from './space.ts'

/** What a use case came to after reading: an answer, and the change without which it isn't true. */
export interface Plan<T> {
  answer: T
  change?: Change
}

/** How many rivals may win before a decision is given up. */
const ROUNDS = 64

/**
 * Reads, asks and commits once; a lost commit reads and asks again.
 *
 * @throws PairError `store_busy`, `store_unavailable`
 */
export async function decide<T>(
  space: Pick<Space, 'commit' | 'afterLoss'>,
  plan: () => Promise<Plan<T>>,
): Promise<T> {
  for (let round = 0; round < ROUNDS; round++) {
    const { answer, change } = await plan()
    if (!change || (await space.commit(change))) return answer
    await space.afterLoss(round)
  }
  throw new PairError('store_busy', { reason: `lost ${ROUNDS} commits in a row` })
}
