import { sqliteStore } from '@pair/store-sqlite'
import type { OpenedStore } from '@pair/testkit/torture'

export interface FilePlace {
  file: string
}

export function openStore({ file }: FilePlace): OpenedStore {
  const store = sqliteStore(file)
  return { store, close: () => store.close() }
}
