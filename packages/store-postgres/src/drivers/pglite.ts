import { systemTimers, withPatience } from '@pair/core/store'
import type { Driver, Row } from '../driver.ts'

interface PgliteQueries {
  query<T>(text: string, values?: unknown[]): Promise<{ rows: T[] }>
  exec(text: string): Promise<unknown>
}

/** What the store uses of a `PGlite`. */
export interface Pglite extends PgliteQueries {
  transaction<T>(work: (transaction: PgliteQueries) => Promise<T>): Promise<T>
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>
  readonly ready: boolean
}

export function isPglite(client: object): client is Pglite {
  return 'exec' in client && 'waitReady' in client
}

export function pgliteDriver(database: Pglite): Driver {
  const query = async (text: string, values: readonly unknown[]): Promise<Row[]> =>
    (await database.query<Row>(text, [...values])).rows
  return {
    query: ({ text }, values, patienceMs) =>
      withPatience(systemTimers, patienceMs, query(text, values)),
    lines: 1,
    listensOnOne: false,
    transaction: (work) =>
      database.transaction(async (transaction) => {
        await transaction.exec('SET TRANSACTION ISOLATION LEVEL READ COMMITTED')
        return work({
          script: async (text) => void (await transaction.exec(text)),
          query: async (text, values = []) =>
            (await transaction.query<Row>(text, [...values])).rows,
        })
      }),
    async listen(channels, listener) {
      const stops = await Promise.all(
        channels.map((channel) =>
          database.listen(channel, (payload) => listener.heard(channel, payload)),
        ),
      )
      return {
        query: ({ text }, values) => query(text, values),
        close() {
          for (const stop of stops) stop().catch(() => {})
        },
      }
    },
  }
}
