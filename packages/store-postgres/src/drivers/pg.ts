import { systemTimers, withPatience } from '@pair/core/store'
import type { Driver, Row, Value } from '../driver.ts'
import { isAnswer, isUnprepared } from '../outcome.ts'

interface Query {
  name?: string
  text: string
  values?: unknown[]
}

/** What the store uses of a client of pg. */
export interface PgClient {
  query(query: Query): Promise<{ rows: Row[] }>
  release(error?: Error | boolean): void
  on(event: never, listener: never): unknown
  removeListener(event: never, listener: never): unknown
}

/** What the store uses of a `Pool` of pg. */
export interface PgPool {
  connect(): Promise<PgClient>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'connect', listener: (client: PgClient) => void): unknown
  listeners(event: 'error' | 'connect'): unknown[]
  options?: { max?: number | undefined }
  readonly totalCount: number
}

/** The events of a client: pg types them more closely than a stranger's interface can say. */
interface Events {
  on(event: 'error', listener: (error: Error) => void): unknown
  on(
    event: 'notification',
    listener: (told: { channel: string; payload?: string }) => void,
  ): unknown
  on(event: 'end', listener: () => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
}

const eventsOf = (client: PgClient): Events => client as unknown as Events

export function isPg(client: object): client is PgPool {
  return 'totalCount' in client && 'connect' in client && typeof client.connect === 'function'
}

export function pgDriver(pool: PgPool): Driver {
  // a line that breaks while nobody uses it is the pool's to replace: without a listener the process would end
  if (!pool.listeners('error').includes(ignore)) pool.on('error', ignore)
  // one may break while it is handed over, when neither the pool nor who asked for it listens
  if (!pool.listeners('connect').includes(hush)) pool.on('connect', hush)
  let prepares = true

  async function use<T>(patienceMs: number, work: (client: PgClient) => Promise<T>): Promise<T> {
    const client = await withPatience(systemTimers, patienceMs, pool.connect(), (late) =>
      late.release(),
    )
    eventsOf(client).on('error', ignore)
    let broken: Error | undefined
    try {
      return await withPatience(systemTimers, patienceMs, work(client))
    } catch (error) {
      // what was not answered may still be under way on that line
      if (!isAnswer(error)) broken = error as Error
      throw error
    } finally {
      eventsOf(client).removeListener('error', ignore)
      client.release(broken)
    }
  }

  async function query(
    { name, text }: { name: string; text: string },
    values: readonly Value[],
    ms: number,
  ): Promise<Row[]> {
    const bound = { text, values: [...values] }
    const named = prepares
    try {
      const { rows } = await use(ms, (client) => client.query(named ? { ...bound, name } : bound))
      return rows
    } catch (error) {
      // a pooler between us and the server hands each transaction to another line, which knows not what we prepared
      if (!named || !isUnprepared(error)) throw error
      prepares = false
      return query({ name, text }, values, ms)
    }
  }

  return {
    query,
    lines: pool.options?.max ?? 10,
    listensOnOne: true,
    async transaction(work, patienceMs) {
      const client = await withPatience(systemTimers, patienceMs, pool.connect(), (late) =>
        late.release(),
      )
      eventsOf(client).on('error', ignore)
      let broken: Error | undefined
      const run = async (text: string, values?: readonly Value[]): Promise<Row[]> => {
        const asked = client.query(values ? { text, values: [...values] } : { text })
        return (await withPatience(systemTimers, patienceMs, asked)).rows
      }
      try {
        await run('BEGIN ISOLATION LEVEL READ COMMITTED')
        const result = await work({ script: async (text) => void (await run(text)), query: run })
        await run('COMMIT')
        return result
      } catch (error) {
        if (isAnswer(error)) await run('ROLLBACK').catch((failed: Error) => (broken = failed))
        else broken = error as Error
        throw error
      } finally {
        eventsOf(client).removeListener('error', ignore)
        client.release(broken)
      }
    },
    async listen(channels, listener, patienceMs) {
      const client = await withPatience(systemTimers, patienceMs, pool.connect(), (late) =>
        late.release(),
      )
      let open = true
      const end = (): void => {
        if (!open) return
        open = false
        client.release(true) // it listens: nobody else shall have it
        listener.ended()
      }
      eventsOf(client).on('error', end)
      eventsOf(client).on('end', end)
      eventsOf(client).on('notification', ({ channel, payload = '' }) => {
        if (open) listener.heard(channel, payload)
      })
      try {
        for (const channel of channels)
          await withPatience(
            systemTimers,
            patienceMs,
            client.query({ text: `LISTEN "${channel}"` }),
          )
      } catch (error) {
        end()
        throw error
      }
      return {
        query: async ({ text }, values) => (await client.query({ text, values: [...values] })).rows,
        close() {
          if (!open) return
          open = false
          client.release(true)
        },
      }
    },
  }
}

function hush(client: PgClient): void {
  eventsOf(client).on('error', ignore)
}

function ignore(): void {}
