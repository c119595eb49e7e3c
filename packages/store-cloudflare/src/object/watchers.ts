import type { Key, StoreWatcher, Unsubscribe } from '@pair/core'
import { fromKeyText, isWatchedText, toBelowText } from '@pair/core/store'

/** Those who hear of changes. All commits are made here, so nothing can be missed. */
export interface Watchers {
  add(prefix: Key, on: StoreWatcher): Unsubscribe
  /** Tells that these keys were written. */
  tell(keys: readonly string[]): void
}

/** Nobody watches yet. */
export function createWatchers(): Watchers {
  const watchers = new Set<{ below: string; on: StoreWatcher }>()
  return {
    add(prefix, on) {
      const watcher = { below: toBelowText(prefix), on }
      watchers.add(watcher)
      quietly(() => on.live(true))
      return () => void watchers.delete(watcher)
    },
    tell(keys) {
      // a copy: a listener may subscribe anew
      for (const watcher of Array.from(watchers)) {
        const own = keys.filter((key) => isWatchedText(key, watcher.below)).map(fromKeyText)
        if (own.length > 0 && watchers.has(watcher)) quietly(() => watcher.on.changed(own))
      }
    },
  }
}

/** What is committed stays so, whatever a listener throws. */
function quietly(call: () => void): void {
  try {
    call()
  } catch {
    // theirs to mend
  }
}
