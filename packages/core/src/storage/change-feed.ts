import type { Key, Store, Unsubscribe } from '../ports/store.ts'

/** Keys below the namespace that may have changed; `null`: any may have. */
export type ChangeListener = (keys: readonly Key[] | null) => void

/** What changed in this instance's namespace, by this process or by another. */
export interface ChangeFeed {
  listen(listener: ChangeListener): Unsubscribe
  /** Whether changes of other processes are being heard at this moment. */
  isLive(): boolean
  /** A commit of this process is done. */
  announce(keys: readonly Key[]): void
  close(): void
}

/** Hears the store's watch from the first listener on; a store without one is never live, and its readers poll. */
export function createChangeFeed(store: Store, namespace: string): ChangeFeed {
  const listeners = new Set<ChangeListener>()
  let live = false
  let closed = false
  let stop: Unsubscribe | undefined

  const tell: ChangeListener = (keys) => {
    for (const listener of listeners) listener(keys)
  }
  const start = (): void => {
    stop ??= store.watch?.([namespace], {
      changed: (keys) => tell(keys === null ? null : keys.map((key) => key.slice(1))),
      live: (isLive) => {
        const turned = isLive !== live
        live = isLive
        // What happened while nothing was heard is unknown; and when it stops, who listens has to begin asking.
        if (turned) tell(null)
      },
    })
  }
  return {
    listen(listener) {
      if (closed) return () => {}
      listeners.add(listener)
      start()
      return () => listeners.delete(listener)
    },
    isLive: () => live,
    announce: tell,
    close() {
      closed = true
      stop?.()
      stop = undefined
      live = false
      listeners.clear()
    },
  }
}
