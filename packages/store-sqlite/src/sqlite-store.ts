import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { PairError, type Store } from '@pair/core'
import {
  fromKeyText,
  toBelowText,
  toKeyText,
  toLimit,
  toPurgeAt,
  toRaise,
  toStep,
  type Step,
} from '@pair/core/store'
import { isBusy, randomWait } from './busy.ts'
import { toDriver, type SqliteDriver } from './driver.ts'
import { openDatabase } from './open-database.ts'
import { createChangeTable } from './tables/change-table.ts'
import { createCounterTable } from './tables/counter-table.ts'
import { createRecordTable } from './tables/record-table.ts'
import { createStreamTable } from './tables/stream-table.ts'
import { createWatch } from './watch.ts'
import { createWriter } from './writer.ts'

/** How the file is opened. */
export interface SqliteOptions {
  /** The class of the driver. Default: node:sqlite of the runtime (Node 22.13 or later, Bun, Deno). */
  driver?: SqliteDriver
  /**
   * How long a call waits for its turn, as while another process writes. What is rejected then is not done later.
   * Milliseconds, default 1,500.
   */
  busyMs?: number
  /** What `time()` answers, for tests whose clock stands still. Default: the clock of the process. */
  clock?: () => number
}

/** A store that holds its file open until it is closed. */
export interface SqliteStore extends Store {
  /** Closes the file. Calls that wait, and all later ones, are rejected. */
  close(): void
}

/**
 * A store in one SQLite file, for any number of processes of one machine. The file is made where there is none.
 *
 * @throws PairError `config_invalid` where the file, or the driver, can't be used; its hint says what mends it.
 * @example
 * const pair = createPair({ secret, store: sqliteStore('.data/pair.db') })
 */
export function sqliteStore(file: string, options: SqliteOptions = {}): SqliteStore {
  const busyMs = toBusyMs(options.busyMs ?? 1_500)
  const clock = options.clock ?? Date.now
  const { connection, guard } = openDatabase(file, toDriver(options.driver))
  const records = createRecordTable(connection)
  const counters = createCounterTable(connection)
  const streams = createStreamTable(connection)
  const changes = createChangeTable(connection)
  const watch = createWatch(changes, guard)
  const writer = createWriter({ connection, guard, committed: watch.poll, busyMs })
  let closed = false

  // the count alone would come back after a restart, or in a copy of the file
  const life = randomBytes(12).toString('base64url')
  let count = 0

  function apply(step: Step, keys: readonly string[]): void {
    if (step.do === 'remove') records.remove(step.id)
    else if (step.do === 'append') streams.append(step.id, step.value, keys, step.purgeAt)
    else {
      count += 1
      records.put(step.id, step.value, `${life}.${count}`, step.purgeAt)
    }
  }

  async function read<T>(work: () => T): Promise<T> {
    const start = performance.now()
    for (;;) {
      if (closed) throw isClosed()
      guard()
      try {
        return work()
      } catch (error) {
        if (!isBusy(error) || performance.now() - start > busyMs) throw error
      }
      await setTimeout(randomWait(performance.now() - start))
    }
  }

  async function write<T>(work: () => T): Promise<T> {
    if (closed) throw isClosed()
    return writer.write(work)
  }

  return {
    async read(key) {
      const id = toKeyText(key)
      const row = await read(() => records.read(id))
      return row ? { ...row, key: [...key] } : null
    },

    async list(prefix, { after, limit }) {
      const [start, bound] = [toBelowText(prefix), after ? toKeyText(after) : '']
      const rows = await read(() => records.page(start, bound, toLimit(limit)))
      return rows.map((row) => ({ ...row, key: fromKeyText(row.key) }))
    },

    async commit(checks, writes) {
      const needs = checks.map(({ key, version }) => ({ id: toKeyText(key), version }))
      const steps = writes.map(toStep)
      const keys = steps.filter((step) => step.do !== 'append').map((step) => step.id)
      return write(() => {
        if (needs.some(({ id, version }) => (records.read(id)?.version ?? null) !== version))
          return false
        for (const step of steps) apply(step, keys)
        if (steps.length > 0) changes.add([...new Set(steps.map((step) => step.id))])
        return true
      })
    },

    async increment(counter, by, purgeAt) {
      const id = toKeyText(counter)
      if (toRaise(by) === 0) return read(() => counters.read(id))
      const until = toPurgeAt(purgeAt)
      return write(() => counters.raise(id, by, until))
    },

    async tail(stream, after, limit) {
      const id = toKeyText(stream)
      return read(() => streams.tail(id, after, toLimit(limit)))
    },

    async purge(before, limit) {
      return write(() => {
        let left = toLimit(limit)
        for (const table of [streams, records, counters]) left -= table.purge(before, left)
        return toLimit(limit) - left
      })
    },

    time: async () => clock(),
    watch: (prefix, on) => watch.add(prefix, on),

    close() {
      if (closed) return
      closed = true
      writer.close(isClosed())
      watch.close()
      connection.close()
    },
  }
}

function toBusyMs(ms: number): number {
  if (Number.isFinite(ms) && ms > 0) return ms
  throw new PairError('config_invalid', {
    message: 'sqliteStore: `busyMs` is a number of milliseconds.',
    hint: 'sqliteStore(file, { busyMs: 1_500 })',
  })
}

function isClosed(): PairError {
  return new PairError('store_unavailable', {
    message: 'The store was closed.',
    hint: 'Close it after the last call: pair.close() first, then store.close().',
    undone: true,
  })
}
