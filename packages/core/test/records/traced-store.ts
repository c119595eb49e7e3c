import type { Key, Store } from '../../src/ports/store.ts'

/** A store that tells which entries were handed out. */
export function tracedStore(real: Store, told: (key: Key) => void): Store {
  return {
    ...real,
    async read(key) {
      told(key)
      return real.read(key)
    },
    async list(prefix, page) {
      const entries = await real.list(prefix, page)
      for (const { key } of entries) told(key)
      return entries
    },
    async commit(checks, writes) {
      for (const { key } of checks) told(key)
      return real.commit(checks, writes)
    },
  }
}
