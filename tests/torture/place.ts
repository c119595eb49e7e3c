import type { Store } from '@pair/core'
import { fileStore } from '@pair/node'
import { postgresStore } from '@pair/store-postgres'
import { redisStore } from '@pair/store-redis'
import { sqliteStore } from '@pair/store-sqlite'
import { newPool } from '../../packages/store-postgres/test/kit/clients.ts'
import { newRedis } from '../../packages/store-redis/test/kit/clients.ts'

/** Where a store is, as one process tells another. */
export type Place =
  | { kind: 'sqlite'; file: string }
  | { kind: 'file'; file: string }
  | { kind: 'redis'; url: string; prefix: string }
  | {
      kind: 'postgres'
      url: string
      schema: string
      /** What the server calls the lines of who opens it. */
      name: string
      /** Another way to the server, for what others tell; `null`: nobody listens. Default: the same. */
      listenUrl?: string | null
      timeoutMs?: number
      /** How far the clock of the store is ahead of the machine's. Milliseconds. Default: the server's own. */
      aheadMs?: number
    }

export interface OpenPlace {
  store: Store
  /** Lets what is under way end. */
  close(): Promise<void>
}

export function openPlace(place: Place): OpenPlace {
  if (place.kind === 'sqlite') {
    const store = sqliteStore(place.file)
    return { store, close: async () => store.close() }
  }
  if (place.kind === 'file') {
    const store = fileStore(place.file)
    return { store, close: () => store.close() }
  }
  if (place.kind === 'redis') {
    const client = newRedis(place.url)
    const store = redisStore(client, { prefix: place.prefix, unsafe: 'allow' })
    return {
      store,
      async close() {
        await store.close()
        client.disconnect()
      },
    }
  }
  const { url, schema, name, listenUrl, timeoutMs, aheadMs } = place
  const pool = newPool({ connectionString: url, max: 5, application_name: name })
  const ear = listenUrl ? newPool({ connectionString: listenUrl, max: 1 }) : null
  const store = postgresStore(pool, {
    schema,
    ...(listenUrl === null ? { listen: false } : ear && { listen: ear }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(aheadMs !== undefined && { clock: () => Date.now() + aheadMs }),
  })
  return {
    store,
    async close() {
      await store.close()
      await Promise.all([pool.end(), ear?.end()])
    },
  }
}
