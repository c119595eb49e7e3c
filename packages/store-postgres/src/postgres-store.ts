import { PairError, type Position, type Store, type Tail } from '@pair/core'
import {
  fromKeyText,
  systemTimers,
  toBelowText,
  toEndText,
  toKeyText,
  toLimit,
  toPurgeAt,
  toRaise,
  withPatience,
} from '@pair/core/store'
import { toArrayText } from './array-text.ts'
import { toCommit, toCommitValues, toVerdicts, type Commit } from './commits.ts'
import { toRaiseValues, toTotals, type Raise } from './counters.ts'
import type { PostgresClient, Row, Statement, Value } from './driver.ts'
import { createHerald } from './herald.ts'
import { createLanes } from './lanes.ts'
import { openSchema } from './migrate.ts'
import { isAnswer, isTransient } from './outcome.ts'
import { createPositions, type Positions } from './positions.ts'
import { toSettings, type PostgresOptions } from './postgres-options.ts'
import { digest, toStatements } from './statements.ts'
import { createWatch } from './watch.ts'

/** A store that listens until it is closed. */
export interface PostgresStore extends Store {
  /**
   * Stops listening; calls that wait, and all later ones, are rejected. Resolves when those under way are answered and other
   * processes know what they wrote. The client stays yours to end.
   */
  close(): Promise<void>
}

/** So many go in one statement of `purge`, and each of them is locked meanwhile. */
const PURGED_AT_ONCE = 200

/**
 * A store in a Postgres database (13 or later), for any number of processes on any number of machines.
 *
 * @throws PairError `config_invalid` for a client or an option that is none; its hint says what mends it.
 * @example
 * const pair = createPair({ secret, store: postgresStore(new Pool({ connectionString })) })
 */
export function postgresStore(
  client: PostgresClient,
  options: PostgresOptions = {},
): PostgresStore {
  const settings = toSettings(client, options)
  const { driver, listener, place, timeoutMs, writers } = settings
  const statements = toStatements(place.at)
  const self = globalThis.crypto.randomUUID().replaceAll('-', '')
  const channel = `pair_${digest(place.at('record'))}`
  let versions = 0
  let closed = false
  let closing: Promise<void> | undefined
  let opened: Positions | undefined
  let opening: Promise<Positions> | undefined

  /** The schema is looked at once, when the first call comes; after a failure again at the next. */
  async function ready(): Promise<Positions> {
    if (closed) throw isClosed()
    if (opened) return opened
    opening ??= openSchema(driver, place, settings.migrate, timeoutMs).then(
      ({ birth }) => (opened = createPositions(birth)),
      (error: unknown) => {
        opening = undefined
        throw error
      },
    )
    // the steps may take longer than a call
    return withPatience(systemTimers, timeoutMs, opening)
  }

  async function ask(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    await ready()
    try {
      return await driver.query(statement, values, timeoutMs)
    } catch (error) {
      // a line that had died in the pool, or a rival: nothing was changed, and once more may go well
      if (error instanceof PairError || (isAnswer(error) && !isTransient(error))) throw error
      return driver.query(statement, values, timeoutMs)
    }
  }

  async function call(statement: Statement, values: readonly Value[]): Promise<Row> {
    await ready()
    const [row] = await driver.query(statement, values, timeoutMs)
    return row!
  }

  const shared = { lanes: writers, patienceMs: timeoutMs, most: settings.batchKeys }
  const commits = createLanes<Commit, boolean>({
    ...shared,
    // one that only tells the journal something has no keys
    weigh: ({ locks }) => Math.max(1, locks.size),
    async send(members, lockMs) {
      // a version never comes back: not of another process, not after a restart
      const values = toCommitValues(members, () => `${self}.${(++versions).toString(36)}`)
      const { lost } = await call(statements.commit, [lockMs, ...values])
      return toVerdicts(members.length, String(lost))
    },
  })
  const raises = createLanes<Raise, number>({
    ...shared,
    weigh: () => 1,
    async send(members, lockMs) {
      const { totals } = await call(statements.raise, [lockMs, ...toRaiseValues(members)])
      return toTotals(members, String(totals))
    },
  })
  const herald = createHerald(self, (payloads) =>
    driver.query(statements.tell, [channel, toArrayText(payloads)], timeoutMs),
  )
  const watch =
    listener && createWatch({ driver: listener, statement: statements.tell, channel, self, ready })

  async function end(): Promise<void> {
    watch?.close()
    await Promise.all([commits.close(isClosed()), raises.close(isClosed())])
    await herald.close()
  }

  return {
    async read(key) {
      const [row] = await ask(statements.read, [toKeyText(key)])
      return row
        ? { key: [...key], value: String(row['value']), version: String(row['version']) }
        : null
    },

    async list(prefix, { after, limit }) {
      const [below, bound] = [toBelowText(prefix), after ? toKeyText(after) : '']
      const start = bound > below ? bound : below
      const rows = await ask(statements.list, [start, toEndText(below), toLimit(limit)])
      return rows.map(({ key, value, version }) => ({
        key: fromKeyText(String(key)),
        value: String(value),
        version: String(version),
      }))
    },

    async commit(checks, writes) {
      const commit = toCommit(checks, writes)
      const tell = (): void => {
        if (commit.steps.length === 0) return
        const keys = [...new Set(commit.steps.map(({ id }) => id))]
        watch?.tell(keys)
        herald.tell(keys)
      }
      try {
        const held = await commits.add(commit)
        if (held) tell()
        return held
      } catch (error) {
        // it may be done
        if ((error as PairError | null)?.undone !== true) tell()
        throw error
      }
    },

    async increment(counter, by, purgeAt) {
      const id = toKeyText(counter)
      if (toRaise(by) > 0) return raises.add({ id, by, purgeAt: toPurgeAt(purgeAt) })
      const [row] = await ask(statements.total, [id])
      return Number(row?.['total'] ?? 0)
    },

    async tail(stream, after, limit) {
      const id = toKeyText(stream)
      const { toPosition, toPlace } = await ready()
      // first up to where, then what is there: all before it can be seen by now
      const [horizon] = await ask(statements.horizon, [])
      const from = toPlace(after)
      // what a reader has passed stays passed: a commit may take its place long before the lock that names it
      const upto = Math.max(Number(horizon!['upto']), Math.min(from, Number(horizon!['newest'])))
      const values = [id, from, upto, toLimit(limit)]
      const rows = await ask(statements.tail, values)
      return toTail(rows, horizon!['settled'] === true, toPosition)
    },

    async purge(before, limit) {
      let gone = 0
      for (const most = toLimit(limit); gone < most;) {
        const some = Math.min(PURGED_AT_ONCE, most - gone)
        const row = await call(statements.purge, [
          Math.ceil(timeoutMs / 2),
          Math.min(Math.ceil(before), Number.MAX_SAFE_INTEGER),
          some,
        ])
        gone += Number(row['gone'])
        if (Number(row['gone']) < some) break
      }
      return gone
    },

    async time() {
      if (options.clock) return options.clock()
      const [row] = await ask(statements.time, [])
      return Number(row!['now'])
    },

    ...(watch && { watch: watch.add }),

    close() {
      closed = true
      return (closing ??= end())
    },
  }
}

function toTail(rows: readonly Row[], settled: boolean, toPosition: Positions['toPosition']): Tail {
  const at = (place: unknown): Position | null =>
    place === null || place === undefined || Number(place) === 0 ? null : toPosition(Number(place))
  return {
    items: rows.flatMap(({ place, value, keys }) =>
      place === null
        ? []
        : [
            {
              position: toPosition(Number(place)),
              value: String(value),
              keys: (JSON.parse(String(keys)) as string[]).map(fromKeyText),
            },
          ],
    ),
    oldest: at(rows[0]?.['oldest']),
    latest: at(rows[0]?.['latest']),
    settled,
  }
}

function isClosed(): PairError {
  return new PairError('store_unavailable', {
    undone: true,
    message: 'The store was closed.',
    hint: 'Close it after the last call: pair.close() first, then store.close().',
  })
}
