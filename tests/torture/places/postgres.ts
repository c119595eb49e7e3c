import { postgresStore } from '@pair/store-postgres'
import type { OpenedStore } from '@pair/testkit/torture'
import { newPool } from '../../../packages/store-postgres/test/kit/clients.ts'

export interface PostgresPlace {
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

export function openStore(place: PostgresPlace): OpenedStore {
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
