import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { STORES } from '../kit/stores.ts'
import { NOON } from '../kit/clock.ts'
import { createServer, type LoggedServer } from '../kit/newcomers.ts'
import { addressOf, jitteredStore, race } from '../kit/races.ts'
import {
  createKeyedRedeemer,
  createNamedRedeemer,
  isLetIn,
  NAME,
  standing,
  told,
  type Given,
  type Redeemer,
} from '../kit/redeemers.ts'

const WAYS: [string, () => Promise<Redeemer>][] = [
  ['one key', createKeyedRedeemer],
  ['one Idempotency-Key', async () => createNamedRedeemer(NAME)],
]

type Pair = readonly [LoggedServer, LoggedServer]

describe.each(STORES)('two instances on $name', (kind) => {
  /** Two instances whose calls overtake one another. */
  function open(round: number): Pair {
    const clock = fixedClock(NOON)
    const [here, there] = kind.openTwo()
    const options = { clock, keyless: 'full', storeClock: clock } as const
    return [
      createServer({ ...options, store: jitteredStore(here, round + 11) }),
      createServer({ ...options, store: jitteredStore(there, round + 301) }),
    ]
  }

  const won = (all: readonly Given[]): Given[] => all.filter(({ status }) => status === 200)

  describe.each(WAYS)('by %s', (_, make) => {
    test('CODE-12 40 at once, from two instances: one use, one device, and one session in the end', async () => {
      for (let round = 0; round < 8; round++) {
        const servers = open(round)
        const { typed } = await servers[0].pair.codes.issue({ uses: 40 })
        const me = await make()
        const answers = await race((rival) =>
          me.redeem(servers[rival % 2]!, typed, {}, addressOf(rival)),
        )
        expect(won(answers)).toHaveLength(40)
        expect(new Set(answers.map(({ deviceId }) => deviceId)).size).toBe(1)
        const [last, ...others] = await standing(servers[1])
        expect(others).toEqual([])
        const live = answers.filter(({ sessionId }) => sessionId === last)
        expect(live).toHaveLength(1)
        expect(await isLetIn(servers[0], live[0]!, me.key)).toBe(true)
        for (const dead of answers.filter(({ sessionId }) => sessionId !== last))
          expect(await isLetIn(servers[1], dead, me.key)).toBe(false)
        const [code] = (await servers[0].pair.codes.list()).items
        expect(code).toMatchObject({ used: 1 })
        const events = await told(servers[0], 'code.redeemed')
        expect(events.filter(({ detail }) => detail?.repeat !== true)).toHaveLength(1)
        expect(events).toHaveLength(40)
      }
    }, 60_000)

    test('CODE-12 a repeat and the first use at once: whoever comes first, one session is left that works', async () => {
      for (let round = 0; round < 8; round++) {
        const servers = open(round)
        const { typed } = await servers[0].pair.codes.issue()
        const me = await make()
        const first = await me.redeem(servers[0], typed)
        const [used, ...again] = await Promise.all([
          isLetIn(servers[round % 2]!, first, me.key),
          ...Array.from({ length: 4 }, (_, n) => me.redeem(servers[n % 2]!, typed)),
        ])
        const [last, ...others] = await standing(servers[0])
        expect(others).toEqual([])
        // it was in use, or somebody was handed another; never both in the end
        if (won(again).length === 0) expect([used, last]).toEqual([true, first.sessionId])
        else expect(won(again).map(({ sessionId }) => sessionId)).toContain(last)
        expect((await me.redeem(servers[1], typed)).status).toBe(
          last === first.sessionId ? 401 : 200,
        )
      }
    }, 60_000)

    test('CODE-12 CODE-03 40 others beside the one who comes again: he alone has a session', async () => {
      for (let round = 0; round < 8; round++) {
        const servers = open(round)
        const { typed } = await servers[0].pair.codes.issue()
        const me = await make()
        await me.redeem(servers[0], typed)
        const answers = await race((rival) =>
          (rival % 8 === 0 ? me : createNamedRedeemer(`${NAME}-${rival}`)).redeem(
            servers[rival % 2]!,
            typed,
            {},
            addressOf(rival),
          ),
        )
        expect(answers.map(({ status }) => status)).toEqual(
          answers.map((_, rival) => (rival % 8 === 0 ? 200 : 401)),
        )
        expect(await standing(servers[1])).toHaveLength(1)
      }
    }, 60_000)

    test('CODE-12 a repeat and a revoke at once: nothing stands that was revoked', async () => {
      for (let round = 0; round < 8; round++) {
        const servers = open(round)
        const { typed } = await servers[0].pair.codes.issue()
        const me = await make()
        const first = await me.redeem(servers[0], typed)
        const [, ...again] = await Promise.all([
          servers[1].pair.devices.revoke(first.deviceId),
          ...Array.from({ length: 8 }, (_, n) => me.redeem(servers[n % 2]!, typed)),
        ])
        expect(await standing(servers[0])).toEqual([])
        for (const given of won(again)) expect(await isLetIn(servers[0], given, me.key)).toBe(false)
        expect((await me.redeem(servers[0], typed)).code).toBe('code_invalid')
      }
    }, 60_000)
  })
})
