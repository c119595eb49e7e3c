import { setImmediate, setTimeout } from 'node:timers/promises'
import { isPairError } from '@pair/core'
import { withCleanUp } from '../file-secrets-disk.ts'
import { createDraft, type Draft } from './draft.ts'
import { limitReached, MAX_BYTES } from './limit.ts'
import type { FileLock } from './lock.ts'
import type { Mirror } from './mirror.ts'
import type { MakeRow } from './record-version.ts'
import { isClosed, noTurn, restless } from './refusals.ts'
import type { State } from './state.ts'

/** The one place from which the file is written. */
export interface Writer {
  /**
   * Does this to a draft of the file when its turn comes, and answers once that is on the disk. What is rejected because
   * its turn never came is not done later.
   */
  write<T>(work: (draft: Draft) => T): Promise<T>
  /** Rejects all that waits. Resolves when nothing is written any more. */
  close(): Promise<void>
}

export interface WriterParts {
  mirror: Mirror
  lock: FileLock
  makeRow: MakeRow
  /** What a file holds that is made now. */
  begin: () => State
  /** Before the first turn, with the lock held. */
  prepare: () => Promise<void>
  /** Makes sure that the name of the file is on the disk. */
  settle: () => Promise<void>
  /** How long a call waits for its turn. */
  busyMs: number
  path: string
}

interface Member {
  work: (draft: Draft) => unknown
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

/** Nothing waits yet. */
export function createWriter(parts: WriterParts): Writer {
  const { mirror, lock, makeRow, begin, prepare, settle, busyMs, path } = parts
  let queue: Member[] = []
  let draining: Promise<void> | null = null
  let isPrepared = false
  let singles = 0 // so many turns are for one each
  let closed = false
  let rested = performance.now() // when the lock was last left alone

  async function drain(): Promise<void> {
    // an immediate comes after all that arrived together: it shares the turn
    await setImmediate()
    while (queue.length > 0) {
      try {
        if (await lock.take()) await turn()
        else {
          rejectOverdue()
          if (queue[0]) await setTimeout(randomWait(performance.now() - queue[0].since))
          rested = performance.now()
        }
      } catch (error) {
        // no lock, and none in sight
        for (const member of queue.splice(0)) member.reject(error)
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

  async function writeAll(batch: readonly Member[]): Promise<(() => void)[]> {
    if (!isPrepared) await prepare()
    isPrepared = true
    for (let tries = 0; tries < TRIES; tries++) {
      const view = await mirror.look()
      const draft = createDraft(view?.state ?? begin(), makeRow, view === null)
      if (view?.isEdited) draft.adopt()
      const answers = batch.map((member) => attempt(member, draft))
      if (!draft.isChanged) return answers
      const outcome = await mirror.replace(view, draft.state, draft.touched, lock.requireHeld)
      if (outcome === 'too large') return refuseLarge(batch)
      if (outcome === 'moved') continue
      await settle()
      return answers
    }
    throw restless(path)
  }

  /** Those that only shared its turn come again, one by one. */
  function refuseLarge(batch: readonly Member[]): (() => void)[] {
    const error = limitReached('bytes', MAX_BYTES)
    const [only] = batch
    if (only && batch.length === 1) return [() => only.reject(error)]
    singles = batch.length
    queue.unshift(...batch)
    return []
  }

  function attempt({ work, resolve, reject }: Member, draft: Draft): () => void {
    try {
      const value = work(draft)
      return () => resolve(value)
    } catch (error) {
      // a draft that refuses has done nothing
      if (!isPairError(error)) throw error
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

  return {
    write: <T>(work: (draft: Draft) => T) =>
      new Promise<T>((resolve, reject) => {
        if (closed) return reject(isClosed())
        queue.push({
          work,
          since: performance.now(),
          resolve: (value) => resolve(value as T),
          reject,
        })
        draining ??= drain()
      }),
    async close() {
      closed = true
      for (const member of queue.splice(0)) member.reject(isClosed())
      await draining
    },
  }
}

/** A short random wait in milliseconds, so that rivals come back apart; who waited long comes back sooner. */
function randomWait(waitedMs: number): number {
  return 1 + Math.random() * Math.max(2, 8 - waitedMs / 100)
}
