// Opens a memory store, right or broken: what runners are given as the module of a store.
import { memoryStore, type Store, type Write } from '@pair/core'
import type { OpenedStore, TorturedStore } from '@pair/testkit/torture'

export interface MemoryPlace {
  name: string
  defect: Defect | null
}

/** Of this process, by their names. */
const stores = new Map<string, Store>()
const down = new Set<string>()
/** What undoes the latest commits, by names of stores; the latest first. */
const latest = new Map<string, Write[][]>()
const FORGOTTEN = 15
const letIn = new Set<string>()
/** How many commits each was asked for. */
const begun = new Map<string, number>()
const LATE = 40

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Has room for a session only where it is allowed. */
function withSessions(store: Store, isAllowed: () => boolean): Store {
  const isSession = (write: Write): boolean => 'key' in write && write.key[1] === 'session'
  return {
    ...store,
    async commit(checks, writes) {
      if (writes.some(isSession) && !isAllowed()) throw new Error('no room for a session')
      return store.commit(checks, writes)
    },
  }
}

const defects = {
  /** Looks, and then writes. */
  'two winners': (store) => ({
    ...store,
    async commit(checks, writes) {
      if (!(await store.commit(checks, []))) return false
      await later(0)
      return store.commit([], writes)
    },
  }),
  /** Writes one half, and then the other. */
  halves: (store) => ({
    ...store,
    async commit(checks, [first, ...others]) {
      if (!first) return store.commit(checks, [])
      if (!(await store.commit(checks, [first]))) return false
      await later(1)
      return store.commit([], others)
    },
  }),
  'no session': (store) => withSessions(store, () => false),
  /** Whoever issues codes is let in, and nobody behind. */
  'one session': (store, name) =>
    withSessions(store, () => !letIn.has(name) && Boolean(letIn.add(name))),
  /** It is away when one begins with it. */
  late: (store, name) => ({
    ...store,
    async commit(checks, writes) {
      const before = begun.get(name) ?? 0
      begun.set(name, before + 1)
      if (before < LATE) throw new Error('took too long')
      return store.commit(checks, writes)
    },
  }),
  'no time': (store) => {
    const { time: _, ...timeless } = store
    return timeless
  },
  /** What it wrote last is lost with its server. */
  'short memory': (store, name) => ({
    ...store,
    async commit(checks, writes) {
      const keys = writes.flatMap((write) => ('key' in write ? [write.key] : []))
      const before = await Promise.all(keys.map((key) => store.read(key)))
      const isDone = await store.commit(checks, writes)
      const undo = keys.map((key, at): Write => {
        const value = before[at]?.value
        return value === undefined ? { key, value: null } : { key, value, purgeAt: null }
      })
      if (isDone) latest.set(name, [undo, ...(latest.get(name) ?? [])].slice(0, FORGOTTEN))
      return isDone
    },
  }),
} satisfies Record<string, (store: Store, name: string) => Store>

export type Defect = keyof typeof defects

export function openStore({ name, defect }: MemoryPlace): OpenedStore {
  const real = stores.get(name) ?? memoryStore()
  stores.set(name, real)
  const store = defect === null ? real : defects[defect](real, name)
  const whereUp = <T>(go: () => Promise<T>): Promise<T> =>
    down.has(name) ? Promise.reject(new Error('connection refused')) : go()
  return {
    close() {},
    store: {
      ...store,
      read: (...given) => whereUp(() => store.read(...given)),
      list: (...given) => whereUp(() => store.list(...given)),
      commit: (...given) => whereUp(() => store.commit(...given)),
      increment: (...given) => whereUp(() => store.increment(...given)),
      tail: (...given) => whereUp(() => store.tail(...given)),
    },
  }
}

/** Memory stores in this process, each on a server that can be killed. */
export function memoryPlaces(defect: Defect | null = null): TorturedStore {
  return {
    module: import.meta.url,
    oneProcess: true,
    async fresh() {
      const place: MemoryPlace = { name: String(stores.size), defect }
      return {
        setting: place,
        server: {
          async kill() {
            down.add(place.name)
            for (const undo of latest.get(place.name) ?? [])
              await stores.get(place.name)!.commit([], undo)
            latest.delete(place.name)
          },
          async start() {
            await later(30)
            down.delete(place.name)
          },
        },
      }
    },
  }
}
