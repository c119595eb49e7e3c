import { startChild } from './child.ts'
import type { Scope } from './scope.ts'
import type { TorturedStore } from './tortured-store.ts'

/** What a redeemer is asked to do. Each has one place, that of its first order. */
export interface Order {
  setting: unknown
  codes: string[]
  inFlight: number
  /** What was not decided by then is left. Milliseconds. */
  withinMs: number
}

/** What came of one attempt. */
export interface Outcome {
  code: string
  status: number
  problem: string | null
  sessionId: string | null
}

export type RedeemerTold = { outcome: Outcome } | { left: number }

export interface Redeemer {
  /** Of all orders until now. */
  outcomes: Outcome[]
  /**
   * Resolves when every code of the order was decided, or when it was killed; answers how many were not decided within the time.
   *
   * @throws Error where its process ended by itself
   */
  order(order: Order): Promise<number>
  /** Resolves with the first outcome, or when its process has ended. */
  begun: Promise<void>
  kill(): Promise<void>
}

/** A redeemer that is ready for orders. */
export async function startRedeemer(
  store: TorturedStore,
  scope: Scope,
  which = 0,
): Promise<Redeemer> {
  const outcomes: Outcome[] = []
  let begin = (): void => {}
  let finish = (_left: number): void => {}
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const child = await startChild<RedeemerTold>('redeemer', {
    store,
    scope,
    given: { which },
    heard(told) {
      if ('left' in told) return finish(told.left)
      outcomes.push(told.outcome)
      begin()
    },
  })
  let isKilled = false
  let ownEnd: string | null = null
  void child.ended.then(({ code, signal }) => {
    if (!isKilled || signal !== 'SIGKILL')
      ownEnd = `a process that redeems ended by itself: ${signal ?? code}`
    begin()
    finish(0)
  })
  return {
    outcomes,
    begun,
    async order(order) {
      const done = new Promise<number>((resolve) => (finish = resolve))
      await child.send(order).catch(() => child.ended.then(() => finish(0)))
      const left = await done
      if (ownEnd !== null) throw new Error(ownEnd)
      return left
    },
    async kill() {
      isKilled = true
      child.kill()
      await child.ended
    },
  }
}

export function isWin({ status }: Outcome): boolean {
  return status === 200
}
