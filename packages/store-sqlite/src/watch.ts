import { clearInterval, setInterval } from 'node:timers'
import type { Key, StoreWatcher, Unsubscribe } from '@pair/core'
import { fromKeyText, isWatchedText, quietly, toBelowText } from '@pair/core/store'
import type { ChangeTable } from './tables/change-table.ts'

/** How often commits of other processes are looked for. */
const POLL_MS = 50

/** Those who want to hear of changes, made here or by other processes. */
export interface Watch {
  add(prefix: Key, on: StoreWatcher): Unsubscribe
  /** Tells what was committed since the last time. */
  poll(): void
  close(): void
}

/** Nobody watches yet, and nothing runs as long as that is so. `guard` throws where the file is not the one that others write. */
export function createWatch(
  changes: Pick<ChangeTable, 'latest' | 'from'>,
  guard: () => void,
): Watch {
  const watchers = new Set<{ below: string; on: StoreWatcher }>()
  let timer: ReturnType<typeof setInterval> | undefined
  let cursor: number | null = null
  let live = false
  let closed = false

  function poll(): void {
    try {
      guard()
      tell(readChanges())
      setLive(true)
    } catch {
      setLive(false)
    }
  }

  /** The keys written since the last time; `null` where that is no longer known. */
  function readChanges(): Set<string> | null {
    if (cursor === null) {
      cursor = changes.latest()
      return new Set()
    }
    const seen = cursor
    const rows = changes.from(seen)
    cursor = rows.at(-1)?.seq ?? changes.latest()
    return rows[0]?.seq === seen ? new Set(rows.slice(1).flatMap(({ keys }) => keys)) : null
  }

  function tell(changed: Set<string> | null): void {
    // a copy: a listener may subscribe anew; and what is committed stays so, whatever it throws
    for (const watcher of Array.from(watchers)) {
      const keys =
        changed && [...changed].filter((key) => isWatchedText(key, watcher.below)).map(fromKeyText)
      if (keys?.length !== 0 && watchers.has(watcher)) quietly(() => watcher.on.changed(keys))
    }
  }

  function setLive(isLive: boolean): void {
    if (isLive === live) return
    live = isLive
    for (const { on } of Array.from(watchers)) quietly(() => on.live(isLive))
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
    cursor = null
    live = false
  }

  return {
    add(prefix, on) {
      const watcher = { below: toBelowText(prefix), on }
      if (!closed) {
        timer ??= setInterval(poll, POLL_MS).unref()
        poll()
        watchers.add(watcher)
      }
      quietly(() => on.live(live))
      return () => {
        if (watchers.delete(watcher) && watchers.size === 0) stop()
      }
    },
    poll() {
      if (watchers.size > 0) poll()
    },
    close() {
      closed = true
      setLive(false)
      watchers.clear()
      stop()
    },
  }
}
