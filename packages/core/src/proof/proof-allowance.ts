import type { Thumbprint } from '../ids.ts'
import { standingOf, windowOf, type LimitStanding, type WindowRule } from '../limit/window.ts'
import type { Millis } from '../time.ts'

/** Whose key it is: that of a device which was let in, or of somebody who has yet to be. */
export type Prover = 'device' | 'newcomer'

/** How many keys are told apart at a time. Where there are more, all are counted anew. */
const KEYS = 10_000

/**
 * How many proofs may leave a mark, by what this process saw in the window that runs: so many of each device, and so many of
 * all newcomers together, who make keys as they like.
 */
export interface ProofAllowance {
  take(as: Prover, thumbprint: Thumbprint, now: Millis): { ok: boolean; standing: LimitStanding }
  /** Takes back what left no mark: whoever copied a proof uses up nothing of its key's by sending it again. */
  giveBack(as: Prover, thumbprint: Thumbprint): void
  /** How many keys it holds. */
  size(): number
}

export function createProofAllowance(rule: WindowRule): ProofAllowance {
  const devices = new Map<Thumbprint, number>()
  let newcomers = 0
  let running = NaN

  function countDevice(thumbprint: Thumbprint): number {
    const count = (devices.get(thumbprint) ?? 0) + 1
    if (count === 1 && devices.size >= KEYS) devices.clear()
    devices.set(thumbprint, count)
    return count
  }

  return {
    take(as, thumbprint, now) {
      const window = windowOf(rule, now)
      if (window !== running) {
        devices.clear()
        newcomers = 0
      }
      running = window
      const count = as === 'newcomer' ? ++newcomers : countDevice(thumbprint)
      return { ok: count <= rule.max, standing: standingOf('proof', rule, count, now) }
    },
    giveBack(as, thumbprint) {
      const count = devices.get(thumbprint) ?? 0
      if (as === 'newcomer') newcomers = Math.max(0, newcomers - 1)
      else if (count > 0) devices.set(thumbprint, count - 1)
    },
    size: () => devices.size,
  }
}
