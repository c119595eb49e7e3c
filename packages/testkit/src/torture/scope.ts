import type { TortureRow } from './tortured-store.ts'

/** What is to be undone when the work is over, the latest first. */
export interface Scope {
  atEnd(undo: () => unknown): void
}

/** Does the work, and then undoes what it asked for, however it ended. */
export async function scoped<T>(work: (scope: Scope) => Promise<T>): Promise<T> {
  const undos: (() => unknown)[] = []
  try {
    return await work({ atEnd: (undo) => undos.push(undo) })
  } finally {
    for (const undo of undos.toReversed()) await undo()
  }
}

/** The row of a work, and how long it took. */
export async function timed(
  what: string,
  work: (scope: Scope) => Promise<Pick<TortureRow, 'count' | 'figures' | 'faults'>>,
): Promise<TortureRow> {
  const began = performance.now()
  const row = await scoped(work)
  return { what, ...row, ms: Math.round(performance.now() - began) }
}

export interface Patience {
  withinMs: number
  everyMs?: number
}

/** Asks until the answer is right or the time is over; answers the last one. */
export async function until<T>(
  ask: () => T | Promise<T>,
  isRight: (answer: T) => boolean,
  { withinMs, everyMs = 20 }: Patience,
): Promise<T> {
  for (const end = performance.now() + withinMs; ;) {
    const answer = await ask()
    if (isRight(answer) || performance.now() >= end) return answer
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
