import { memoryStore, type Check, type Key, type Store, type Write } from '@pair/core'
import type { StoreSubject } from '@pair/testkit/store'

/** A store with one fault, and the promises that it breaks by it. */
export interface BrokenStore {
  /** How the sentence "a store that …" goes on. */
  that: string
  make(): StoreSubject
  /** What the names of these promises begin with. */
  breaks: readonly string[]
  /** What the store says where its fault is to throw. Without it the promises find it out by an assertion. */
  throws?: string
}

/** A memory store of which some calls are replaced. */
export function broken(fault: (real: Store) => Partial<Store>): () => StoreSubject {
  return () => {
    const real = memoryStore()
    return { store: { ...real, ...fault(real) } }
  }
}

export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

export const textOf = (key: Key): string => key.join(' ')

export const targetOf = (write: Write): Key => ('append' in write ? write.append : write.key)

export async function allHold(store: Store, checks: readonly Check[]): Promise<boolean> {
  const found = await Promise.all(checks.map(({ key }) => store.read(key)))
  return checks.every(({ version }, at) => (found[at]?.version ?? null) === version)
}
