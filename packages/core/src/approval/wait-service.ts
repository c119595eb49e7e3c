import type { ApprovalId } from '../ids.ts'
import type { Timers } from '../ports/runtime.ts'
import type { Key } from '../ports/store.ts'
import type { ServicePorts } from '../service-ports.ts'
import type { Millis } from '../time.ts'

/** Waiting for what becomes of a request, from before it was looked at. */
export interface Waiter {
  /** Resolves when it may have changed, when the time is over, or when somebody else took this place. */
  changed(): Promise<'look' | 'over' | 'displaced'>
  end(): void
}

export interface WaitService {
  /**
   * Waits for that request for so long at most. One waits for a request: who comes later takes the place of the one
   * before. `null`: too many are waiting, and it is for the asker to come again.
   */
  wait(id: ApprovalId, ms: Millis, signal: AbortSignal | null): Waiter | null
  close(): void
}

/** How many may wait at once; each holds a request open. */
export const WAITERS_CAP = 256
/** How often is looked where changes can't be heard. */
const POLL_MS = 400
/** How often is looked in any case: time alone ends a request too. */
const LOOK_MS = 5_000

export function createWaitService({
  space,
  timers,
}: Pick<ServicePorts, 'space'> & { timers: Timers }): WaitService {
  const waiting = new Map<ApprovalId, { wake(): void; end(): void; displace(): void }>()
  let unlisten: (() => void) | undefined
  let closed = false

  function heard(keys: readonly Key[] | null): void {
    // A request may end with the mode it was made in, or with all that was.
    const all = keys === null || keys.some(([word]) => word === 'admission' || word === 'epoch')
    const ids = new Set(keys?.map(([, id]) => id))
    for (const [id, { wake }] of waiting) if (all || ids.has(id)) wake()
  }

  return {
    wait(id, ms, signal) {
      const before = waiting.get(id)
      if (closed || ms <= 0 || signal?.aborted || (!before && waiting.size >= WAITERS_CAP))
        return null
      before?.displace()
      let over: 'over' | 'displaced' | null = null
      let stirred = false
      let resume: (() => void) | undefined
      const wake = (): void => {
        stirred = true
        resume?.()
      }
      const leave = (why: 'over' | 'displaced'): void => {
        if (over) return
        over = why
        cancel()
        signal?.removeEventListener('abort', end)
        if (waiting.get(id) === own) waiting.delete(id)
        if (waiting.size === 0) {
          unlisten?.()
          unlisten = undefined
        }
        resume?.()
      }
      const end = (): void => leave('over')
      const cancel = timers.hold(ms, end)
      const own = { wake, end, displace: () => leave('displaced') }
      waiting.set(id, own)
      signal?.addEventListener('abort', end)
      unlisten ??= space.feed.listen(heard)
      return {
        async changed() {
          if (!stirred && !over) {
            const every = space.feed.isLive() ? LOOK_MS : POLL_MS
            const stop = timers.after(every, wake)
            await new Promise<void>((resolve) => (resume = resolve))
            resume = undefined
            stop()
          }
          stirred = false
          return over ?? 'look'
        },
        end,
      }
    },
    close() {
      closed = true
      for (const { end } of waiting.values()) end()
    },
  }
}
