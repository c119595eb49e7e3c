import { startChild } from './child.ts'
import type { Place } from './place.ts'

/** What a process is asked to do. */
export interface Order {
  codes: string[]
  inFlight: number
}

/** What came of one attempt. */
export interface Outcome {
  code: string
  status: number
  problem: string | null
  sessionId: string | null
}

export type Told = { outcome: Outcome } | { done: true }

export interface Redeemer {
  /** Of all orders until now. */
  outcomes: Outcome[]
  /** Resolves when every code of the order was decided. */
  order(order: Order): Promise<void>
  /** Resolves with the first outcome. */
  begun: Promise<void>
  kill(): Promise<void>
}

/** A child process that is ready for orders. */
export async function startRedeemer(place: Place): Promise<Redeemer> {
  const outcomes: Outcome[] = []
  let begin = (): void => {}
  let finish = (): void => {}
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const child = await startChild<Told>('redeemer.ts', place, (told) => {
    if ('outcome' in told) {
      outcomes.push(told.outcome)
      begin()
    } else finish()
  })
  return {
    outcomes,
    begun,
    async order(order) {
      const done = new Promise<void>((resolve) => (finish = resolve))
      await child.send(order)
      await done
    },
    async kill() {
      child.kill()
      await child.ended
    },
  }
}
