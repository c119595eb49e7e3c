import { PairError } from '@pair/core'

/** What is lost with a file. */
export type Stake = 'every device pairs again' | 'limits and locks begin anew'

const restore = (stake: Stake): string =>
  `Put a good copy in its place or mend it by hand. Or delete it: the next start begins anew, and ${stake}.`

/** The same error, with the word of the store that nothing was done, nor will be. */
export function asUndone(error: unknown): unknown {
  return error instanceof Error ? Object.assign(error, { undone: true }) : error
}

/** What throws in here has done nothing, nor will. */
export async function orUndone<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw asUndone(error)
  }
}

/** Of a damaged file no part is believed: nobody is trusted until a person has looked at it. */
export function damaged(path: string, why: string, aside: string | null, stake: Stake): PairError {
  const kept = aside === null ? '' : ` What was found is kept as ${aside}.`
  return refusal(`${path} is not as it was written: ${why}.${kept}`, restore(stake))
}

export function writtenLater(path: string, formatVersion: number): PairError {
  return refusal(
    `${path} was written by a later version of @pair/node (its format is ${formatVersion}).`,
    'Update @pair/node, in every process that uses the file.',
  )
}

/** Going on with nothing would let in whom the file kept out. */
export function missing(path: string, stake: Stake): PairError {
  return refusal(
    `${path} was moved or deleted while it was in use.`,
    `Put it back. Or restart every process that uses it: they begin anew, and ${stake}.`,
  )
}

export function tooLarge(path: string, stake: Stake): PairError {
  return refusal(`${path} is larger than any that was written.`, restore(stake))
}

/** Two could have written at once, so nobody does. */
export function lockLost(path: string): PairError {
  return refusal(
    `${path}, the lock, was moved or deleted while it was held.`,
    'Leave that file alone as long as a process runs. Nothing was written; the next try takes a new lock.',
  )
}

export function restless(path: string): PairError {
  return refusal(
    `${path} is changed by something else each time that it is looked at.`,
    'End what edits it. Only processes that use fileStore may write it while they run.',
  )
}

export function noTurn(busyMs: number): PairError {
  return new PairError('store_busy', {
    reason: `no turn to write came within ${busyMs} ms`,
    undone: true,
  })
}

export function isClosed(): PairError {
  return new PairError('store_unavailable', {
    message: 'The store was closed.',
    hint: 'Close it after the last call: pair.close() first, then store.close().',
    undone: true,
  })
}

/** Not refused, but the operator is told: it may not have been him. */
export function editTold(path: string): string {
  return `fileStore: ${path} was changed by another hand than that of a store; what it says now counts.`
}

function refusal(message: string, hint: string): PairError {
  return new PairError('store_unavailable', {
    message: `fileStore: ${message}`,
    hint,
    reason: message,
  })
}
