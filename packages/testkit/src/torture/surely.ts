import { setTimeout as pause } from 'node:timers/promises'
import { isPairError } from '@pair/core'
import { RefusedError } from './apps.ts'

/** Where the machine has much else to do, a commit may take longer than it is waited for. Milliseconds. */
const PATIENCE_MS = 60_000
const EVERY_MS = 100
const AWAY = new Set(['store_unavailable', 'store_busy'])

/** Prepares what is judged later: again for a while where the store is away. What is judged itself is asked once. */
export async function surely<T>(work: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + PATIENCE_MS; ;)
    try {
      return await work()
    } catch (error) {
      const isAway = (isPairError(error) || error instanceof RefusedError) && AWAY.has(error.code)
      if (!isAway || performance.now() > end) throw error
      await pause(EVERY_MS)
    }
}
