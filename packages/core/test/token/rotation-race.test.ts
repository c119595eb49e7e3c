import { describe, expect, test, vi } from 'vitest'
import { MINUTE } from '../../src/time.ts'
import { STORES } from '../kit/stores.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { admitted, bearerOf, rotations, twoInstances, withinASecond } from '../kit/rotations.ts'
import { ORIGIN, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor } from '../kit/visitor.ts'

vi.setConfig({ testTimeout: 60_000 })

const ROUNDS = Array.from({ length: 8 }, (_, round) => round)

describe.each(STORES)('SES-11 at once on $name', ({ openTwo }) => {
  function rivals(round: number): [Server, Server] {
    const [here, there] = openTwo()
    return twoInstances({}, [
      jitteredStore(here, 2 * round + 1),
      jitteredStore(there, 2 * round + 2),
    ])
  }

  test('SES-11 of 40 rotations on two instances one makes a generation, and all answer it', async () => {
    for (const round of ROUNDS) {
      const both = rivals(round)
      const answers = await race((rival) => both[rival % 2]!.pair.signingKeys.rotate())
      expect(answers[0]).toHaveLength(2)
      for (const answer of answers) expect(answer).toEqual(answers[0])
      expect(await rotations(both[0])).toHaveLength(1)
    }
  })

  test('SES-11 of 40 that end what is old the last one told stands alone, and both instances sign with it', async () => {
    for (const round of ROUNDS) {
      const both = rivals(round)
      const settled = await Promise.allSettled(
        Array.from({ length: 40 }, (_, rival) =>
          both[rival % 2]!.pair.signingKeys.rotate({
            old: rival % 4 < 3 ? 'end' : 'live-out',
          }),
        ),
      )
      // Who lost too often changed nothing, and hears so.
      for (const one of settled)
        if (one.status === 'rejected')
          expect(one.reason).toMatchObject({ code: expect.stringMatching(/^store_/) })
      expect(settled.some(({ status }) => status === 'fulfilled')).toBe(true)
      const told = (await rotations(both[0])).map(({ detail }) => detail!)
      const since = told.slice(told.findLastIndex(({ old }) => old === 'end'))
      const [one, other] = await Promise.all(both.map(({ pair }) => pair.signingKeys.list()))
      expect(one).toEqual(other)
      expect(one!.map(({ id }) => id)).toEqual(since.map(({ keyId }) => keyId))
      both[0].clock.advance(MINUTE)
      const { accessToken } = await pairVisitor(both[0], { transport: 'bearer' })
      for (const server of both)
        await withinASecond(
          async () => (await admitted(server, bearerOf(accessToken))) === 'session',
        )
    }
  })

  test('SES-11 nobody who pairs while the keys are ended is left with a token that one instance takes and the other does not', async () => {
    let paired = 0
    for (const round of ROUNDS) {
      const both = rivals(round)
      const codes = await race(() => both[0].pair.codes.issue({ origin: ORIGIN }), 20)
      const redeems = codes.map(({ typed }, rival) =>
        createVisitor(both[rival % 2]!).redeem(typed, { transport: 'bearer' }),
      )
      const [answers] = await Promise.all([
        Promise.all(redeems),
        // Some are through by then, some are not.
        answered(redeems, 2 * round).then(() => both[0].pair.signingKeys.rotate({ old: 'end' })),
      ])
      for (const answer of answers) {
        // Codes end too.
        expect([200, 401]).toContain(answer.status)
        if (answer.status !== 200) continue
        paired++
        const headers = bearerOf(answer.body.accessToken)
        await withinASecond(async () => {
          const [one, other] = await Promise.all(both.map((server) => admitted(server, headers)))
          return one === other
        })
      }
    }
    expect(paired).toBeGreaterThan(0)
  })
})

function answered(redeems: readonly Promise<unknown>[], count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = count
    if (left === 0) resolve()
    for (const redeem of redeems)
      redeem.then(() => {
        left--
        if (left === 0) resolve()
      }, reject)
  })
}
