import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
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

const ROUNDS = [1, 2, 3, 4, 5, 6, 7, 8]

function racingServer(round: number): LoggedServer {
  return createServer({ store: jitteredStore(memoryStore(), round) })
}

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

describe('of 40 redeemers at once', () => {
  test.each(ROUNDS)(
    'CODE-03 one wins, by link or by typed code (memory, round %i)',
    async (round) => {
      const server = racingServer(round)
      const { link, typed } = await server.pair.codes.issue()
      const rivals = Array.from({ length: 40 }, () => createStranger(server))
      expect(
        await outcomes(server, rivals, [secretOf(link), typed, typed.toLowerCase()]),
      ).toHaveLength(1)
      for (const code of [secretOf(link), typed]) {
        expect((await createStranger(server).redeem(code)).body.code).toBe('code_invalid')
      }
    },
  )

  test.each(ROUNDS)(
    'CODE-03 one wins, each with a key of its own (memory, round %i)',
    async (round) => {
      const server = racingServer(round)
      const { typed } = await server.pair.codes.issue()
      const rivals = await Promise.all(Array.from({ length: 40 }, () => createKeyed(server)))
      const [winner, ...others] = await outcomes(server, rivals, [typed])
      expect(others).toEqual([])
      expect(winner!.body.status).toBe('authorized')
    },
  )

  test.each(ROUNDS)(
    'CODE-03 exactly seven win a code for seven (memory, round %i)',
    async (round) => {
      const server = racingServer(round)
      const { typed, code } = await server.pair.codes.issue({ uses: 7 })
      const rivals = Array.from({ length: 40 }, () => createStranger(server))
      expect(await outcomes(server, rivals, [typed])).toHaveLength(7)
      expect((await server.pair.codes.list()).items.map(({ id }) => id)).not.toContain(code.id)
    },
  )

  test('CODE-03 all win a code without a number of uses, and each has a session of its own (memory)', async () => {
    const server = racingServer(3)
    const { typed } = await server.pair.codes.issue({ uses: 'unlimited' })
    const rivals = Array.from({ length: 40 }, () => createStranger(server))
    expect(await outcomes(server, rivals, [typed])).toHaveLength(40)
    const [code] = (await server.pair.codes.list()).items
    expect(code).toMatchObject({ uses: null, used: 40 })
  })

  test.each(ROUNDS)(
    'CODE-03 one wins where two instances share the store (memory, round %i)',
    async (round) => {
      const store = memoryStore()
      const one = createServer({ store: jitteredStore(store, round) })
      const two = createServer({ store: jitteredStore(store, round + 100) })
      const { typed } = await one.pair.codes.issue()
      const answers = await race((rival) => createStranger(rival % 2 ? one : two).redeem(typed))
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      expect((await two.pair.sessions.list()).items).toHaveLength(1)
    },
  )
})

describe('a code against its end', () => {
  test.each(ROUNDS)(
    'CODE-03 nothing is redeemed after a revoke was answered (memory, round %i)',
    async (round) => {
      const server = racingServer(round)
      const { typed, code } = await server.pair.codes.issue({ uses: 'unlimited' })
      await Promise.all([
        race((rival) =>
          createStranger(server)
            .redeem(typed)
            .then(() => rival),
        ),
        server.pair.codes.revoke(code.id),
      ])
      const types = (await server.pair.audit.read({ limit: 1_000 })).items.map(({ type }) => type)
      expect(types.filter((type) => type === 'code.revoked')).toHaveLength(1)
      expect(types.at(-1)).toBe('code.revoked')
    },
  )

  test.each(ROUNDS)(
    'CODE-03 of 40 who revoke a code at once one tells the journal (memory, round %i)',
    async (round) => {
      const server = racingServer(round)
      const { code } = await server.pair.codes.issue()
      const answers = await race(() =>
        server.pair.codes.revoke(code.id).then(
          () => 'done',
          (error: { code: string }) => error.code,
        ),
      )
      expect(answers.filter((answer) => answer === 'done')).toHaveLength(1)
      expect(new Set(answers)).toEqual(new Set(['done', 'not_found']))
      const events = (await server.pair.audit.read()).items
      expect(events.filter(({ type }) => type === 'code.revoked')).toHaveLength(1)
    },
  )

  test.each(ROUNDS)(
    'CODE-03 one key that brings 40 codes at once ends with one session and one device (memory, round %i)',
    async (round) => {
      const server = racingServer(round)
      const keyed = await createKeyed(server)
      const codes = await Promise.all(Array.from({ length: 20 }, () => server.pair.codes.issue()))
      const answers = await race((rival) =>
        keyed.redeem(codes[rival % 20]!.typed, {}, addressOf(rival)),
      )
      // a code that its key brings twice is answered again, as long as it was not replaced by another
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(20)
      const used = (await server.pair.audit.read({ limit: 1_000 })).items.filter(
        ({ type, detail }) => type === 'code.redeemed' && detail?.repeat !== true,
      )
      expect(used).toHaveLength(20)
      expect((await server.pair.sessions.list()).items).toHaveLength(1)
      expect((await server.pair.devices.list()).items).toHaveLength(1)
    },
  )
})
