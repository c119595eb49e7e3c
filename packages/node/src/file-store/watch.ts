import { clearInterval, setInterval } from 'node:timers'
import type { Key, StoreWatcher, Unsubscribe } from '@pair/core'
import { fromKeyText, isWatchedText, toBelowText } from '@pair/core/store'

/** How often the file is looked at. A notice of the system would come no sooner, and not everywhere. */
const POLL_MS = 50
/** A look that took so long and is not over says nothing of now. */
const SILENT_MS = 250

/** Those who want to hear of changes, made here, by other processes or by hand. */
export interface Watch {
  add(prefix: Key, on: StoreWatcher): Unsubscribe
  tell(changed: ReadonlySet<string>): void
  close(): void
}

/**
 * Nobody watches yet, and nothing runs as long as that is so. `look` makes what changed be told, and fails where that can't be
 * known.
 */
export function createWatch(look: () => Promise<unknown>): Watch {
  const watchers = new Set<{ below: string; on: StoreWatcher }>()
  let timer: ReturnType<typeof setInterval> | undefined
  let since: number | null = null // when the look began that isn't over
  let live = false
  let closed = false

  function poll(): void {
    if (since !== null) {
      if (performance.now() - since > SILENT_MS) setLive(false)
      return
    }
    since = performance.now()
    const own = timer
    const end = (isLive: boolean): void => {
      if (own !== timer) return // of a watch that is over
      since = null
      setLive(isLive)
    }
    look().then(
      () => end(true),
      () => end(false),
    )
  }

  function setLive(isLive: boolean): void {
    if (isLive === live) return
    live = isLive
    for (const { on } of Array.from(watchers)) quietly(() => on.live(isLive))
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
    since = null
    live = false
  }

  return {
    add(prefix, on) {
      const watcher = { below: toBelowText(prefix), on }
      if (!closed) watchers.add(watcher)
      quietly(() => on.live(live))
      if (!closed && timer === undefined) {
        timer = setInterval(poll, POLL_MS).unref()
        poll()
      }
      return () => {
        if (watchers.delete(watcher) && watchers.size === 0) stop()
      }
    },
    tell(changed) {
      // a copy: a listener may subscribe anew; and what is committed stays so, whatever it throws
      for (const watcher of Array.from(watchers)) {
        const keys = [...changed]
          .filter((key) => isWatchedText(key, watcher.below))
          .map(fromKeyText)
        if (keys.length > 0 && watchers.has(watcher)) quietly(() => watcher.on.changed(keys))
      }
    },
    close() {
      closed = true
      setLive(false)
      watchers.clear()
      stop()
    },
  }
}

function quietly(call: () => void): void {
  try {
    call()
  } catch {
    // a listener's failure is its own
  }
}
