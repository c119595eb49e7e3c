import { setImmediate, setTimeout } from 'node:timers'
import { PairError } from '@pair/core'
import { quietly } from '@pair/core/store'
import { isBusy, randomWait } from './busy.ts'
import type { Connection } from './connection.ts'

/** The one place from which the file is written. */
export interface Writer {
  /**
   * Does this inside a transaction when its turn comes, and answers once it is on the disk. If it throws, it alone is
   * undone and rejected. What is rejected because its turn never came is not done later.
   */
  write<T>(work: () => T): Promise<T>
  /** Rejects all that waits. */
  close(reason: Error): void
}

/** What a writer works with. */
export interface WriterParts {
  connection: Connection
  /** Asked before each transaction; throws where the file must not be written. */
  guard: () => void
  /** A transaction is on the disk and not yet answered. */
  committed: () => void
  /** How long a call waits for its turn. */
  busyMs: number
}

interface Member {
  work: () => unknown
  since: number
  resolve(value: unknown): void
  reject(error: unknown): void
}

type Outcome =
  | { as: 'done'; answers: (() => void)[] }
  | { as: 'busy' }
  | { as: 'failed'; error: unknown; members: readonly Member[] }

/** So many share a transaction, and with it one wait for the disk. */
const BATCH = 64

/** Nobody queues for the lock of a file: after so long in a row it is left alone for so long, or others would starve. */
const TURN_MS = 20
const REST_MS = 2

/** Nothing waits yet. */
export function createWriter({ connection, guard, committed, busyMs }: WriterParts): Writer {
  const begin = connection.command('BEGIN IMMEDIATE')
  const commit = connection.command('COMMIT')
  const rollback = connection.command('ROLLBACK')
  const savepoint = connection.command('SAVEPOINT member')
  const release = connection.command('RELEASE member')
  const undo = connection.command('ROLLBACK TO member')

  let queue: Member[] = []
  let scheduled = false
  let rested = 0 // when the lock was last left alone
  let held = 0 // when it was last let go

  function schedule(waitMs: number): void {
    if (scheduled || queue.length === 0) return
    scheduled = true
    const turn = (): void => {
      scheduled = false
      if (waitMs > 0) rested = performance.now()
      drain()
    }
    // an immediate comes after all that arrived together: it shares the transaction
    if (waitMs === 0) setImmediate(turn)
    else setTimeout(turn, waitMs)
  }

  function restMs(): number {
    const isRested = performance.now() - held > REST_MS || held - rested <= TURN_MS
    return isRested ? 0 : REST_MS
  }

  function drain(): void {
    rejectOverdue()
    const batch = queue.slice(0, BATCH)
    if (batch.length === 0) return
    const start = performance.now()
    if (start - held > REST_MS) rested = start
    const outcome = transact(batch)
    if (outcome.as === 'busy') return schedule(randomWait(performance.now() - batch[0]!.since))
    held = performance.now()
    if (outcome.as === 'failed') {
      // those that only shared its transaction have been undone with it, and come again
      queue = queue.filter((member) => !outcome.members.includes(member))
      for (const member of outcome.members) member.reject(outcome.error)
    } else {
      queue = queue.slice(batch.length)
      committed()
      for (const answer of outcome.answers) answer()
    }
    schedule(restMs())
  }

  function rejectOverdue(): void {
    const now = performance.now()
    const first = queue.findIndex(({ since }) => now - since <= busyMs)
    // who came first waits longest
    for (const member of queue.splice(0, first < 0 ? queue.length : first))
      member.reject(
        new PairError('store_busy', {
          reason: `no turn to write came within ${busyMs} ms`,
          undone: true,
        }),
      )
  }

  function transact(batch: readonly Member[]): Outcome {
    try {
      guard()
      begin()
    } catch (error) {
      if (isBusy(error)) return { as: 'busy' }
      quietly(rollback) // a transaction that an earlier failure left open
      return { as: 'failed', error, members: batch }
    }
    const answers: (() => void)[] = []
    for (const member of batch) {
      try {
        answers.push(attempt(member))
      } catch (error) {
        quietly(rollback)
        return { as: 'failed', error, members: [member] }
      }
    }
    try {
      commit()
      return { as: 'done', answers }
    } catch (error) {
      quietly(rollback)
      return { as: 'failed', error, members: batch }
    }
  }

  /** One member's work, undone if it throws. Throws itself where the whole transaction is lost, as on a full disk. */
  function attempt(member: Member): () => void {
    savepoint()
    try {
      const value = member.work()
      release()
      return () => member.resolve(value)
    } catch (error) {
      if (!quietly(undo) || !quietly(release)) throw error
      return () => member.reject(error)
    }
  }

  return {
    write: <T>(work: () => T) =>
      new Promise<T>((resolve, reject) => {
        queue.push({
          work,
          since: performance.now(),
          resolve: (value) => resolve(value as T),
          reject,
        })
        schedule(restMs())
      }),
    close(reason) {
      for (const member of queue.splice(0)) member.reject(reason)
    },
  }
}
