import { PairError } from '../errors.ts'
import type { Logger, Timers } from '../ports/runtime.ts'
import type { ServicePorts } from '../service-ports.ts'
import type { AuditEvent } from './event.ts'
import { JOURNAL } from './audit-records.ts'
import { tellSturdily } from './sturdy-listener.ts'
import { cursorLine, gapLine, isAskedFor, lineOf, type JournalFilter } from './journal-line.ts'

export interface JournalService {
  /** Changes behind a cursor, oldest first; without one from the oldest that is held. */
  read(page?: {
    after?: string
    limit?: number
  }): Promise<{ items: AuditEvent[]; next: string | null }>
  /**
   * The journal behind a cursor up to what was newest at the beginning, a line of JSON each: the change as `GET /audit` tells it.
   * The last line is `{"cursor"}`, from which to go on; without it the export was cut short. `{"gap": true, "after"}` says that
   * something behind that place is forgotten. One page is held in memory at a time.
   *
   * @throws PairError `invalid_request`, `store_unavailable`
   */
  export(wish?: ExportWish): AsyncIterable<string>
}

export interface ExportWish extends JournalFilter {
  /** The `cursor` of an earlier export, or the `id` of a change. Default: from the oldest that is held. */
  after?: string
  /** How many changes at most, from 1. Default: all. */
  limit?: number
}

/** What a follower is told next. `reset`: its cursor is older than what is held; a new snapshot is due. */
export type Followed =
  | { kind: 'events'; events: AuditEvent[]; cursor: string }
  | { kind: 'reset'; cursor: string }
  | { kind: 'idle' }

export interface JournalFollower {
  /**
   * The next changes, or `idle` after a while without any. Nothing is buffered: a slow reader finds what it missed in the
   * journal, or is told to start over.
   */
  next(idleMs: number): Promise<Followed>
  close(): void
}

export interface FollowService {
  /** The cursor behind the newest change: take it before a snapshot, follow from it after. */
  now(): Promise<string>
  follow(cursor: string): JournalFollower
  /** Calls back for each change from now on, until it is stopped. */
  listen(listener: (event: AuditEvent) => void): () => void
}

/** Where a reader begins who has seen nothing of an empty journal. */
const START = 'start'
const PAGE = 100
/** How often is asked where changes can't be heard, or where more is about to show. */
const POLL_MS = 400
/** How often is asked in any case. */
const LOOK_MS = 5_000

export function createJournalService(
  ports: ServicePorts & { timers: Timers; logger: Logger },
): JournalService & FollowService {
  const { space, records, timers, logger } = ports
  const positionOf = (cursor: string): string | null => (cursor === START ? null : cursor)

  function follow(start: string): JournalFollower {
    let cursor = start
    let wake: (() => void) | undefined
    let closed = false
    let stirred = false
    const unlisten = space.feed.listen((keys) => {
      if (keys !== null && !keys.some(([word]) => word === JOURNAL[0])) return
      stirred = true
      wake?.()
    })
    const pause = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        const cancel = timers.after(ms, () => wake?.())
        wake = () => {
          cancel()
          wake = undefined
          resolve()
        }
        if (stirred || closed) wake()
      })

    return {
      async next(idleMs) {
        let waited = 0
        while (!closed) {
          stirred = false
          const page = await records.audit.page(positionOf(cursor), PAGE)
          if (page.gap) {
            cursor = page.latest ?? START
            return { kind: 'reset', cursor }
          }
          cursor = page.cursor ?? START
          if (page.events.length > 0) return { kind: 'events', events: page.events, cursor }
          if (page.more) continue
          if (waited >= idleMs) return { kind: 'idle' }
          const ms = Math.min(
            space.feed.isLive() && page.settled ? LOOK_MS : POLL_MS,
            idleMs - waited,
          )
          await pause(ms)
          waited += ms
        }
        return { kind: 'idle' }
      },
      close() {
        closed = true
        unlisten()
        wake?.()
      },
    }
  }

  async function now(): Promise<string> {
    const { latest } = await records.audit.page(null, 1)
    return latest ?? START
  }

  return {
    now,
    follow,
    async read({ after = START, limit = PAGE } = {}) {
      const page = await records.audit.page(positionOf(after), limit)
      return { items: page.events, next: page.more ? page.cursor : null }
    },

    async *export({ after = START, limit = Infinity, ...filter } = {}) {
      if (!(limit === Infinity || (Number.isInteger(limit) && limit >= 1)))
        throw new PairError('invalid_request', {
          message: '`limit` must be a whole number from 1.',
        })
      const end = await now()
      let cursor = after
      let left = limit
      for (;;) {
        const page = await records.audit.page(positionOf(cursor), PAGE)
        if (page.gap) yield gapLine(cursor)
        // Of another journal than this: what is held is all new to him.
        if (page.gap && page.cursor === cursor) {
          cursor = START
          continue
        }
        for (const event of page.events) {
          if (event.id > end) return yield cursorLine(end)
          cursor = event.id
          if (!isAskedFor(event, filter)) continue
          yield lineOf(event)
          left--
          if (left === 0) return yield cursorLine(cursor)
        }
        cursor = page.cursor ?? cursor
        if (!page.more) return yield cursorLine(cursor)
      }
    },

    listen(listener) {
      const wait = (ms: number): Promise<void> =>
        new Promise((resolve) => void timers.after(ms, resolve))
      let stopped = false
      let follower: JournalFollower | undefined
      // What this instance changes from here on waits until it is known where the listening begins.
      const begun = now().catch(now)
      space.holdJournal(begun)
      const run = async (): Promise<void> => {
        while (!stopped) {
          try {
            follower ??= follow(await begun.catch(now))
            const told = await follower.next(LOOK_MS)
            if (told.kind === 'reset')
              logger.warn('changes were missed: the journal was forgotten first')
            if (told.kind === 'events' && !stopped)
              for (const event of told.events) tellSturdily(listener, event, logger, 'changes')
          } catch {
            // The store is away: that does not end the listening.
            if (!follower) logger.warn('changes may be missed until the store answers')
            await wait(POLL_MS)
          }
        }
        follower?.close()
      }
      void run()
      return () => {
        stopped = true
        follower?.close()
      }
    },
  }
}
