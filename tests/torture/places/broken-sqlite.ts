import type { Store } from '@pair/core'
import type { OpenedStore } from '@pair/testkit/torture'
import { openStore as openRight, type FilePlace } from './sqlite.ts'

/** What is wrong with its commits. */
export type Defect =
  | 'looks, then writes'
  | 'answers, then writes'
  | 'writes in halves'
  | 'ends its process'

export interface BrokenPlace extends FilePlace {
  defect: Defect
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Only those that race, fight and are killed are broken: the runner looks at what they leave. */
const isBroken = ['redeemer', 'fighter'].includes(process.argv[2]!)
let commitsLeft = 3

export function openStore({ defect, ...place }: BrokenPlace): OpenedStore {
  const { store, close } = openRight(place)
  const commits: Record<Defect, Store['commit']> = {
    async 'looks, then writes'(checks, writes) {
      const holds = await store.commit(checks, [])
      return holds && store.commit([], writes)
    },
    async 'answers, then writes'(checks, writes) {
      const holds = await store.commit(checks, [])
      void later(40).then(() => store.commit(checks, writes).catch(() => {}))
      return holds
    },
    async 'writes in halves'(checks, writes) {
      if (!(await store.commit(checks, writes.slice(0, 2)))) return false
      await later(40)
      return store.commit([], writes.slice(2))
    },
    async 'ends its process'(checks, writes) {
      if (commitsLeft-- === 0) process.exit(3)
      return store.commit(checks, writes)
    },
  }
  return { close, store: { ...store, ...(isBroken && { commit: commits[defect] }) } }
}
