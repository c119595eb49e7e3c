import { clearTimeout, setTimeout } from 'node:timers'
import { PairError } from '@pair/core'
import { systemTimers, withPatience } from '@pair/core/store'
import type { Driver, Line } from './driver.ts'
import { isAnswer, nameOf } from './outcome.ts'

/** One line at a time, opened when it is needed. */
export interface Lines {
  /** What is given up before there is a line is never sent. @throws PairError */
  send<T>(work: (line: Line) => Promise<T>): Promise<T>
  /** What comes from now on goes over another line, unless this one is new; it is closed when all on it is answered. */
  leave(): void
  /** Rejects what is under way. */
  close(): void
}

interface Opened {
  line: Line
  /** How many are under way on it, and how many were answered. */
  calls: number
  answers: number
  openedAt: number
  isLeft: boolean
}

interface Call {
  work(line: Line): Promise<unknown>
  resolve(answer: never): void
  reject(error: unknown): void
  dueAt: number
  on: Opened | undefined
  /** How many answers there had been when it was sent. */
  before: number
}

/** More than so many at once are refused: an answer would come too late for them. */
const MOST = 10_000
/** Waits before the next line is tried, the last one from then on. */
const WAITS_MS = [20, 100, 250, 500, 1_000]
/** A line that was opened so lately leads where another one would lead. */
const NEW_MS = 1_000

export function createLines({ connect, isCluster }: Driver, timeoutMs: number): Lines {
  /** In the order in which their time is over. */
  const calls = new Set<Call>()
  let waiting: Call[] = []
  let current: Opened | undefined
  let isConnecting = false
  let isClosed = false
  let failure: unknown
  let timer: ReturnType<typeof setTimeout> | undefined

  function begin(call: Call, on: Opened): void {
    call.on = on
    call.before = on.answers
    on.calls += 1
    call.work(on.line).then(
      (answer) => {
        answered(on)
        if (calls.delete(call)) call.resolve(answer as never)
      },
      (error: unknown) => {
        answered(on)
        if (calls.delete(call)) call.reject(error)
      },
    )
  }

  function answered(on: Opened): void {
    on.answers += 1
    on.calls -= 1
    if (on.isLeft && on.calls === 0) on.line.close()
  }

  function drop(on: Opened, error: PairError): void {
    if (current === on) current = undefined
    for (const call of calls) if (call.on === on && calls.delete(call)) call.reject(error)
    on.line.close()
  }

  function leave(on: Opened): void {
    if (current === on) current = undefined
    on.isLeft = true
    if (on.calls === 0) return on.line.close()
    // by then all that is under way on it was answered or given up
    setTimeout(() => on.line.close(), timeoutMs).unref()
  }

  function look(): void {
    timer = undefined
    const now = performance.now()
    for (const call of calls) {
      if (call.dueAt > now) return wake(call.dueAt - now)
      calls.delete(call)
      const error = tooLong(timeoutMs, call.on ? undefined : failure)
      call.reject(error)
      if (!call.on) continue
      // one server of a cluster says nothing of the others: they are heard to the end
      if (isCluster) leave(call.on)
      // where nothing was heard since, the line may be dead for long
      else if (call.on.answers === call.before) drop(call.on, error)
    }
  }

  function wake(ms: number): void {
    timer = setTimeout(look, Math.ceil(ms)).unref()
  }

  function rejectWaiting(error: unknown): void {
    for (const call of waiting) if (calls.delete(call)) call.reject(error)
    waiting = []
  }

  async function open(): Promise<void> {
    if (isConnecting) return
    isConnecting = true
    for (let failures = 0; waiting.length > 0 && !current; failures++) {
      let opened: Opened | undefined
      try {
        const ended = (): void => {
          if (current === opened) current = undefined
        }
        const line = await withPatience(systemTimers, timeoutMs, connect(ended), (late) =>
          late.close(),
        )
        opened = { line, calls: 0, answers: 0, openedAt: performance.now(), isLeft: false }
        if (isClosed) line.close()
        else current = opened
      } catch (error) {
        failure = error
        // what the server itself says does not go by itself
        if (error instanceof PairError || isAnswer(error)) rejectWaiting(error)
        else await wait(WAITS_MS[Math.min(failures, WAITS_MS.length - 1)]!)
      }
      waiting = waiting.filter((call) => calls.has(call))
    }
    isConnecting = false
    const ready = waiting
    waiting = []
    if (current) for (const call of ready) begin(call, current)
  }

  return {
    send: (work) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(isOver())
        // also those that were given up wait at the server
        if (Math.max(calls.size, current?.calls ?? 0) >= MOST) return reject(tooMany())
        const dueAt = performance.now() + timeoutMs
        const call: Call = { work, resolve, reject, dueAt, on: undefined, before: 0 }
        calls.add(call)
        if (timer === undefined) wake(timeoutMs)
        if (current) return begin(call, current)
        waiting.push(call)
        void open()
      }),
    leave() {
      if (current && performance.now() - current.openedAt >= NEW_MS) leave(current)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      rejectWaiting(isOver())
      if (current) drop(current, isOver())
    },
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms))
}

export function tooLong(ms: number, failure?: unknown): PairError {
  const why = failure === undefined ? '' : `, and no line could be opened: ${nameOf(failure)}`
  return new PairError('store_unavailable', { reason: `the server took over ${ms} ms${why}` })
}

function tooMany(): PairError {
  return new PairError('store_busy', {
    reason: `${MOST} calls wait for Redis; this one was not sent`,
    undone: true,
  })
}

export function isOver(): PairError {
  return new PairError('store_unavailable', {
    undone: true,
    message: 'The store was closed.',
    hint: 'Close it after the last call: pair.close() first, then store.close().',
  })
}
