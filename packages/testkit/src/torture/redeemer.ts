// A server process by itself: opens the place, redeems what it is sent, and tells what came of each.
import type { Pair } from '@pair/core'
import type { Line } from './line.ts'
import { openerOf } from './open.ts'
import type { Order, Outcome, RedeemerTold } from './redeemers.ts'
import { addressOf, redeemRequest, roomyPair } from './roomy-pair.ts'

interface Given {
  module: string
  /** Redeemers of one process come from different addresses. */
  which: number
}

export async function serveRedeemer({ module, which }: Given, line: Line): Promise<void> {
  // it is there before the first order: that one alone opens the place
  const open = await openerOf(module)
  let opened: Promise<Pair<string>> | undefined
  let attempts = 0
  const tell = (told: RedeemerTold): void => void line.tell(told)

  async function redeem(pair: Pair<string>, code: string): Promise<Outcome> {
    const info = { remoteAddress: addressOf(process.pid + which, attempts++) }
    const answer = (await pair.handler(redeemRequest(code), info))!
    const { code: problem, session } = (await answer.json()) as {
      code?: string
      session?: { id: string }
    }
    return { code, status: answer.status, problem: problem ?? null, sessionId: session?.id ?? null }
  }

  /** Until the store could say yes or no; answers whether it did by then. */
  async function redeemForSure(pair: Pair<string>, code: string, end: number): Promise<boolean> {
    while (performance.now() < end) {
      const outcome = await redeem(pair, code)
      tell({ outcome })
      if (outcome.status !== 503) return true
    }
    return false
  }

  async function carryOut({ setting, codes, inFlight, withinMs }: Order): Promise<void> {
    const end = performance.now() + withinMs
    opened ??= open(setting).then(({ store }) => roomyPair(store))
    const pair = await opened
    const waiting = [...codes]
    let left = 0
    const lanes = Array.from({ length: inFlight }, async () => {
      for (let code = waiting.shift(); code !== undefined; code = waiting.shift())
        if (!(await redeemForSure(pair, code, end))) left++
    })
    await Promise.all(lanes)
    tell({ left })
  }

  line.hear((order: Order) => void carryOut(order))
}
