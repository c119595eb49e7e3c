import { setTimeout as pause } from 'node:timers/promises'
import type { Store, StreamItem } from '@pair/core'
import type { Scope } from './scope.ts'

/** So many items at a time. */
const PAGE = 100

/** Reads the journal of a namespace while it grows. */
export interface Reader {
  /**
   * Reads what is left, then all of it once more. What was read in pieces has to be the same, so that nothing came behind a place
   * that had been passed: else `fault` says so.
   */
  stop(): Promise<{ items: StreamItem[]; fault: string | null }>
}

/** Until it is stopped, or the work is over. */
export function followJournal(store: Store, namespace: string, scope: Scope): Reader {
  const stream = [namespace, 'journal']
  const seen: StreamItem[] = []
  let isOver = false

  const running = (async () => {
    while (!isOver) {
      await readOn(store, stream, seen, () => isOver)
      await pause(2)
    }
  })()
  scope.atEnd(() => void (isOver = true))
  return {
    async stop() {
      isOver = true
      await running
      const items = await journalOf(store, namespace)
      // what was cut off may still come: behind all that was read, or it came too late
      await readOn(store, stream, seen, () => false)
      const [inPieces, atOnce] = [seen.slice(0, items.length), items].map((all) =>
        all.map(({ position }) => position).join(),
      )
      const isSame = inPieces === atOnce
      const fault = isSame
        ? null
        : `the journal of ${namespace} has ${items.length} items, and who followed it read ${seen.length}, or others`
      return { items, fault }
    },
  }
}

/** All of it, up to a place behind which nothing waits. */
export async function journalOf(store: Store, namespace: string): Promise<StreamItem[]> {
  const items: StreamItem[] = []
  await readOn(store, [namespace, 'journal'], items, () => false)
  return items
}

/** Reads on behind what it has, up to a place behind which nothing waits. */
async function readOn(
  store: Store,
  stream: readonly string[],
  items: StreamItem[],
  isEnough: () => boolean,
): Promise<void> {
  while (!isEnough()) {
    const after = items.at(-1)?.position ?? null
    const tail = await store.tail(stream, after, PAGE).catch(() => null)
    // a place below the oldest: whoever stands there is told to begin anew
    if (after !== null && (tail?.oldest ?? after) > after) items.length = 0
    items.push(...(tail?.items ?? []))
    if (tail === null) await pause(20)
    else if (tail.settled && tail.items.length === 0) return
  }
}

/** How often each session is said to have been made. */
export function madeIn(items: readonly StreamItem[]): Map<string, number> {
  const made = new Map<string, number>()
  for (const { value } of items) {
    const { type, sessionId } = JSON.parse(value) as { type: string; sessionId?: string }
    if (sessionId !== undefined && (type === 'code.redeemed' || type === 'approval.collected'))
      made.set(sessionId, (made.get(sessionId) ?? 0) + 1)
  }
  return made
}
