import type { Key, Store } from '../../src/ports/store.ts'

/** One call of a store, as it was made. */
export interface StoreCall {
  do: 'read' | 'list' | 'commit' | 'increment'
  /** The first two parts behind the namespace: what it was about. */
  words: string
}

/** A store that keeps which calls were made of it, in their order. */
export interface Counting {
  store: Store
  calls: StoreCall[]
  /** How many codes were looked up. */
  lookups(): number
  /** Forgets what was kept. */
  clear(): void
}

const wordOf = (key: Key): string => key[1] ?? ''

export function counting(real: Store): Counting {
  const calls: StoreCall[] = []
  const keep = (call: StoreCall['do'], words: string): void => void calls.push({ do: call, words })
  const counted: Counting = {
    calls,
    lookups: () =>
      calls.filter((call) => call.do === 'read' && call.words === 'code-lookup').length,
    clear: () => void calls.splice(0),
    store: {
      ...real,
      async read(key) {
        // The ring of keys is read whenever it may have changed, whoever asks.
        if (wordOf(key) !== 'key-ring') keep('read', wordOf(key))
        return real.read(key)
      },
      async list(prefix, page) {
        keep('list', wordOf(prefix))
        return real.list(prefix, page)
      },
      async commit(checks, writes) {
        keep('commit', checks.map(({ key }) => wordOf(key)).join(' '))
        return real.commit(checks, writes)
      },
      async increment(key, by, purgeAt) {
        keep('increment', `${key[2]} ${by}`)
        return real.increment(key, by, purgeAt)
      },
    },
  }
  return counted
}
