import { systemTimers, withPatience } from '@pair/core/store'
import type { Driver, LineListener, Row, Statement, Value } from '../driver.ts'
import { isUnprepared } from '../outcome.ts'

interface PendingRows extends Promise<Row[]> {
  /** What is sent when its turn comes. */
  strings?: string[]
  args?: unknown[]
  /** The line that it was sent on. */
  readonly state?: unknown
}

interface Unsafe {
  unsafe(text: string, values?: never[], options?: { prepare?: boolean }): PendingRows
}

/** What the store uses of what `postgres()` answers. */
export interface PostgresJs extends Unsafe {
  begin<T>(options: string, work: (sql: Unsafe) => Promise<T>): Promise<T>
  listen(
    channel: string,
    heard: (payload: string) => void,
    listening?: () => void,
  ): Promise<unknown>
  options: { max?: number }
}

export function isPostgresJs(client: object): client is PostgresJs {
  return typeof client === 'function' && 'unsafe' in client && 'begin' in client
}

/** A channel that is heard. */
interface Channel {
  listeners: Set<LineListener>
  /** Once the server knows. */
  ready: Promise<void>
}

export function postgresJsDriver(sql: PostgresJs): Driver {
  let prepares = true
  const channels = new Map<string, Channel>()

  /**
   * Once for all: the driver has a line of its own for all channels and opens it anew by itself. Asked twice it tells everything twice,
   * and to be asked while that line ends can make it deaf.
   */
  function hear(name: string): Channel {
    const listeners = new Set<LineListener>()
    let times = 0
    const ready = new Promise<void>((resolve) => {
      const listening = (): void => {
        resolve()
        times += 1
        // what was told since the line before is lost. After an outage it asks as often as it tried: one line is then taken for
        // several, and watchers are told more than once that any key may have changed
        if (times > 1) for (const listener of Array.from(listeners)) listener.ended()
      }
      const heard = (payload: string): void => {
        for (const listener of Array.from(listeners)) listener.heard(name, payload)
      }
      // it tries again by itself where it fails
      sql.listen(name, heard, listening).catch(() => {})
    })
    const channel = { listeners, ready }
    channels.set(name, channel)
    return channel
  }

  async function query(
    statement: Statement,
    values: readonly Value[],
    patienceMs: number,
  ): Promise<Row[]> {
    const prepare = prepares
    const pending = sql.unsafe(statement.text, [...values] as never[], { prepare })
    try {
      return [...(await withPatience(systemTimers, patienceMs, pending))]
    } catch (error) {
      // what still waits for a line shall not be done later. It is emptied: a line that opens for what was cancelled never becomes free
      if (!pending.state) {
        pending.strings = ['SELECT']
        pending.args = []
      }
      if (!prepare || !isUnprepared(error)) throw error
      prepares = false
      return query(statement, values, patienceMs)
    }
  }

  return {
    query,
    lines: sql.options.max ?? 10,
    listensOnOne: false,
    transaction: (work, patienceMs) =>
      sql.begin('ISOLATION LEVEL READ COMMITTED', (transaction) =>
        work({
          script: async (text) =>
            void (await withPatience(systemTimers, patienceMs, transaction.unsafe(text))),
          query: async (text, values = []) => [
            ...(await withPatience(
              systemTimers,
              patienceMs,
              transaction.unsafe(text, [...values] as never[]),
            )),
          ],
        }),
      ),
    async listen(names, listener, patienceMs) {
      const heard = names.map((name) => channels.get(name) ?? hear(name))
      for (const { listeners } of heard) listeners.add(listener)
      const close = (): void => {
        for (const { listeners } of heard) listeners.delete(listener)
      }
      try {
        await withPatience(systemTimers, patienceMs, Promise.all(heard.map(({ ready }) => ready)))
      } catch (error) {
        close()
        throw error
      }
      return { query: (statement, values) => query(statement, values, patienceMs), close }
    },
  }
}
