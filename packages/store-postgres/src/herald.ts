import { clearTimeout, setTimeout } from 'node:timers'

/** Tells other processes what this one wrote. */
export interface Herald {
  tell(keys: readonly string[]): void
  /** Resolves when what it was told is told to others, or can't be. */
  close(): Promise<void>
}

/** A notification has fewer than 8,000 bytes. */
const PAYLOAD_BYTES = 7_900
/** More than so many at once say only that any key may have changed. */
const PAYLOADS = 16
/** What is written within so long is told together. */
const GAP_MS = 10
/** After a failure it is told again so much later. */
const AGAIN_MS = 500

/**
 * Outside the commits: a transaction that notifies holds a lock of the whole server until its commit is on the disk. `send` takes
 * payloads.
 */
export function createHerald(
  self: string,
  send: (payloads: readonly string[]) => Promise<unknown>,
): Herald {
  let pending: Set<string> | null = new Set()
  let timer: ReturnType<typeof setTimeout> | undefined
  let sending: Promise<void> | undefined
  let closed = false

  function schedule(ms: number): void {
    if (closed || sending) return
    timer ??= setTimeout(() => {
      timer = undefined
      sending = tellAll().then((wait) => {
        sending = undefined
        if (pending?.size !== 0) schedule(wait)
      })
    }, ms)
    // a process that ends tells first what it wrote, but does not live on to try again
    if (ms === AGAIN_MS) timer.unref()
  }

  /** Answers how long to wait until the next time. */
  async function tellAll(): Promise<number> {
    const payloads = toPayloads(self, pending)
    pending = new Set()
    try {
      await send(payloads)
      return GAP_MS
    } catch {
      // who missed it does not know what it missed
      pending = null
      return AGAIN_MS
    }
  }

  return {
    tell(keys) {
      for (const key of keys) pending?.add(key)
      schedule(0)
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await sending
      if (pending?.size !== 0) await tellAll()
    },
  }
}

/** These keys in as many payloads as they need; in one that names none where they need too many. */
export function toPayloads(self: string, keys: ReadonlySet<string> | null): string[] {
  const payload = (names: readonly string[] | null): string =>
    JSON.stringify({ from: self, keys: names })
  if (keys === null) return [payload(null)]
  const frame = payload([]).length
  const parts: string[][] = []
  let size = Infinity
  for (const key of keys) {
    const length = JSON.stringify(key).length + 1 // ASCII: as many bytes
    if (size + length > PAYLOAD_BYTES) {
      parts.push([])
      size = frame
    }
    parts.at(-1)!.push(key)
    size += length
  }
  return parts.length > PAYLOADS ? [payload(null)] : parts.map(payload)
}
