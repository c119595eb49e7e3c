import type { Timers } from '../ports/runtime.ts'
import type { Key, Position, Store, Unsubscribe } from '../ports/store.ts'
import { withDeadline } from './deadline.ts'

/** Keys below the namespace that may have changed; `null`: any may have. */
export type ChangeListener = (keys: readonly Key[] | null) => void

/** What changed in this instance's namespace, by this process or by another. */
export interface ChangeFeed {
  listen(listener: ChangeListener): Unsubscribe
  /** The same for who need not hear while nobody asks `keepLive`; where that began or ended, any key may have changed. */
  overhear(listener: ChangeListener): Unsubscribe
  /** Is all that changed until half a second ago known here? It is kept so while somebody listens, or a moment ago asked for it. */
  isLive(): boolean
  /** The same, and from now on it is kept so for a moment; the first answer is `false`. */
  keepLive(): boolean
  /** A commit of this process is done. */
  announce(keys: readonly Key[]): void
  close(): void
}

export interface ChangeFeedPorts {
  store: Store
  namespace: string
  /** The stream whose items name the keys of every change that counts. */
  stream: Key
  timers: Timers
  /** How long a look may take. Milliseconds. */
  deadlineMs: number
}

/** How often the stream is looked at, and for how long a look counts. */
const LOOK_MS = 200
const COUNTS_MS = 500
/** How long is looked without anybody asking. */
const LINGER_MS = 2_000
const PAGE = 256

/**
 * Hears of changes in two ways: by the store's watch, at once, and by the stream, which is looked at several times a second. The
 * look alone says that nothing was missed: a watch may hang half open and believe that it hears.
 */
export function createChangeFeed(ports: ChangeFeedPorts): ChangeFeed {
  const { store, namespace, timers, deadlineMs } = ports
  const stream = [namespace, ...ports.stream]
  const listeners = new Set<ChangeListener>()
  const overhearing = new Set<ChangeListener>()
  /** What the watch says of itself; it may be mistaken. */
  let isWatching = false
  let closed = false
  let stopWatch: Unsubscribe | undefined
  let run: { cancel: () => void } | undefined
  let askedAt = -Infinity
  /** When the last look began that met everything. */
  let lookedAt = -Infinity
  let cancelLapse = (): void => {}

  const tell: ChangeListener = (keys) => {
    for (const listener of [...listeners, ...overhearing]) listener(keys)
  }
  const inside = (key: Key): Key => key.slice(1)

  function watch(): void {
    try {
      stopWatch ??= store.watch?.([namespace], {
        changed: (keys) => tell(keys === null ? null : keys.map(inside)),
        live: (isLive) => {
          const turned = isLive !== isWatching
          isWatching = isLive
          // What happened while nothing was heard is unknown; and when it stops, who listens has to begin asking.
          if (turned) tell(null)
        },
      })
    } catch {
      // Looking is enough.
    }
  }

  /** What was appended behind that place, told; the place to go on behind. */
  async function look(
    from: Position | null | undefined,
    isOver: () => boolean,
  ): Promise<Position | null | undefined> {
    let after = from
    for (;;) {
      const began = timers.elapsed()
      const isFirst = after === undefined
      const { items, oldest, latest, settled } = await withDeadline(timers, deadlineMs, () =>
        store.tail(stream, isFirst ? null : (after as Position | null), isFirst ? 1 : PAGE),
      )
      if (isOver()) return from
      if (isFirst) {
        after = latest
        tell(null)
      } else {
        const place = after ?? ''
        const isGap = place < (oldest ?? latest ?? '') || place > (latest ?? '')
        if (isGap) tell(null)
        else if (items.length > 0)
          tell([ports.stream, ...items.flatMap(({ keys }) => keys.map(inside))])
        after = isGap ? latest : (items.at(-1)?.position ?? after)
      }
      if (isFirst || items.length < PAGE) {
        // Where the store holds something back for a moment, it is not known yet.
        if (settled) {
          lookedAt = began
          cancelLapse()
          // Who listens has to begin asking.
          const left = COUNTS_MS - (timers.elapsed() - began)
          cancelLapse = timers.after(Math.max(1, left), () => tell(null))
        }
        return after
      }
    }
  }

  function start(): void {
    if (run !== undefined || closed) return
    watch()
    let at: Position | null | undefined
    let over = false
    let cancel = (): void => {}
    const own = {
      cancel: () => {
        over = true
        cancel()
      },
    }
    run = own
    const round = async (): Promise<void> => {
      const began = timers.elapsed()
      try {
        at = await look(at, () => over)
      } catch {
        // It is not live by itself half a second later.
      }
      if (over) return
      if (listeners.size === 0 && timers.elapsed() - askedAt > LINGER_MS) return stop()
      cancel = timers.after(Math.max(1, LOOK_MS - (timers.elapsed() - began)), () => void round())
    }
    void round()
  }

  function stop(): void {
    run?.cancel()
    cancelLapse()
    run = undefined
    lookedAt = -Infinity
    tell(null)
  }

  return {
    listen(listener) {
      if (closed) return () => {}
      listeners.add(listener)
      start()
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && timers.elapsed() - askedAt > LINGER_MS) stop()
      }
    },
    overhear(listener) {
      overhearing.add(listener)
      return () => overhearing.delete(listener)
    },
    isLive() {
      return timers.elapsed() - lookedAt < COUNTS_MS
    },
    keepLive() {
      askedAt = timers.elapsed()
      start()
      return askedAt - lookedAt < COUNTS_MS
    },
    announce: tell,
    close() {
      closed = true
      stopWatch?.()
      stop()
      listeners.clear()
      overhearing.clear()
    },
  }
}
