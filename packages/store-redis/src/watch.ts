import { clearTimeout, setTimeout } from 'node:timers'
import type { Key, StoreWatcher, Unsubscribe } from '@pair/core'
import { fromKeyText, isWatchedText, toBelowText } from '@pair/core/store'
import type { Driver, Listener, Subscription } from './driver.ts'
import { withPatience } from './patience.ts'
import { quietly } from './quietly.ts'
import { createTold } from './told.ts'

/** How often it is asked whether the line still carries; how long an answer may take until nothing counts as heard. */
const BEAT_MS = 200
const LATE_MS = 300
/** Without an answer for so long the line is given up. */
const DEAD_MS = 2_000
/** Waits before the next line is tried, the last one from then on. */
const WAITS_MS = [20, 100, 250, 500, 1_000]
/** Of so many attempts of ours it is known that they are open. */
const MOST_OPEN = 10_000

/** Those who want to hear of changes, made here or by other processes. */
export interface Watch {
  add(prefix: Key, on: StoreWatcher): Unsubscribe
  /** This process wrote these, in an attempt that is not heard of again. */
  tell(keys: readonly string[]): void
  /** It may have written these, or may do so yet: then that is heard of. */
  doubt(attempt: string, keys: readonly string[]): void
  close(): void
}

export interface WatchParts {
  listen: NonNullable<Driver['listen']>
  /** Lets the server that has the records say that on a channel. */
  beat(channel: string, payload: string): Promise<unknown>
  /** Where it is told what was written. */
  channel: string
  /** Who we are, in what we tell. */
  self: string
  /** Resolves when Redis can be used. */
  ready(): Promise<unknown>
}

/** Nobody watches yet, and no line is open as long as that is so. */
export function createWatch({ listen, beat: knockOn, channel, self, ready }: WatchParts): Watch {
  const own = `${channel}:${self}`
  const watchers = new Set<{ below: string; on: StoreWatcher }>()
  let live = false
  let closed = false
  let run: { stop(): void } | undefined
  const open = new Set<string>()
  let areAllOpen = false

  const isKnown = (attempt: string): boolean =>
    !areAllOpen && !open.delete(attempt) && attempt.startsWith(`${self}.`)

  function tell(keys: readonly string[] | null): void {
    // a copy: a listener may subscribe anew; and what is committed stays so, whatever it throws
    for (const watcher of Array.from(watchers)) {
      const below = keys?.filter((key) => isWatchedText(key, watcher.below)).map(fromKeyText)
      if (below?.length !== 0 && watchers.has(watcher))
        quietly(() => watcher.on.changed(below ?? null))
    }
  }

  function setLive(isLive: boolean): void {
    if (isLive === live) return
    live = isLive
    // what was told while nothing was heard is not known
    if (isLive) tell(null)
    for (const { on } of Array.from(watchers)) quietly(() => on.live(isLive))
  }

  function start(): { stop(): void } {
    let over = false
    let line: Subscription | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let beat = 0
    let askedAt = 0
    let answered = 0
    let answeredAt = 0
    let failures = 0
    let told = createTold(isKnown, tell)

    const after = (ms: number, work: () => void): void => {
      clearTimeout(timer)
      timer = setTimeout(work, ms).unref()
    }

    function drop(): void {
      line?.close()
      line = undefined
      if (over) return
      setLive(false)
      after(WAITS_MS[Math.min(failures++, WAITS_MS.length - 1)]!, () => void connect())
    }

    async function connect(): Promise<void> {
      let ended = false
      let opened: Subscription | undefined
      const listener: Listener = {
        heard: (on, payload) => {
          if (over || ended) return
          if (on === own) hear(payload)
          else told.others(payload)
        },
        ended: () => {
          ended = true
          if (opened && line === opened) drop()
        },
      }
      try {
        await ready()
        // a line that opens too late is of no use to anybody
        opened = await withPatience(DEAD_MS, listen([channel, own], listener), (late) => {
          late.close()
        })
        if (over) return opened.close()
        line = opened
        // what another line missed is told when this one is live
        told = createTold(isKnown, tell)
        answeredAt = performance.now()
        if (ended) drop()
        else knock()
      } catch {
        drop()
      }
    }

    /** Has ourselves told something, by the server of the records and over the line on which we listen. */
    function knock(): void {
      if (line === undefined) return
      if (performance.now() - answeredAt > DEAD_MS) return drop()
      askedAt = performance.now()
      // an answer that does not come is missed on the line
      knockOn(own, String(++beat)).catch(() => {})
      after(LATE_MS, () => {
        if (answered < beat) setLive(false)
        knock()
      })
    }

    function hear(payload: string): void {
      const number = Number(told.own(payload, beat))
      // only what was asked is an answer
      if (!(number > answered && number <= beat)) return
      answered = number
      answeredAt = performance.now()
      // where it comes late, so does all else on that line
      if (number < beat || answeredAt - askedAt > LATE_MS) return
      failures = 0
      setLive(true)
      after(BEAT_MS, knock)
    }

    void connect()
    return {
      stop() {
        over = true
        clearTimeout(timer)
        line?.close()
        line = undefined
      },
    }
  }

  return {
    add(prefix, on) {
      const watcher = { below: toBelowText(prefix), on }
      if (!closed) {
        watchers.add(watcher)
        run ??= start()
      }
      quietly(() => on.live(live))
      return () => {
        if (!watchers.delete(watcher) || watchers.size > 0) return
        run?.stop()
        run = undefined
        live = false
      }
    },
    tell,
    doubt(attempt, keys) {
      if (run === undefined) return
      if (open.size < MOST_OPEN) open.add(attempt)
      else areAllOpen = true
      tell(keys)
    },
    close() {
      closed = true
      run?.stop()
      run = undefined
      setLive(false)
      watchers.clear()
    },
  }
}
