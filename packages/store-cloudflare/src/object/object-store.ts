import type { Store } from '@pair/core'
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
import { createCounterTable, createRecordTable, createStreamTable } from '@pair/store-sqlite/tables'
import { migrateObject } from './migrate-object.ts'
import { createObjectConnection } from './object-connection.ts'
import type { ObjectStorage } from './object-storage.ts'
import { createWatchers } from './watchers.ts'

/** How the storage is used. */
export interface ObjectStoreOptions {
  /** What `time()` answers, for tests whose clock stands still. Default: the clock of the object. */
  clock?: () => number
}

/**
 * A store in the SQLite storage of the Durable Object that this runs in: one store an object, made in its constructor. An object does
 * one thing at a time, and nothing that it answers leaves it before what it wrote is kept.
 *
 * @throws PairError `config_invalid` where the class has no SQLite storage, or a later version has written to it
 * @example
 * export class Server extends DurableObject {
 *   pair = createPair({ secret: this.env.PAIR_SECRET, store: objectStore(this.ctx.storage) })
 *   fetch = (request: Request) => this.pair.handler(request)
 * }
 */
export function objectStore(storage: ObjectStorage, options: ObjectStoreOptions = {}): Store {
  const clock = options.clock ?? Date.now
  const connection = createObjectConnection(storage)
  migrateObject(storage, connection)
  const records = createRecordTable(connection)
  const counters = createCounterTable(connection)
  const streams = createStreamTable(connection)
  const watchers = createWatchers()

  // the count alone would come back with the next life of the object
  const life = newLife()
  let count = 0

  function apply(step: Step, keys: readonly string[]): void {
    if (step.do === 'remove') records.remove(step.id)
    else if (step.do === 'append') streams.append(step.id, step.value, keys, step.purgeAt)
    else {
      count += 1
      records.put(step.id, step.value, `${life}.${count}`, step.purgeAt)
    }
  }

  return {
    async read(key) {
      const row = records.read(toKeyText(key))
      return row ? { ...row, key: [...key] } : null
    },

    async list(prefix, { after, limit }) {
      const bound = after ? toKeyText(after) : ''
      const rows = records.page(toBelowText(prefix), bound, toLimit(limit))
      return rows.map((row) => ({ ...row, key: fromKeyText(row.key) }))
    },

    async commit(checks, writes) {
      const needs = checks.map(({ key, version }) => ({ id: toKeyText(key), version }))
      const steps = writes.map(toStep)
      const keys = steps.filter((step) => step.do !== 'append').map((step) => step.id)
      const done = storage.transactionSync(() => {
        if (needs.some(({ id, version }) => (records.read(id)?.version ?? null) !== version))
          return false
        for (const step of steps) apply(step, keys)
        return true
      })
      if (done) watchers.tell([...new Set(steps.map((step) => step.id))])
      return done
    },

    async increment(counter, by, purgeAt) {
      const id = toKeyText(counter)
      return toRaise(by) === 0 ? counters.read(id) : counters.raise(id, by, toPurgeAt(purgeAt))
    },

    async tail(stream, after, limit) {
      return streams.tail(toKeyText(stream), after, toLimit(limit))
    },

    async purge(before, limit) {
      return storage.transactionSync(() => {
        let left = toLimit(limit)
        for (const table of [streams, records, counters]) left -= table.purge(before, left)
        return toLimit(limit) - left
      })
    },

    time: async () => clock(),
    watch: (prefix, on) => watchers.add(prefix, on),
  }
}

function newLife(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
