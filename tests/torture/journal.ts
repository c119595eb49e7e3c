import { setTimeout as pause } from 'node:timers/promises'
import type { Store, StreamItem } from '@pair/core'
import { expect, onTestFinished } from 'vitest'

/** Reads the journal of a namespace while it grows. */
export interface Reader {
  /**
   * Reads what is left, then all of it once more: what was read in pieces has to be the same, so that nothing came behind a place
   * that had been passed. Answers all of it.
   */
  stop(): Promise<StreamItem[]>
}

/** Until it is stopped, or the test has finished. */
export function followJournal(store: Store, namespace: string): Reader {
  const stream = [namespace, 'journal']
  const seen: StreamItem[] = []
  let isOver = false

  /** Reads on behind what it has, up to a place behind which nothing waits. */
  async function readOn(items: StreamItem[], isEnough: () => boolean): Promise<void> {
    while (!isEnough()) {
      const tail = await store.tail(stream, items.at(-1)?.position ?? null, 100).catch(() => null)
      items.push(...(tail?.items ?? []))
      if (tail === null) await pause(20)
      else if (tail.settled && tail.items.length === 0) return
    }
  }

  const running = (async () => {
    while (!isOver) {
      await readOn(seen, () => isOver)
      await pause(2)
    }
  })()
  onTestFinished(() => void (isOver = true))
  return {
    async stop() {
      isOver = true
      await running
      await readOn(seen, () => false)
      const all: StreamItem[] = []
      await readOn(all, () => false)
      expect(seen.map(({ position }) => position)).toEqual(all.map(({ position }) => position))
      return all
    },
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
