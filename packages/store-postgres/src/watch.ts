import { clearTimeout, setTimeout } from 'node:timers'
import type { Key, StoreWatcher, Unsubscribe } from '@pair/core'
import { fromKeyText, isWatchedText, toBelowText } from '@pair/core/store'
import type { Driver, Line, LineListener, Statement } from './driver.ts'
import { quietly } from './quietly.ts'

/** How often it is asked whether the line still carries; how long an answer may take until nothing counts as heard. */
const BEAT_MS = 200
const LATE_MS = 300
/** Without an answer for so long the line is given up. */
const DEAD_MS = 2_000
/** Waits before the next line is tried, the last one from then on. */
const WAITS_MS = [20, 100, 250, 500, 1_000]

/** Those who want to hear of changes, made here or by other processes. */
export interface Watch {
  add(prefix: Key, on: StoreWatcher): Unsubscribe
  /** This process wrote these; `null`: any may have been written. */
  tell(keys: readonly string[] | null): void
  close(): void
}

export interface WatchParts {
  driver: Pick<Driver, 'listen'>
  /** Sends a notification: channel, list of payloads. */
  statement: Statement
  /** Where other processes tell what they wrote. */
  channel: string
  /** Who we are, in what we tell. */
  self: string
  /** Resolves when the database can be used. */
  ready(): Promise<unknown>
}

/** Nobody watches yet, and no line is open as long as that is so. */
export function createWatch({ driver, statement, channel, self, ready }: WatchParts): Watch {
  const own = `${channel}_${self}`
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
    for (const { on } of Array.from(watchers)) quietly(() => on.live(isLive))
  }

  function start(): { stop(): void } {
    let over = false
    let line: Line | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let beat = 0
    let asking = false
    let askedAt = 0
    let answered = 0
    let answeredAt = 0
    let failures = 0

    const after = (ms: number, work: () => void): void => {
      clearTimeout(timer)
      timer = setTimeout(work, ms).unref()
    }

    function drop(): void {
      line?.close()
      line = undefined
      if (over) return
      setLive(false)
      after(WAITS_MS[Math.min(failures++, WAITS_MS.length - 1)]!, () => void open())
    }

    async function open(): Promise<void> {
      let ended = false
      let opened: Line | undefined
      const listener: LineListener = {
        heard: (on, payload) => {
          if (over || ended) return
          if (on === own) hear(Number(payload))
          else hearOthers(payload)
        },
        ended: () => {
          ended = true
          if (opened && line === opened) drop()
        },
      }
      try {
        await ready()
        opened = await driver.listen([channel, own], listener, DEAD_MS)
        if (over) return opened.close()
        line = opened
        asking = false
        answeredAt = performance.now()
        if (ended) drop()
        else knock()
      } catch {
        drop()
      }
    }

    /** Tells ourselves something on the very line on which we listen. */
    function knock(): void {
      const asked = line
      if (asked === undefined) return
      const silence = performance.now() - answeredAt
      if (silence > DEAD_MS) return drop()
      // a line carries one question at a time
      if (!asking) {
        asking = true
        askedAt = performance.now()
        asked.query(statement, [own, `{"${++beat}"}`]).then(
          () => {
            if (line === asked) asking = false
          },
          () => {
            if (line === asked && !over) drop()
          },
        )
      }
      after(LATE_MS, () => {
        if (answered < beat) setLive(false)
        knock()
      })
    }

    function hear(number: number): void {
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

    void open()
    return {
      stop() {
        over = true
        clearTimeout(timer)
        line?.close()
        line = undefined
      },
    }
  }

  function hearOthers(payload: string): void {
    const told = readTold(payload)
    if (told?.from !== self) tell(told?.keys ?? null)
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

/** What another process told; `null` for what nobody of ours says. */
function readTold(payload: string): { from: string; keys: string[] | null } | null {
  try {
    const told = JSON.parse(payload) as { from?: unknown; keys?: unknown } | null
    const { from, keys } = told ?? {}
    if (typeof from !== 'string') return null
    const isList = Array.isArray(keys) && keys.every((key) => typeof key === 'string')
    return { from, keys: isList ? (keys as string[]) : null }
  } catch {
    return null
  }
}
