import { PairError, type Store } from '@pair/core'
import { toBelowText, toEndText, toKeyText, toLimit, toPurgeAt, toRaise } from '@pair/core/store'
import { createCalls } from './calls.ts'
import { toCommit, toCommitCall, toTouched } from './commits.ts'
import { createDoubts } from './doubts.ts'
import type { RedisClient } from './driver.ts'
import { COMMIT } from './lua/commit.ts'
import { LIST, READ, READ_DOUBTED, STATE, TAIL, TIME } from './lua/reads.ts'
import { BEAT, INCREMENT, OPEN, PURGE } from './lua/upkeep.ts'
import { withPatience } from './patience.ts'
import { toCursor } from './positions.ts'
import { toSettings, type RedisOptions } from './redis-options.ts'
import { toEntries, toRecord, toTail, toTotal } from './replies.ts'
import { findDangers, isUnsafe } from './safety.ts'
import { createWatch } from './watch.ts'

/** A store that listens until it is closed. */
export interface RedisStore extends Store {
  /** Stops listening; all later calls are rejected. Resolves when those under way are answered. The client stays yours to end. */
  close(): Promise<void>
}

/** So long a driver may send again what was not answered, and it is known as the same. */
const MARK_MS = 120_000
/** So many go in one script of `purge`: nobody else is served meanwhile. */
const PURGED_AT_ONCE = 200

/**
 * A store in Redis (6.2 or later) or Valkey, one server or a cluster, for any number of processes on any number of machines.
 *
 * @throws PairError `config_invalid` for a client or an option that is none; its hint says what mends it.
 * @example
 * const pair = createPair({ secret, store: redisStore(new Redis(url)) })
 */
export function redisStore(client: RedisClient, options: RedisOptions = {}): RedisStore {
  const settings = toSettings(client, options)
  const { driver, listener, names, timeoutMs } = settings
  const calls = createCalls(driver, timeoutMs, settings.wait)
  const self = globalThis.crypto.randomUUID().replaceAll('-', '')
  const dice = self.slice(0, 8)
  const markMs = driver.resends ? MARK_MS : 0
  const underWay = new Set<Promise<unknown>>()
  const doubts = createDoubts()
  let attempts = 0
  let closed = false
  let closing: Promise<void> | undefined
  let opening: Promise<void> | undefined

  const nextAttempt = (): string => `${self}.${(++attempts).toString(36)}`

  async function open(): Promise<void> {
    const probe = `probe-${self}`
    await calls.run(
      OPEN,
      [
        names.meta,
        names.index,
        names.due,
        names.purged,
        names.attempt(probe),
        names.streams + probe,
      ],
      [dice, names.channel],
    )
    if (settings.unsafe === 'allow') return
    const state = (): Promise<unknown> => calls.run(STATE, [names.meta])
    const dangers = await findDangers(driver, state, timeoutMs)
    if (dangers.length === 0) return
    if (settings.unsafe === 'refuse') throw isUnsafe(dangers)
    for (const danger of dangers)
      settings.logger.warn(`this Redis may lose what it acknowledged: ${danger}`)
  }

  /** Redis is looked at once, when the first call comes; after a failure again at the next. */
  async function ready(): Promise<void> {
    if (closed) throw isClosed()
    opening ??= open().catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return withPatience(timeoutMs, opening)
  }

  async function track<T>(work: () => Promise<T>): Promise<T> {
    const done = ready().then(work)
    underWay.add(done)
    try {
      return await done
    } finally {
      underWay.delete(done)
    }
  }

  const watch =
    listener?.listen &&
    createWatch({
      listen: listener.listen,
      beat: (channel, payload) => calls.run(BEAT, [names.meta], [channel, payload]),
      channel: names.channel,
      self,
      ready,
    })

  return {
    async read(key) {
      const id = toKeyText(key)
      const name = names.records + id
      if (!doubts.has(id)) return toRecord([...key], await track(() => calls.run(READ, [name])))
      const doubt = doubts.add()
      const record = await track(() => calls.runDurably(READ_DOUBTED, [name, names.meta], []))
      doubt.settle()
      return toRecord([...key], record)
    },

    async list(prefix, { after, limit }) {
      const [below, bound] = [toBelowText(prefix), after ? toKeyText(after) : '']
      const from = bound > below ? bound : below
      const args = [names.records, `(${from}`, `(${toEndText(below)}`, String(toLimit(limit))]
      return toEntries(await track(() => calls.run(LIST, [names.index], args)))
    },

    async commit(checks, writes) {
      const commit = toCommit(checks, writes)
      const attempt = nextAttempt()
      const sender = { markMs, self, attempt, dice }
      const { keys, args } = toCommitCall(commit, names, sender)
      const touched = toTouched(commit)
      if (touched.length === 0) return isHeld(await track(() => calls.run(COMMIT, keys, args)))
      // till it is confirmed: a look at the primary alone would find it done
      const doubt = settings.wait && doubts.add(touched)
      const held = isHeld(await track(() => calls.runDurably(COMMIT, keys, args)))
      if (!held) {
        doubt?.withdraw()
        return false
      }
      doubt?.settle()
      watch?.tell(touched)
      return true
    },

    async increment(counter, by, purgeAt) {
      const text = toKeyText(counter)
      const keys = [names.counter(text)]
      if (toRaise(by) > 0 && markMs > 0) keys.push(names.counted(text, nextAttempt()))
      const args = [String(by), String(by === 0 ? 0 : toPurgeAt(purgeAt)), String(markMs)]
      const raise = by === 0 ? calls.run : calls.runDurably
      return toTotal(await track(() => raise(INCREMENT, keys, args)))
    },

    async tail(stream, after, limit) {
      const text = toKeyText(stream)
      const { birth, from } = toCursor(after)
      const keys = [names.meta, names.purged, names.streams + text]
      const args = [text, birth, from, String(toLimit(limit))]
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
          const count = Number(await calls.run(PURGE, keys, args))
          gone += count
          if (count < some) break
        }
        return gone
      }),

    async time() {
      if (options.clock) return options.clock()
      const [seconds, micros] = (await track(() => calls.run(TIME, [names.meta]))) as unknown[]
      return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
    },

    ...(watch && { watch: watch.add }),

    close() {
      closed = true
      watch?.close()
      return (closing ??= Promise.allSettled(underWay).then(() => {}))
    },
  }
}

function isClosed(): PairError {
  return new PairError('store_unavailable', {
    message: 'The store was closed.',
    hint: 'Close it after the last call: pair.close() first, then store.close().',
  })
}

/** @throws PairError where that is not said, as where somebody else began a transaction on that client: it may still be done. */
function isHeld(answer: unknown): boolean {
  const said = String(answer)
  if (said === '0' || said === '1') return said === '1'
  throw new PairError('store_unavailable', {
    hint: 'Give the store a client of its own, which nobody else uses for MULTI.',
    reason: 'Redis did not say what came of it',
  })
}
