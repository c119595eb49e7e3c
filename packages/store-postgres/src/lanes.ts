import { clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { PairError } from '@pair/core'
import { isAnswer, isBusy, isTransient } from './outcome.ts'

/** What waits to be sent, and is sent with what else waits then. */
export interface Lanes<In, Out> {
  add(member: In): Promise<Out>
  /** Rejects what waits, and what comes. Resolves when nothing is under way any more. */
  close(reason: Error): Promise<void>
}

export interface LaneOptions<In, Out> {
  /** So many statements are under way at a time. What comes meanwhile waits, and goes together. */
  lanes: number
  /** So much goes together, as `weigh` counts. */
  most: number
  weigh(member: In): number
  /** Carries them out as if one after the other, or rejects and undoes all. It waits for no lock longer than `lockMs`. */
  send(members: readonly In[], lockMs: number): Promise<readonly Out[]>
  /**
   * How long one waits for its turn; half of it is the longest wait for a lock, so that it is known what came of it before the answer
   * is given up. Milliseconds. What is rejected then is not done later.
   */
  patienceMs: number
}

interface Waiting<In, Out> {
  member: In
  since: number
  resolve(value: Out): void
  reject(error: unknown): void
}

/** How often one that lost against others at work is tried again. */
const TRIES = 4
/** Those that failed together and go alone share the wait for locks; so much each has at least. */
const LEAST_LOCK_MS = 20

/** Nothing waits yet. */
export function createLanes<In, Out>(options: LaneOptions<In, Out>): Lanes<In, Out> {
  const { lanes, most, weigh, send, patienceMs } = options
  const lockMs = Math.ceil(patienceMs / 2)
  const underWay = new Set<Promise<void>>()
  let queue: Waiting<In, Out>[] = []
  let scheduled = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let closed: Error | undefined

  function schedule(): void {
    if (underWay.size >= lanes) return expect()
    if (scheduled || queue.length === 0) return
    scheduled = true
    // an immediate comes after all that arrived together
    setImmediate(() => {
      scheduled = false
      const batch = take()
      if (batch.length === 0) return
      const carried = carry(batch).finally(() => {
        underWay.delete(carried)
        schedule()
      })
      underWay.add(carried)
      schedule()
    })
  }

  /** Nobody waits longer for a turn, whatever holds up those that are under way. */
  function expect(): void {
    const [first] = queue
    if (timer || !first) return
    timer = setTimeout(
      () => {
        timer = undefined
        rejectOverdue()
        expect()
      },
      first.since + patienceMs - performance.now() + 1,
    ).unref()
  }

  function rejectOverdue(): void {
    const now = performance.now()
    const first = queue.findIndex(({ since }) => now - since <= patienceMs)
    // who came first waits longest
    for (const { reject } of queue.splice(0, first < 0 ? queue.length : first))
      reject(isOverdue('no turn to write came'))
  }

  function isOverdue(what: string): PairError {
    return new PairError('store_busy', {
      reason: `${what} within ${patienceMs} ms`,
      undone: true,
    })
  }

  function take(): Waiting<In, Out>[] {
    clearTimeout(timer)
    timer = undefined
    rejectOverdue()
    let weight = 0
    let end = 0
    for (; end < queue.length; end++) {
      weight += weigh(queue[end]!.member)
      if (end > 0 && weight > most) break
    }
    return queue.splice(0, end)
  }

  async function carry(batch: readonly Waiting<In, Out>[]): Promise<void> {
    const until = performance.now() + patienceMs
    try {
      const values = await send(
        batch.map(({ member }) => member),
        lockMs,
      )
      for (const [at, { resolve }] of batch.entries()) resolve(values[at]!)
    } catch (error) {
      // all of them were undone: what fails alone, fails for itself
      const share = Math.max(LEAST_LOCK_MS, Math.ceil(lockMs / batch.length))
      if (batch.length > 1 ? isAnswer(error) : isTransient(error))
        for (const one of batch) await carryAlone(one, share, until)
      else for (const { reject } of batch) reject(toStoreError(error))
    }
  }

  async function carryAlone(
    { member, resolve, reject }: Waiting<In, Out>,
    share: number,
    until: number,
  ): Promise<void> {
    for (let tries = 1; ; tries++) {
      if (performance.now() > until) return reject(isOverdue('it was not done'))
      try {
        const [value] = await send([member], share)
        return resolve(value!)
      } catch (error) {
        if (!isTransient(error) || tries >= TRIES) return reject(toStoreError(error))
      }
    }
  }

  return {
    add: (member) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(closed)
        queue.push({ member, since: performance.now(), resolve, reject })
        schedule()
      }),
    async close(reason) {
      closed = reason
      clearTimeout(timer)
      for (const { reject } of queue.splice(0)) reject(reason)
      await Promise.all(underWay)
    },
  }
}

/** What the server answered, on a line that goes on, was undone. */
function toStoreError(error: unknown): unknown {
  if (!isAnswer(error)) return error
  if (!isBusy(error)) return Object.assign(error as Error, { undone: true })
  return new PairError('store_busy', {
    reason: 'another commit held its keys for too long',
    undone: true,
    cause: error,
  })
}
