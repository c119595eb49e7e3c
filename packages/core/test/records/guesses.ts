import type { Key, Store } from '../../src/ports/store.ts'
import type { Server } from '../kit/server.ts'
import { createVisitor } from '../kit/visitor.ts'

/** No code that anybody was given. */
export const WRONG = '222-222-222'

/** Where wrong codes came from, and what became of it. */
export interface Guesses {
  /** Too many came from there. */
  locked: string
  /** A right one came after a wrong one. */
  cleared: string
}

/** A counter as a store holds it, beside its records. */
export interface Count {
  key: Key
  count: number
  purgeAt: number
}

/** A store that keeps the counters that are told it, to be counted again in another. */
export function countedStore(real: Store): { store: Store; counts(): Count[] } {
  const kept = new Map<string, Count>()
  return {
    store: {
      ...real,
      async increment(key, by, purgeAt) {
        const count = await real.increment(key, by, purgeAt)
        const before = kept.get(key.join('/'))?.count ?? 0
        // Answers may overtake one another.
        if (count > before) kept.set(key.join('/'), { key, count, purgeAt })
        return count
      },
    },
    counts: () => [...kept.values()],
  }
}

/** Wrong codes from two places, and from one of them a right one then. */
export async function tellOfGuesses(server: Server, typed: string): Promise<Guesses> {
  const guesses: Guesses = { locked: '203.0.113.200', cleared: '203.0.113.201' }
  const guesser = createVisitor(server, null, { remoteAddress: guesses.locked })
  for (let count = 0; count < 10; count++) await guesser.redeem(WRONG)
  const guest = createVisitor(server, null, { remoteAddress: guesses.cleared })
  await guest.redeem(WRONG)
  const agent = { label: 'An agent', kind: 'agent' }
  await guest.call('POST', '/redeem', { body: { code: typed, device: agent } })
  return guesses
}
