import type { Key, StoreWatcher, Unsubscribe } from '../../ports/store.ts'
import { fromKeyText, isWatchedText, toBelowText } from '../key-text.ts'

/** Those who want to hear of changes. */
export interface Watchers {
  add(prefix: Key, on: StoreWatcher): Unsubscribe
  /** Tells each watcher which of these keys are its own. Its failures stay with it. */
  tell(changed: ReadonlySet<string>): void
}

/** Nobody watches yet. */
export function createWatchers(): Watchers {
  const watchers = new Set<{ start: string; on: StoreWatcher }>()
  return {
    add(prefix, on) {
      const watcher = { start: toBelowText(prefix), on }
      watchers.add(watcher)
      attempt(() => on.live(true))
      return () => void watchers.delete(watcher)
    },
    tell(changed) {
      // a copy: a listener may subscribe anew
      for (const watcher of Array.from(watchers)) {
        // the prefix's own key counts too: hearing too much costs a read, too little an old answer
        const keys = [...changed]
          .filter((key) => isWatchedText(key, watcher.start))
          .map(fromKeyText)
        if (keys.length > 0 && watchers.has(watcher)) attempt(() => watcher.on.changed(keys))
      }
    },
  }
}

function attempt(call: () => void): void {
  try {
    call()
  } catch {
    // what is committed stays committed, whatever a listener makes of it
  }
}
