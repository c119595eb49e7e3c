import type { Key, Store, StoreWatcher, Unsubscribe } from '@pair/core'

/** Whether those who watch are told that their line is cut. */
export type WatchDrop = 'told' | 'silent'

export interface FaultyWatch {
  add(prefix: Key, on: StoreWatcher): Unsubscribe
  drop(drop?: WatchDrop): void
  restore(): void
}

/** The watch of a real store behind a line that can be cut. */
export function faultyWatch(real: Store): FaultyWatch {
  const ears = new Set<{ on: StoreWatcher; isLive: boolean }>()
  let cut: WatchDrop | null = null
  return {
    add(prefix, on) {
      const ear = { on, isLive: false }
      ears.add(ear)
      if (cut === 'told') on.live(false)
      const stop = real.watch?.(prefix, {
        changed: (keys) => {
          if (cut === null) on.changed(keys)
        },
        live: (isLive) => {
          ear.isLive = isLive
          if (cut !== 'told') on.live(isLive)
        },
      })
      return () => {
        ears.delete(ear)
        stop?.()
      }
    },
    drop(drop = 'told') {
      cut = drop
      if (drop === 'told') for (const { on } of ears) on.live(false)
    },
    restore() {
      const told = cut === 'told'
      cut = null
      if (!told) return
      for (const { on, isLive } of ears) {
        on.changed(null)
        on.live(isLive)
      }
    },
  }
}
