import { PairError, type Entry, type Store, type Tail } from '@pair/core'
import type { StoreCall } from './store-call.ts'

/** What is used of the binding of a namespace. */
export interface ObjectNamespace {
  idFromName(name: string): unknown
  get(id: never): unknown
}

/** Which object is asked. */
export interface DurableObjectOptions {
  /** The name of the object. Objects share nothing: other names are other stores. Default `pair`. */
  name?: string
}

interface StoreStub {
  callStore(call: StoreCall): Promise<unknown>
}

/**
 * A store in one Durable Object, for any number of Workers: its class answers `callStore` by `answerStoreCall`. What a commit
 * that threw has done is unknown; @pair finds out.
 *
 * @throws PairError `config_invalid` where this is no binding of a namespace
 * @example
 * const pair = createPair({ secret: env.PAIR_SECRET, store: durableObjectStore(env.PAIR_STORE) })
 */
export function durableObjectStore(
  namespace: ObjectNamespace,
  options: DurableObjectOptions = {},
): Store {
  const { name = 'pair' } = options
  if (typeof namespace?.idFromName !== 'function' || typeof namespace.get !== 'function')
    throw new PairError('config_invalid', {
      message: 'durableObjectStore: this is no namespace of Durable Objects.',
      hint: 'Give it the binding, such as env.PAIR_STORE, that `durable_objects.bindings` in wrangler.jsonc names.',
    })

  async function ask<T>(...call: StoreCall): Promise<T> {
    // a stub belongs to the request in which it was made, and some errors break it for good
    const stub = namespace.get(namespace.idFromName(name) as never) as StoreStub
    return (await stub.callStore(call)) as T
  }

  return {
    async read(key) {
      const entry = await ask<Entry | null>('read', key)
      return entry && plain(entry)
    },
    list: async (prefix, page) => (await ask<Entry[]>('list', prefix, page)).map(plain),
    commit: (checks, writes) => ask('commit', checks, writes),
    increment: (counter, by, purgeAt) => ask('increment', counter, by, purgeAt),
    async tail(stream, after, limit) {
      const { items, oldest, latest, settled } = await ask<Tail>('tail', stream, after, limit)
      return { items: Array.from(items), oldest, latest, settled }
    },
    purge: (before, limit) => ask('purge', before, limit),
    time: () => ask('time'),
  }
}

/** What came by RPC also has `Symbol.dispose`. */
function plain({ key, value, version }: Entry): Entry {
  return { key, value, version }
}
