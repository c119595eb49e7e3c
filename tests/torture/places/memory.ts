import { memoryStore, type Store } from '@pair/core'
import type { OpenedStore } from '@pair/testkit/torture'

/** Of this process, by their names. */
const stores = new Map<string, Store>()

export interface MemoryPlace {
  name: string
}

export function openStore({ name }: MemoryPlace): OpenedStore {
  const store = stores.get(name) ?? memoryStore()
  stores.set(name, store)
  return { store, close() {} }
}

export function forget({ name }: MemoryPlace): void {
  stores.delete(name)
}
