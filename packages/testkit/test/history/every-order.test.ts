import { checkHistory, checkInvariants } from '@pair/testkit/store'
import { describe, expect, it } from 'vitest'
import { hasOrder } from './every-order.ts'
import { randomHistory } from './random-history.ts'
import { historyOf } from './script.ts'

const ROUNDS = 6_000

describe('a history', { timeout: 60_000 }, () => {
  it('SEC-05 is found linearizable by the search just where trying every order finds one', () => {
    const counts = { right: 0, wrong: 0 }
    for (let seed = 0; seed < ROUNDS; seed++) {
      const lines = randomHistory(seed, 2 + (seed % 6))
      const isRight = hasOrder(lines)
      counts[isRight ? 'right' : 'wrong']++
      const { ok } = checkHistory(historyOf(lines))
      if (ok !== isRight) expect.fail(`seed ${seed}: ${ok} for ${JSON.stringify(lines)}`)
    }
    expect(Math.min(counts.right, counts.wrong)).toBeGreaterThan(ROUNDS / 10)
  })

  it('SEC-05 that breaks an invariant has no order', () => {
    let broken = 0
    for (let seed = 0; seed < ROUNDS; seed++) {
      const lines = randomHistory(seed, 2 + (seed % 6))
      if (checkInvariants(historyOf(lines)).ok) continue
      broken++
      if (hasOrder(lines)) expect.fail(`seed ${seed}: ${JSON.stringify(lines)}`)
    }
    expect(broken).toBeGreaterThan(ROUNDS / 50)
  })
})
