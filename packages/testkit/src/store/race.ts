import type { Store } from '@pair/core'
import { handlesOf, type StoreSubject } from './subject.ts'

/** How often a race is run. */
export const ROUNDS = 8

/** Lets 40 rivals start together, spread over the handles, and answers what each got. */
export function race<T>(
  subject: StoreSubject,
  run: (store: Store, rival: number) => Promise<T>,
  rivals = 40,
): Promise<T[]> {
  const handles = handlesOf(subject)
  return Promise.all(
    Array.from({ length: rivals }, (_, rival) => run(handles[rival % handles.length]!, rival)),
  )
}

/** Lets timers and sockets have their turn. */
export function breath(ms = 0): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/**
 * Waits until the check throws no more, for that many turns of 10 ms. Turns are counted, not time: a process that
 * stands still counts as one.
 */
export async function eventually(check: () => void, turns = 300): Promise<void> {
  for (; turns > 0; turns--) {
    try {
      return check()
    } catch {
      await breath(10)
    }
  }
  check()
}

export function countTrue(answers: readonly boolean[]): number {
  return answers.filter(Boolean).length
}
