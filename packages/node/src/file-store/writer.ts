import { clearTimeout, setTimeout as setTimer } from 'node:timers'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { isPairError } from '@pair/core'
import { withCleanUp } from '../file-secrets-disk.ts'
import { limitReached, MAX_BYTES } from './limit.ts'
import type { FileLock } from './lock.ts'
import type { Mirror, View } from './mirror.ts'
import { asUndone, isClosed, noTurn, orUndone, restless } from './refusals.ts'

/** What a file is to hold next, while it is made up. */
export interface Writable<S> {
  readonly state: S
  readonly touched: ReadonlySet<string>
  /** Is there anything to write at all? */
  readonly isChanged: boolean
}

/** The one place from which a file is written. */
export interface Writer<D> {
  /**
   * Does this to a draft of the file when its turn comes, and answers once that is on the disk. What is rejected because
   * its turn never came is not done later.
   */
  write<T>(work: (draft: D) => T): Promise<T>
  /** Rejects all that waits. Resolves when nothing is written any more. */
  close(): Promise<void>
}

export interface WriterParts<S, D> {
  mirror: Mirror<S>
  lock: FileLock
  /** A draft that begins with what the file says now; `null` where there is none yet. */
  begin(view: View<S> | null): D
  /** Before the first turn, with the lock held. */
  prepare(): Promise<void>
  /** Such a draft is in the file. */
  written(view: View<S> | null): void
  /** How long a call waits for its turn. */
  busyMs: number
  path: string
}

interface Member<D> {
  work: (draft: D) => unknown
  since: number
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** So many share one writing of the file, and one wait for the disk. */
const BATCH = 256
/** Nobody queues for the lock of a file: after so long in a row it is left alone for so long, or others would starve. */
const TURN_MS = 20
const REST_MS = 3
/** How often a file is looked at anew that a person edits in the moment in which it is to be replaced. */
const TRIES = 5
/** No timer is set for longer. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Nothing waits yet. */
export function createWriter<S, D extends Writable<S>>(parts: WriterParts<S, D>): Writer<D> {
  const { mirror, lock, begin, prepare, written, busyMs, path } = parts
  let queue: Member<D>[] = []
  let draining: Promise<void> | null = null
  let isPrepared = false
  let singles = 0 // so many turns are for one each
  let closed = false
  let rested = performance.now() // when the lock was last left alone
  let overdue: ReturnType<typeof setTimer> | undefined

  async function drain(): Promise<void> {
    // an immediate comes after all that arrived together: it shares the turn
    await setImmediate()
    while (queue.length > 0) {
      try {
        const isOurs = await lock.take()
        // also behind a slow turn of our own
        rejectOverdue()
        if (isOurs) await turn()
        else if (queue[0]) {
          await setTimeout(randomWait(performance.now() - queue[0].since))
          rested = performance.now()
        }
      } catch (error) {
        // no lock, and none in sight
        for (const member of queue.splice(0)) member.reject(asUndone(error))
        awaitOverdue()
      }
      if (queue.length > 0 && performance.now() - rested > TURN_MS) {
        await setTimeout(REST_MS)
        rested = performance.now()
      }
    }
    // in the same breath as the last look at the queue: who comes now begins anew
    draining = null
  }

  async function turn(): Promise<void> {
    const batch = queue.splice(0, singles > 0 ? 1 : BATCH)
    awaitOverdue()
    if (singles > 0) singles -= 1
    try {
      const answers = await withCleanUp(
        () => writeAll(batch),
        async () => lock.release(),
      )
      for (const answer of answers) answer()
    } catch (error) {
      for (const member of batch) member.reject(error)
    }
  }

  async function writeAll(batch: readonly Member<D>[]): Promise<(() => void)[]> {
    if (!isPrepared) await orUndone(prepare)
    isPrepared = true
    for (let tries = 0; tries < TRIES; tries++) {
      const view = await orUndone(mirror.look)
      const draft = begin(view)
      const answers = batch.map((member) => attempt(member, draft))
      if (!draft.isChanged) return answers
      const outcome = await mirror.replace(view, draft.state, draft.touched, lock.requireHeld)
      if (outcome === 'too large') return refuseLarge(batch)
      if (outcome === 'moved') continue
      written(view)
      return answers
    }
    throw asUndone(restless(path))
  }

  /** Those that only shared its turn come again, one by one. */
  function refuseLarge(batch: readonly Member<D>[]): (() => void)[] {
    const error = limitReached('bytes', MAX_BYTES)
    const [only] = batch
    if (only && batch.length === 1) return [() => only.reject(error)]
    singles = batch.length
    queue.unshift(...batch)
    awaitOverdue()
    return []
  }

  function attempt({ work, resolve, reject }: Member<D>, draft: D): () => void {
    try {
      const value = work(draft)
      return () => resolve(value)
    } catch (error) {
      // a draft that refuses has done nothing
      if (!isPairError(error)) throw asUndone(error)
      return () => reject(error)
    }
  }

  function rejectOverdue(): void {
    const now = performance.now()
    const first = queue.findIndex(({ since }) => now - since <= busyMs)
    // who came first waits longest
    for (const member of queue.splice(0, first < 0 ? queue.length : first))
      member.reject(noTurn(busyMs))
  }

  /** The turn before may never end, as where a disk hangs. */
  function awaitOverdue(): void {
    clearTimeout(overdue)
    if (!queue[0]) return
    const restMs = queue[0].since + busyMs - performance.now()
    overdue = setTimer(
      () => {
        rejectOverdue()
        awaitOverdue()
      },
      Math.min(MAX_TIMER_MS, Math.max(1, Math.ceil(restMs))),
    )
  }

  return {
    write: <T>(work: (draft: D) => T) =>
      new Promise<T>((resolve, reject) => {
        if (closed) return reject(isClosed())
        queue.push({
          work,
          since: performance.now(),
          resolve: (value) => resolve(value as T),
          reject,
        })
        if (queue.length === 1) awaitOverdue()
        draining ??= drain()
      }),
    async close() {
      closed = true
      for (const member of queue.splice(0)) member.reject(isClosed())
      clearTimeout(overdue)
      await draining
    },
  }
}

/** A short random wait in milliseconds, so that rivals come back apart; who waited long comes back sooner. */
function randomWait(waitedMs: number): number {
  return 1 + Math.random() * Math.max(2, 8 - waitedMs / 100)
}
