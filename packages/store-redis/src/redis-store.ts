import { PairError, type Entry, type Store } from '@pair/core'
import { toBelowText, toEndText, toKeyText, toLimit, toPurgeAt, toRaise } from '@pair/core/store'
import { createCalls } from './calls.ts'
import { toCommit, toCommitCall } from './commits.ts'
import { createDoubts } from './doubts.ts'
import type { RedisClient } from './driver.ts'
import { isOver } from './lines.ts'
import { COMMIT, COMMIT_ONCE } from './lua/commit.ts'
import { INCREMENT, INCREMENT_ONCE, TOTAL } from './lua/counters.ts'
import { LIST, READ, READ_DOUBTED, TAIL, TIME } from './lua/reads.ts'
import { BEAT, PURGE } from './lua/upkeep.ts'
import { COUNTER_TAGS } from './names.ts'
import { createOnce } from './once.ts'
import { createOpening } from './opening.ts'
import { toCursor } from './positions.ts'
import { toSettings, type RedisOptions } from './redis-options.ts'
import { isHeld, toCount, toPage, toRecord, toTail, toTime, toTotal } from './replies.ts'
import { createWatch } from './watch.ts'

/** A store that listens until it is closed. */
export interface RedisStore extends Store {
  /**
   * Stops listening; all later calls are rejected. Resolves when those under way are answered and the store's own lines are closed. The client
   * stays yours to end.
   */
  close(): Promise<void>
}

/** So many go in one script of `purge`: nobody else is served meanwhile. */
const PURGED_AT_ONCE = 200
/** An hour, but for a minute: where a counter stays that much longer it is not looked at more closely. */
const STAY_MS = 3_540_000
/** Above it are the totals of counters for which there was no room. */
const NO_ROOM = 2 ** 40

/**
 * A store in Redis (6.2 or later) or Valkey, one server or a cluster, for any number of processes on any number of machines.
 *
 * @throws PairError `config_invalid` for a client or an option that is none; its hint says what mends it.
 * @example
 * const pair = createPair({ secret, store: redisStore(new Redis(url)) })
 */
export function redisStore(client: RedisClient, options: RedisOptions = {}): RedisStore {
  const settings = toSettings(client, options)
  const { driver, listener, names, timeoutMs, logger } = settings
  const self = globalThis.crypto.randomUUID().replaceAll('-', '')
  const dice = self.slice(0, 8)
  const calls = createCalls(driver, timeoutMs, settings.wait, () => opening.forget())
  const once = driver.hasLines ? null : createOnce(calls.run, timeoutMs)
  let salt = ''
  const learn = (serverMs: number, kept: string): void => {
    once?.learn(serverMs)
    salt = kept
  }
  const opening = createOpening({ settings, calls, self, dice, learn })
  const doubts = createDoubts()
  const share = String(Math.ceil(settings.maxCounters / COUNTER_TAGS))
  let attempts = 0
  let underWay = 0
  let isFullSaid = false
  let closing: Promise<void> | undefined
  let answered: (() => void) | undefined

  const nextAttempt = (): string => `${self}.${(++attempts).toString(36)}`

  /** @throws PairError where the server could not keep one: with another each process would count for itself */
  function saltOfAll(): string {
    if (salt !== '') return salt
    opening.forget()
    throw new PairError('store_unavailable', {
      reason: 'Redis took no writes when it was opened',
      undone: true,
    })
  }

  async function track<T>(work: () => Promise<T>): Promise<T> {
    if (closing) throw isOver()
    underWay += 1
    try {
      if (!opening.isDone()) await opening.ready()
      return await work()
    } finally {
      underWay -= 1
      if (underWay === 0) answered?.()
    }
  }

  const watch =
    listener?.listen &&
    createWatch({
      listen: listener.listen,
      beat: (channel, payload) => calls.run(BEAT, [names.meta], [channel, payload, dice]),
      channel: names.channel,
      self,
      ready: opening.ready,
    })

  return {
    async read(key) {
      const id = toKeyText(key)
      const keys = [names.records + id, names.meta]
      if (!doubts.has(id)) return toRecord([...key], await track(() => calls.run(READ, keys)))
      const doubt = doubts.add()
      const record = await track(() => calls.runDurably(READ_DOUBTED, keys))
      doubt.settle()
      return toRecord([...key], record)
    },

    async list(prefix, { after, limit }) {
      const [below, bound] = [toBelowText(prefix), after ? toKeyText(after) : '']
      const most = toLimit(limit)
      const all: Entry[] = []
      return track(async () => {
        for (let next = `(${bound > below ? bound : below}`; next !== '';) {
          const args = [names.records, next, `(${toEndText(below)}`, String(most - all.length)]
          const { from, entries } = toPage(await calls.run(LIST, [names.index, names.meta], args))
          all.push(...entries)
          next = from
        }
        return all
      })
    },

    async commit(checks, writes) {
      const commit = toCommit(checks, writes)
      const { touched } = commit
      const attempt = nextAttempt()
      const { keys, args } = toCommitCall(commit, names, { attempt, dice })
      if (touched.length === 0) return isHeld(await track(() => calls.run(COMMIT, keys, args)))
      // till it is confirmed: a look at the primary alone would find it done
      const doubt = settings.wait && doubts.add(touched)
      const send = (): Promise<unknown> =>
        once
          ? once.run(COMMIT_ONCE, [...keys, names.attempt(attempt)], args)
          : calls.runDurably(COMMIT, keys, args)
      try {
        if (isHeld(await track(send))) {
          doubt?.settle()
          watch?.tell(touched)
          return true
        }
      } catch (error) {
        if ((error as PairError | null)?.undone !== true) watch?.doubt(attempt, touched)
        throw error
      }
      doubt?.withdraw()
      return false
    },

    async increment(counter, by, purgeAt) {
      const text = toKeyText(counter)
      if (toRaise(by) === 0)
        return toTotal(await track(async () => calls.run(TOTAL, names.counter(saltOfAll(), text))))
      const stayMs = Math.max(toPurgeAt(purgeAt) - Date.now(), 0) + STAY_MS
      const args = [String(by), String(toPurgeAt(purgeAt)), share, String(stayMs)]
      const send = async (): Promise<unknown> =>
        once
          ? once.run(INCREMENT_ONCE, names.counter(saltOfAll(), text, nextAttempt()), args)
          : calls.runDurably(INCREMENT, names.counter(saltOfAll(), text), args)
      const total = toTotal(await track(send))
      if (total > NO_ROOM && total < 4 * NO_ROOM && !isFullSaid) {
        isFullSaid = true
        logger.warn(
          `more counters began in this hour than there is room for, and what is new is refused as over its limit: ` +
            `maxCounters is ${settings.maxCounters}`,
        )
      }
      return total
    },

    async tail(stream, after, limit) {
      const text = toKeyText(stream)
      const { birth, from } = toCursor(after)
      const keys = [names.meta, names.purged, names.streams + text]
      const args = [text, birth, from, String(toLimit(limit)), dice]
      return toTail(await track(() => calls.run(TAIL, keys, args)))
    },

    purge: (before, limit) =>
      track(async () => {
        const keys = [names.index, names.due, names.purged]
        const bound = String(Math.min(Math.ceil(before), Number.MAX_SAFE_INTEGER))
        let gone = 0
        for (const most = toLimit(limit); gone < most;) {
          const some = Math.min(PURGED_AT_ONCE, most - gone)
          const args = [names.records, names.streams, bound, String(some)]
          const count = toCount(await calls.run(PURGE, keys, args))
          gone += count
          if (count < some) break
        }
        return gone
      }),

    async time() {
      if (options.clock) return options.clock()
      return toTime(await track(() => calls.run(TIME, [names.meta])))
    },

    ...(watch && { watch: watch.add }),

    close() {
      closing ??= new Promise<void>((resolve) => {
        answered = resolve
        if (underWay === 0) resolve()
      }).then(() => calls.close())
      watch?.close()
      return closing
    },
  }
}
