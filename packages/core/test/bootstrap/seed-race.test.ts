import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { STORES } from '../kit/stores.ts'
import { fixedClock } from '@pair/testkit/app'
import { NOON } from '../kit/clock.ts'
import { createServer, createStranger, type LoggedServer } from '../kit/newcomers.ts'
import { typesTold } from '../kit/owners.ts'
import { addressOf, jitteredStore, race } from '../kit/races.ts'

const ROUNDS = [1, 2, 3, 4, 5, 6, 7, 8]
const drawSeed = (): string => randomBytes(32).toString('base64url')
const terms = { expiresAt: NOON + 600_000 }

describe.each(STORES)('CODE-09 of 40 at once on $name', ({ openTwo }) => {
  /** Two instances, as where a child was started again before the first had ended. */
  function two(round: number): [LoggedServer, LoggedServer] {
    const [here, there] = openTwo()
    const clock = fixedClock(NOON)
    const one = createServer({ clock, store: jitteredStore(here, round) })
    return [one, createServer({ clock, store: jitteredStore(there, round + 100) })]
  }

  const wins = async (servers: readonly LoggedServer[], seed: string): Promise<number> => {
    const answers = await race((rival) =>
      createStranger(servers[rival % servers.length]!).redeem(seed, {}, addressOf(rival)),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status !== 200 && status !== 401)).toEqual([])
    return statuses.filter((status) => status === 200).length
  }

  test.each(ROUNDS)(
    'CODE-09 who bring the same seed all get one code (round %i)',
    async (round) => {
      const servers = two(round)
      const seed = drawSeed()
      const codes = await race((rival) => servers[rival % 2]!.pair.codes.seed(seed, terms))
      expect(new Set(codes.map((code) => JSON.stringify(code))).size).toBe(1)
      expect((await servers[0].pair.codes.list()).items).toEqual([codes[0]])
      expect(await typesTold(servers[0])).toEqual(['code.issued'])
      expect(await wins(servers, seed)).toBe(1)
    },
  )

  test.each(ROUNDS)(
    'CODE-09 who redeem it while it is brought again as many win as it has uses (round %i)',
    async (round) => {
      const servers = two(round)
      const seed = drawSeed()
      const uses = [1, 2, 3, 5, 7, 20, 39, 40][round - 1]!
      await servers[0].pair.codes.seed(seed, { ...terms, uses })
      const again = race(
        (rival) => servers[rival % 2]!.pair.codes.seed(seed, { ...terms, uses }),
        8,
      )
      expect(await wins(servers, seed)).toBe(uses)
      await again
      expect(await servers[1].pair.codes.seed(seed, { ...terms, uses })).toBeNull()
      expect((await servers[1].pair.sessions.list()).items).toHaveLength(uses)
      expect(await wins(servers, seed)).toBe(0)
    },
  )

  test('CODE-09 all come in until the time that was named, and then nobody', async () => {
    const servers = two(1)
    const seed = drawSeed()
    await servers[0].pair.codes.seed(seed, { ...terms, uses: 'unlimited' })
    expect(await wins(servers, seed)).toBe(40)
    servers[0].clock.advance(600_000)
    expect(await wins(servers, seed)).toBe(0)
  })
})
