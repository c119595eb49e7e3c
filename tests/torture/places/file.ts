import { fileStore } from '@pair/node'
import type { OpenedStore } from '@pair/testkit/torture'
import type { FilePlace } from './sqlite.ts'

export function openStore({ file }: FilePlace): OpenedStore {
  const store = fileStore(file)
  return { store, close: () => store.close() }
}
