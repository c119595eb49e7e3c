import { memoryStore, type Key, type Store } from '@pair/core'
import { toKeyText } from '@pair/core/store'
import { broken, targetOf, type BrokenStore } from './broken-store.ts'

/** What `versioned` keeps: the rows of a memory store, and which version each shows. */
export interface Rows {
  real: Store
  shown: Map<string, string>
}

export const emptyRows = (): Rows => ({ real: memoryStore(), shown: new Map() })

/**
 * A store on these rows whose versions are drawn by `next`. A memory store does all its work before its first await, so
 * that what stands before it here is one step with it.
 */
export function versioned({ real, shown }: Rows, next: (key: string) => string): Store {
  const versionOf = (key: Key): string => shown.get(toKeyText(key)) ?? ''
  return {
    ...real,
    async read(key) {
      const version = versionOf(key)
      const entry = await real.read(key)
      return entry && { ...entry, version }
    },
    async list(prefix, page) {
      const entries = await real.list(prefix, page)
      return entries.map((entry) => ({ ...entry, version: versionOf(entry.key) }))
    },
    async commit(checks, writes) {
      const ids = writes.map((write) => toKeyText(targetOf(write)))
      if (checks.some(({ key, version }) => (shown.get(toKeyText(key)) ?? null) !== version))
        return false
      const done = real.commit([], writes)
      for (const [at, write] of writes.entries()) {
        if ('append' in write) continue
        if (write.value === null) shown.delete(ids[at]!)
        else shown.set(ids[at]!, next(ids[at]!))
      }
      return done
    },
  }
}

const counting = (): (() => string) => {
  let count = 0
  return () => String(++count)
}

/** Stores whose versions come back. */
export const brokenVersions: readonly BrokenStore[] = [
  {
    that: 'takes the value for its version',
    make() {
      const store = memoryStore()
      const asVersion = (value: string): string => `v:${value}`
      return {
        store: {
          ...store,
          async read(key) {
            const entry = await store.read(key)
            return entry && { ...entry, version: asVersion(entry.value) }
          },
          async commit(checks, writes) {
            const found = await Promise.all(checks.map(({ key }) => store.read(key)))
            const real = checks.map(({ key, version }, at) => {
              const entry = found[at]
              return {
                key,
                version: entry && version === asVersion(entry.value) ? entry.version : version,
              }
            })
            return store.commit(real, writes)
          },
        },
      }
    },
    breaks: ['a version never comes back: not by the same value'],
  },
  {
    that: 'counts the versions of each key from 1 again when it was removed',
    make() {
      const rows = emptyRows()
      const next = (key: string): string => String(Number(rows.shown.get(key) ?? 0) + 1)
      return { store: versioned(rows, next) }
    },
    breaks: [
      'a version never comes back: not by the same value',
      'of 40 who go on from a state that came and went meanwhile',
    ],
  },
  {
    that: 'counts versions from 1 again when it was purged',
    make() {
      const rows = emptyRows()
      let count = 0
      const store = versioned(rows, () => String(++count))
      const purge: Store['purge'] = async (before, limit) => {
        rows.shown.clear()
        count = 0
        return rows.real.purge(before, limit)
      }
      return { store: { ...store, purge } }
    },
    breaks: ['what is made anew after it was forgotten has a version that never was'],
  },
  {
    that: 'counts versions from 1 again when it is opened again',
    make() {
      const rows = emptyRows()
      const open = (): Store => versioned(rows, counting())
      return { store: open(), reopen: async () => open() }
    },
    breaks: ['after a restart all that was committed is there'],
  },
  {
    that: 'is gone when it is opened again',
    make: () => ({ store: memoryStore(), reopen: async () => memoryStore() }),
    breaks: ['after a restart all that was committed is there'],
  },
  {
    that: 'counts versions in each process for itself',
    make() {
      const rows = emptyRows()
      return { store: versioned(rows, counting()), others: [versioned(rows, counting())] }
    },
    breaks: ['a version never comes back in another handle'],
  },
  {
    that: 'lists other versions than it reads',
    make: broken((real) => ({
      async list(prefix, page) {
        const entries = await real.list(prefix, page)
        return entries.map((entry) => ({ ...entry, version: `${entry.version} listed` }))
      },
    })),
    breaks: ['reading moves no version'],
  },
]
