import type { Timers } from '../ports/runtime.ts'
import type { Key, StoreWatcher, Unsubscribe } from '../ports/store.ts'
import { fromKeyText, isWatchedText, toBelowText } from './key-text.ts'
import { withPatience } from './patience.ts'
import { quietly } from './quietly.ts'

/** How often it is asked whether the line still carries; how long an answer may take until nothing counts as heard. */
const BEAT_MS = 200
const LATE_MS = 300
/** Without an answer for so long the line is given up. */
const DEAD_MS = 2_000
/** Waits before the next line is tried, the last one from then on. */
const WAITS_MS = [20, 100, 250, 500, 1_000]

/** Those who want to hear of changes, made here or by other processes. Keys are texts. */
export interface LineWatch {
  add(prefix: Key, on: StoreWatcher): Unsubscribe
  /** This process wrote these; `null`: any may have been written. */
  tell(keys: readonly string[] | null): void
  close(): void
}

/** A line to the server on which it is heard what was written. */
export interface WatchLine {
  /** Has that number told to ourselves, by the server and on the line on which we listen; what fails is missed there. */
  ask(number: number): void
  close(): void
}

/** What a line tells. */
export interface LineEar {
  /** That number was asked, and has come. */
  answered(number: number): void
  changed(keys: readonly string[] | null): void
  /** It is of no use any more. */
  ended(): void
  /** The latest number that was asked. */
  asked(): number
}

export interface LineWatchPorts {
  /** Opens a line; it is closed where that took too long. */
  connect(ear: LineEar): Promise<WatchLine>
  timers: Timers
}

/**
 * A watch that says whether it is live, over one line that may break, hang or be slow without a word. Nobody watches yet, and no
 * line is open as long as that is so.
 */
export function createLineWatch({ connect, timers }: LineWatchPorts): LineWatch {
  const watchers = new Set<{ below: string; on: StoreWatcher }>()
  let live = false
  let closed = false
  let run: { stop(): void } | undefined

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
    // what a listener does may turn it again
    for (const watcher of Array.from(watchers))
      if (live === isLive && watchers.has(watcher)) quietly(() => watcher.on.live(isLive))
  }

  function start(): { stop(): void } {
    let over = false
    let line: WatchLine | undefined
    /** How many lines were left: what comes on those is not heard. */
    let left = 0
    let cancel = (): void => {}
    let beat = 0
    let askedAt = 0
    let answered = 0
    let answeredAt = 0
    let failures = 0

    const after = (ms: number, work: () => void): void => {
      cancel()
      cancel = timers.after(ms, work)
    }

    function drop(): void {
      left++
      line?.close()
      line = undefined
      if (over) return
      setLive(false)
      after(WAITS_MS[Math.min(failures++, WAITS_MS.length - 1)]!, () => void open())
    }

    async function open(): Promise<void> {
      let ended = false
      let opened: WatchLine | undefined
      const before = left
      const isDeaf = (): boolean => over || ended || left > before
      try {
        const opening = connect({
          answered: (number) => {
            if (!isDeaf()) hear(number)
          },
          changed: (keys) => {
            if (!isDeaf()) tell(keys)
          },
          ended: () => {
            ended = true
            if (opened && line === opened) drop()
          },
          asked: () => beat,
        })
        // a line that opens too late is of no use to anybody
        opened = await withPatience(timers, DEAD_MS, opening, (late) => late.close())
        if (over) return opened.close()
        line = opened
        answeredAt = timers.elapsed()
        if (ended) drop()
        else knock()
      } catch {
        drop()
      }
    }

    function knock(): void {
      if (line === undefined) return
      if (timers.elapsed() - answeredAt > DEAD_MS) return drop()
      askedAt = timers.elapsed()
      line.ask(++beat)
      after(LATE_MS, () => {
        if (answered < beat) setLive(false)
        knock()
      })
    }

    function hear(number: number): void {
      // only what was asked is an answer
      if (!(number > answered && number <= beat)) return
      answered = number
      answeredAt = timers.elapsed()
      // where it comes late, so does all else on that line
      if (number < beat || answeredAt - askedAt > LATE_MS) return
      failures = 0
      setLive(true)
      after(BEAT_MS, knock)
    }

    void open()
    return {
      stop() {
        over = true
        cancel()
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
    close() {
      closed = true
      run?.stop()
      run = undefined
      setLive(false)
      watchers.clear()
    },
  }
}
