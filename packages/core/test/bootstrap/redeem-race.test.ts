import { describe, expect, test } from 'vitest'
import { addressOf, jitteredStore, race } from '../kit/races.ts'
import {
  createKeyed,
  createServer,
  createStranger,
  secretOf,
  type Answer,
  type LoggedServer,
  type Newcomer,
} from '../kit/newcomers.ts'
import { STORES } from '../kit/stores.ts'

const ROUNDS = [1, 2, 3, 4, 5, 6, 7, 8]

async function outcomes(
  server: LoggedServer,
  rivals: readonly Newcomer[],
  codes: readonly string[],
): Promise<Answer[]> {
  const answers = await race(
    (rival) => rivals[rival]!.redeem(codes[rival % codes.length]!),
    rivals.length,
  )
  const { items: sessions } = await server.pair.sessions.list()
  const { items: events } = await server.pair.audit.read({ limit: 1_000 })
  const winners = answers.filter(({ status }) => status === 200)
  expect(sessions).toHaveLength(winners.length)
  expect(events.filter(({ type }) => type === 'code.redeemed')).toHaveLength(winners.length)
  for (const loser of answers.filter(({ status }) => status !== 200)) {
    expect(loser.status).toBe(401)
    expect(loser.body.code).toBe('code_invalid')
    expect(loser.headers.get('set-cookie')).toBeNull()
  }
  return winners
}

describe.each(STORES)('at two instances on $name', { timeout: 30_000 }, ({ openTwo }) => {
  /** Their calls overtake one another. */
  function two(round: number): [LoggedServer, LoggedServer] {
    const [here, there] = openTwo()
    return [
      createServer({ store: jitteredStore(here, round) }),
      createServer({ store: jitteredStore(there, round + 100) }),
    ]
  }

  const strangers = (servers: readonly LoggedServer[]): Newcomer[] =>
    Array.from({ length: 40 }, (_, rival) => createStranger(servers[rival % 2]!))

  test.each(ROUNDS)(
    'CODE-03 of 40 one wins, by link or by typed code (round %i)',
    async (round) => {
      const servers = two(round)
      const { link, typed } = await servers[0].pair.codes.issue()
      const codes = [secretOf(link), typed, typed.toLowerCase()]
      expect(await outcomes(servers[1], strangers(servers), codes)).toHaveLength(1)
      for (const code of [secretOf(link), typed])
        for (const server of servers)
          expect((await createStranger(server).redeem(code)).body.code).toBe('code_invalid')
    },
  )

  test.each(ROUNDS)('CODE-03 of 40 with a key each one wins (round %i)', async (round) => {
    const servers = two(round)
    const { typed } = await servers[0].pair.codes.issue()
    const rivals = await Promise.all(
      Array.from({ length: 40 }, (_, rival) => createKeyed(servers[rival % 2]!)),
    )
    const [winner, ...others] = await outcomes(servers[1], rivals, [typed])
    expect(others).toEqual([])
    expect(winner!.body.status).toBe('authorized')
  })

  test.each(ROUNDS)(
    'CODE-03 of 40 exactly seven win a code for seven (round %i)',
    async (round) => {
      const servers = two(round)
      const { typed, code } = await servers[0].pair.codes.issue({ uses: 7 })
      expect(await outcomes(servers[1], strangers(servers), [typed])).toHaveLength(7)
      expect((await servers[1].pair.codes.list()).items.map(({ id }) => id)).not.toContain(code.id)
    },
  )

  test('CODE-03 all win a code without a number of uses, and each has a session of its own', async () => {
    const servers = two(3)
    const { typed } = await servers[0].pair.codes.issue({ uses: 'unlimited' })
    expect(await outcomes(servers[1], strangers(servers), [typed])).toHaveLength(40)
    const [code] = (await servers[1].pair.codes.list()).items
    expect(code).toMatchObject({ uses: null, used: 40 })
  })

  test.each(ROUNDS)(
    'CODE-03 nothing is redeemed after a revoke was answered (round %i)',
    async (round) => {
      const servers = two(round)
      const { typed, code } = await servers[0].pair.codes.issue({ uses: 'unlimited' })
      await Promise.all([
        ...strangers(servers).map((rival) => rival.redeem(typed)),
        servers[1].pair.codes.revoke(code.id),
      ])
      const { items } = await servers[0].pair.audit.read({ limit: 1_000 })
      const types = items.map(({ type }) => type)
      expect(types.filter((type) => type === 'code.revoked')).toHaveLength(1)
      expect(types.at(-1)).toBe('code.revoked')
    },
  )

  test.each(ROUNDS)(
    'CODE-03 of 40 who revoke a code at once one tells the journal (round %i)',
    async (round) => {
      const servers = two(round)
      const { code } = await servers[0].pair.codes.issue()
      const answers = await race((rival) =>
        servers[rival % 2]!.pair.codes.revoke(code.id).then(
          () => 'done',
          (error: { code: string }) => error.code,
        ),
      )
      expect(answers.filter((answer) => answer === 'done')).toHaveLength(1)
      expect(new Set(answers)).toEqual(new Set(['done', 'not_found']))
      const events = (await servers[0].pair.audit.read()).items
      expect(events.filter(({ type }) => type === 'code.revoked')).toHaveLength(1)
    },
  )

  test.each(ROUNDS)(
    'CODE-03 one key that brings 40 codes at once ends with one session and one device (round %i)',
    async (round) => {
      const [server, other] = two(round)
      const keyed = await createKeyed(server)
      const codes = await Promise.all(Array.from({ length: 20 }, () => other.pair.codes.issue()))
      const answers = await race((rival) =>
        keyed.redeem(codes[rival % 20]!.typed, {}, addressOf(rival)),
      )
      // a code that its key brings twice is answered again, as long as it was not replaced by another
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(20)
      const used = (await other.pair.audit.read({ limit: 1_000 })).items.filter(
        ({ type, detail }) => type === 'code.redeemed' && detail?.repeat !== true,
      )
      expect(used).toHaveLength(20)
      expect((await other.pair.sessions.list()).items).toHaveLength(1)
      expect((await other.pair.devices.list()).items).toHaveLength(1)
    },
  )
})
