import type { Timers } from '../ports/runtime.ts'

const BATCH = 1_000
/** It goes on while there is something to forget, and ends some time. */
const BATCHES = 20_000
/** So many batches, and others have their turn. */
const TURN = 16

/** Forgets what is due, `limit` at a time; answers how much. */
export async function purgeInBatches(
  purge: (limit: number) => Promise<number>,
  timers: Timers,
): Promise<number> {
  let purged = 0
  for (let batch = 1; batch <= BATCHES; batch++) {
    const count = await purge(BATCH)
    purged += count
    if (count < BATCH) break
    if (batch % TURN === 0) await new Promise<void>((resolve) => void timers.hold(0, resolve))
  }
  return purged
}
