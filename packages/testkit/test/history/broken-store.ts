import type { Entry, Store } from '@pair/core'
import { turns } from './busy.ts'

/** A store that does one thing wrong, now and then. */
export interface BrokenStore {
  defect: string
  breaks(store: Store): Store
  /** How the window begins in which it is found. */
  says: RegExp
}

/** Whether it is the turn of a defect: of so many calls one. */
function oneOf(count: number): () => boolean {
  let calls = 0
  return () => ++calls % count === 0
}

const lost = (): never => {
  throw new Error('connection reset')
}

export const brokenStores: readonly BrokenStore[] = [
  {
    defect: 'a read that shows what was written over',
    says: /shows what was written over/,
    breaks(store) {
      const isTurn = oneOf(5)
      const shown = new Map<string, (Entry | null)[]>()
      return {
        ...store,
        async read(key) {
          const before = shown.get(key.join()) ?? []
          shown.set(key.join(), before)
          before.push(await store.read(key))
          return before.at(isTurn() ? -40 : -1) ?? null
        },
      }
    },
  },
  {
    defect: 'two winners of one version',
    says: /two winners/,
    breaks: (store) => ({
      ...store,
      async commit(checks, writes) {
        if (!(await store.commit(checks, []))) return false
        await turns(1)
        return store.commit([], writes)
      },
    }),
  },
  {
    defect: 'an acknowledged write that is lost',
    says: /two winners|shows what|nobody had|no order/,
    breaks(store) {
      const isTurn = oneOf(15)
      return {
        ...store,
        commit: async (checks, writes) => store.commit(checks, isTurn() ? [] : writes),
      }
    },
  },
  {
    defect: 'a commit of which one half is done',
    says: /two winners|no order/,
    breaks(store) {
      const isTurn = oneOf(5)
      return {
        ...store,
        commit: async (checks, writes) =>
          store.commit(checks, writes.length > 1 && isTurn() ? writes.slice(0, 1) : writes),
      }
    },
  },
  {
    defect: 'a commit whose other half is seen later',
    says: /two winners|no order|shows what/,
    breaks: (store) => ({
      ...store,
      async commit(checks, [first, ...others]) {
        if (!first) return store.commit(checks, [])
        if (!(await store.commit(checks, [first]))) return false
        await turns(1)
        return store.commit([], others)
      },
    }),
  },
  {
    defect: 'a commit that answers false and is done',
    says: /answered false and changed/,
    breaks(store) {
      const isTurn = oneOf(15)
      return {
        ...store,
        commit: async (checks, writes) => (await store.commit(checks, writes)) && !isTurn(),
      }
    },
  },
  {
    defect: 'a total that is handed out twice',
    says: /one total is handed out twice/,
    breaks(store) {
      const isTurn = oneOf(5)
      return {
        ...store,
        async increment(counter, by, purgeAt) {
          if (!isTurn()) return store.increment(counter, by, purgeAt)
          const total = await store.increment(counter, 0, purgeAt)
          await turns(1)
          await store.increment(counter, by, purgeAt)
          return total + by
        },
      }
    },
  },
  {
    defect: 'a write of unknown outcome that takes effect twice',
    says: /has two versions/,
    breaks(store) {
      const isTurn = oneOf(4)
      return {
        ...store,
        async commit(checks, writes) {
          if (checks.length > 0 || !isTurn()) return store.commit(checks, writes)
          await store.commit(checks, writes)
          void turns(8).then(() => store.commit(checks, writes))
          return lost()
        },
      }
    },
  },
  {
    defect: 'an increment of unknown outcome that takes effect twice',
    says: /shows more than/,
    breaks(store) {
      const isTurn = oneOf(15)
      return {
        ...store,
        async increment(counter, by, purgeAt) {
          const total = await store.increment(counter, by, purgeAt)
          if (!isTurn()) return total
          await store.increment(counter, by, purgeAt)
          return lost()
        },
      }
    },
  },
]
