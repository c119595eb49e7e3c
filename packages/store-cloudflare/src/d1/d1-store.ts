import type { Store } from '@pair/core'
import {
  fromKeyText,
  toBelowText,
  toEndText,
  toKeyText,
  toLimit,
  toPurgeAt,
  toRaise,
  toStep,
} from '@pair/core/store'
import { toCommit } from './d1-commit.ts'
import { createTransact, type D1Binding, type Sql } from './d1-database.ts'
import { migrateD1 } from './d1-migrate.ts'
import { readTail, toPurgeItems, toTail } from './d1-stream.ts'

/** How the database is used. */
export interface D1StoreOptions {
  /** What `time()` answers, for tests whose clock stands still. Default: the clock of the database. */
  clock?: () => number
}

interface RecordRow {
  key: string
  value: string
  version: string
}

/**
 * A store in a D1 database, for any number of Workers. Each call is one round trip to its primary, and each commit one
 * transaction. Tables are made at the first call.
 *
 * @throws PairError `config_invalid` where this is no binding of a database
 * @example
 * const pair = createPair({ secret: env.PAIR_SECRET, store: d1Store(env.DB) })
 */
export function d1Store(database: D1Binding, options: D1StoreOptions = {}): Store {
  const transact = createTransact(database)
  let isMigrated = false

  async function run<R>(...statements: Sql[]): Promise<R[]> {
    // never a promise that others wait for: it would end with the request that began it
    if (!isMigrated) {
      await migrateD1(transact)
      isMigrated = true
    }
    return (await transact(statements)).at(-1) as R[]
  }

  return {
    async read(key) {
      const text = 'SELECT value, version FROM pair_record WHERE key = ?'
      const [row] = await run<RecordRow>([text, toKeyText(key)])
      return row ? { key: [...key], value: row.value, version: row.version } : null
    },

    async list(prefix, { after, limit }) {
      const [start, bound] = [toBelowText(prefix), after ? toKeyText(after) : '']
      const rows = await run<RecordRow>([
        'SELECT key, value, version FROM pair_record WHERE key > ? AND key < ? ORDER BY key LIMIT ?',
        bound > start ? bound : start,
        toEndText(start),
        toLimit(limit),
      ])
      return rows.map((row) => ({ ...row, key: fromKeyText(row.key) }))
    },

    async commit(checks, writes) {
      const name = newName()
      let count = 0
      const newVersion = (): string => `${name}.${(count += 1)}`
      const passes = await run(
        ...toCommit(`commit ${name}`, checks, writes.map(toStep), newVersion),
      )
      return passes.length === 1
    },

    async increment(counter, by, purgeAt) {
      const id = toKeyText(counter)
      const [row] = await run<{ total: number }>(
        toRaise(by) === 0
          ? ['SELECT total FROM pair_counter WHERE key = ?', id]
          : [
              `INSERT INTO pair_counter (key, total, purge_at) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE
               SET total = total + excluded.total, purge_at = max(purge_at, excluded.purge_at) RETURNING total`,
              id,
              by,
              toPurgeAt(purgeAt),
            ],
      )
      return row?.total ?? 0
    },

    async tail(stream, after, limit) {
      return readTail(await run(toTail(toKeyText(stream), after, toLimit(limit))))
    },

    async purge(before, limit) {
      let left = toLimit(limit)
      left -= (await run(...toPurgeItems(before, left))).length
      for (const table of ['pair_record', 'pair_counter']) {
        const due = `SELECT key FROM ${table} WHERE purge_at < ? ORDER BY purge_at LIMIT ?`
        left -= (
          await run([`DELETE FROM ${table} WHERE key IN (${due}) RETURNING 1`, before, left])
        ).length
      }
      return toLimit(limit) - left
    },

    async time() {
      if (options.clock) return options.clock()
      const now = "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now"
      const [row] = await run<{ now: number }>([now])
      return row!.now
    },
  }
}

/** Its random part makes sure that no version comes back, whichever Worker makes it. */
function newName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(15))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
