import { PairError } from '../errors.ts'
import type { Clock, Logger, Timers } from '../ports/runtime.ts'
import type { Check, Entry, Key, Position, Store, Tail } from '../ports/store.ts'
import { DAY, MINUTE, SECOND, type Millis } from '../time.ts'
import type { ChangeFeed } from './change-feed.ts'
import { withDeadline } from './deadline.ts'
import { createLosers } from './losers.ts'
import { purgeInBatches } from './purge.ts'
import {
  decodeRecord,
  encodeRecord,
  isTombstone,
  restamp,
  type RecordKind,
} from './record-codec.ts'

/** What one key holds. `record` is also `null` for a tombstone and for a row that does not decode. */
export interface Slot<T> {
  key: Key
  kind: string
  version: string | null
  state: 'absent' | 'present' | 'tombstone' | 'corrupt'
  record: T | null
  purgeAt: Millis | null
}

export interface RecordWrite {
  key: Key
  kind: string
  record: unknown
  purgeAt: Millis | null
}

export interface JournalWrite {
  stream: Key
  value: string
  purgeAt: Millis
}

/** What a use case wants done as one step. */
export interface Change {
  checks: readonly Check[]
  writes: readonly RecordWrite[]
  journal: readonly JournalWrite[]
  /** A key that it writes and no other commit makes: whatever is found there says that this one was done. */
  own?: Key
  /** Ends what this began, should it be found done after its refusal: with an `own` key as it is, else as is found then. */
  undo?: Change | (() => Promise<Change | null>)
}

/** The store as one instance sees it: its namespace, with deadlines, decoding and settled outcomes. */
export interface Space {
  read<T>(kind: RecordKind<T>, key: Key): Promise<Slot<T>>
  list(prefix: Key, page: { after?: Key; limit: number }): Promise<Entry[]>
  decode<T>(kind: RecordKind<T>, entry: Entry): Slot<T>
  /** Tells the operator of a row that can not be read. */
  report(key: Key): void
  /** `false`: a check did not hold and nothing changed. @throws PairError `store_unavailable` when that can't be told. */
  commit(change: Change): Promise<boolean>
  /** Commits that tell the journal something wait until this is settled. */
  holdJournal(until: Promise<unknown>): void
  /** Lets rivals that lost the same round come back apart. */
  afterLoss(round: number): Promise<void>
  tail(stream: Key, after: Position | null, limit: number): Promise<Tail>
  /** Adds to a counter and answers the total. @throws PairError `store_unavailable` */
  increment(counter: Key, by: number, purgeAt: Millis): Promise<number>
  /** Forgets what is due before that instant, batch by batch; answers how much. */
  purge(before: Millis): Promise<number>
  readonly feed: ChangeFeed
}

export interface SpacePorts {
  store: Store
  namespace: string
  feed: ChangeFeed
  clock: Clock
  timers: Timers
  logger: Logger
  /** A fresh random name for one attempt at a commit. */
  newAttempt: () => string
  /** A random number from 0 up to 1. */
  chance: () => number
  deadlineMs: number
}

/** About half an hour. */
const LATE_ROUNDS = 35

export function checkOf(slot: Pick<Slot<unknown>, 'key' | 'version'>): Check {
  return { key: slot.key, version: slot.version }
}

/** The same record, kept until then. */
export function keep({ key, kind, record }: Slot<unknown>, purgeAt: Millis): RecordWrite {
  return { key, kind, record, purgeAt }
}

export function createSpace(ports: SpacePorts): Space {
  const { store, namespace, feed, clock, timers, logger, newAttempt, chance, deadlineMs } = ports
  const inside = (key: Key): Key => [namespace, ...key]
  const call = <T>(what: () => Promise<T>): Promise<T> => withDeadline(timers, deadlineMs, what)

  function report(key: Key): void {
    logger.error('a stored record can not be read and counts as absent', { key: key.join('/') })
  }

  function decode<T>(kind: RecordKind<T>, entry: Entry): Slot<T> {
    const { state, record, purgeAt } = decodeRecord(kind, entry.value)
    if (state === 'corrupt') report(entry.key)
    return { key: entry.key, kind: kind.name, version: entry.version, state, record, purgeAt }
  }

  async function readRaw(key: Key): Promise<Entry | null> {
    const entry = await call(() => store.read(inside(key)))
    return entry && { ...entry, key }
  }

  let held: Promise<unknown> = Promise.resolve()

  async function commit(change: Change): Promise<boolean> {
    if (change.journal.length > 0) await held
    const attempt = newAttempt()
    const checks = change.checks.map((check) => ({ ...check, key: inside(check.key) }))
    const writes = [
      ...change.writes.map(({ key, kind, record, purgeAt }) => ({
        key: inside(key),
        value: encodeRecord(kind, record, attempt, purgeAt),
        purgeAt,
      })),
      ...change.journal.map(({ stream, value, purgeAt }) => ({
        append: inside(stream),
        value,
        purgeAt,
      })),
    ]
    let done: boolean
    try {
      done = await call(() => store.commit(checks, writes))
    } catch (error) {
      // refused for certain: there is nothing to find out
      if (((error as PairError).cause as PairError | null)?.undone === true) throw error
      done = await settle(change, attempt, error).catch((unsettled: unknown) => {
        settleLater(change, attempt)
        throw unsettled
      })
    }
    if (done)
      feed.announce([
        ...change.writes.map((write) => write.key),
        ...change.journal.map((write) => write.stream),
      ])
    return done
  }

  /**
   * Finds out what became of a commit that threw: it is found by its attempt, or fenced off so that it can't land any
   * more. A key that only this commit makes is the surest to ask: rivals may have made any other since.
   */
  async function settle(change: Change, attempt: string, cause: unknown): Promise<boolean> {
    const both = change.writes.filter((write) =>
      change.checks.some((check) => sameKey(check.key, write.key)),
    )
    const { own } = change
    const isFresh = (key: Key): boolean =>
      change.checks.some((check) => check.version === null && sameKey(check.key, key))
    const anchor = own
      ? both.find(({ key }) => sameKey(key, own))
      : (both.find(({ key }) => isFresh(key)) ?? both[0])
    if (!anchor) throw cause
    for (let round = 0; round < 3; round++) {
      const entry = await readRaw(anchor.key)
      const found = entry && restamp(entry.value, newAttempt())
      if (found?.attempt === attempt) return true
      // written anew since
      if (own && entry && found && !isTombstone(entry.value)) return true
      if (entry && !found) throw cause
      const until = clock() + DAY
      const { value, purgeAt } = found ?? {
        value: encodeRecord(anchor.kind, null, newAttempt(), until),
        purgeAt: until,
      }
      const key = inside(anchor.key)
      const check = { key, version: entry?.version ?? null }
      if (await call(() => store.commit([check], [{ key, value, purgeAt }]))) return false
    }
    throw new PairError('store_unavailable', {
      reason: 'the outcome of a commit could not be settled',
      cause,
    })
  }

  /**
   * Goes on asking after the refusal was answered: what was refused must not come true. It knows of it as long as this
   * process lives; what lands behind its end stands, and is listed.
   */
  function settleLater(change: Change, attempt: string, round = 0): void {
    const { undo } = change
    if (!undo) return
    const again = (): void => {
      if (round < LATE_ROUNDS) settleLater(change, attempt, round + 1)
      else logger.error('a refused commit could not be fenced off', { attempt })
    }
    timers.after(Math.min(SECOND * 2 ** round, MINUTE), () => {
      settle(change, attempt, undefined)
        .then(async (done) => {
          const ending = typeof undo === 'function' ? await undo() : done ? undo : null
          if (ending && !(await commit(ending))) again()
        })
        .catch(again)
    })
  }

  return {
    async read(kind, key) {
      const entry = await readRaw(key)
      return entry
        ? decode(kind, entry)
        : { key, kind: kind.name, version: null, state: 'absent', record: null, purgeAt: null }
    },
    async list(prefix, { after, limit }) {
      const entries = await call(() =>
        store.list(inside(prefix), after ? { after: inside(after), limit } : { limit }),
      )
      return entries.map((entry) => ({ ...entry, key: entry.key.slice(1) }))
    },
    decode,
    report,
    commit,
    holdJournal(until) {
      held = Promise.allSettled([held, until])
    },
    afterLoss: createLosers(timers, chance),
    tail: (stream, after, limit) => call(() => store.tail(inside(stream), after, limit)),
    increment: (counter, by, purgeAt) =>
      call(() => {
        // Without the time nothing can be counted by it.
        if (!(purgeAt >= 0 && purgeAt <= 8.64e15))
          throw new Error('the clock does not tell the time')
        return store.increment(inside(counter), by, purgeAt)
      }),
    purge: (before) => purgeInBatches((limit) => call(() => store.purge(before, limit)), timers),
    feed,
  }
}

function sameKey(a: Key, b: Key): boolean {
  return a.length === b.length && a.every((part, i) => part === b[i])
}
