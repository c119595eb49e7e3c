import { describe, expect, test } from 'vitest'
import { faultyStore, type FaultyStore } from '@pair/testkit/store'
import { createServer, createStranger, createKeyed, type LoggedServer } from '../kit/newcomers.ts'
import { STORES } from '../kit/stores.ts'

interface Wreck {
  /** That of the server. */
  line: FaultyStore
  server: LoggedServer
  /** Another instance, whose line does not fail. */
  other: LoggedServer
  typed: string
}

/** A redeemed use and a session are there together or not at all, and the journal says the same. */
async function tally({ other }: Wreck): Promise<{ sessions: number; left: number; told: number }> {
  const { items: sessions } = await other.pair.sessions.list()
  const { items: codes } = await other.pair.codes.list()
  const { items: events } = await other.pair.audit.read({ limit: 1_000 })
  const left = codes.reduce((sum, { uses, used }) => sum + (uses ?? Infinity) - used, 0)
  return {
    sessions: sessions.length,
    left,
    told: events.filter(({ type }) => type === 'code.redeemed').length,
  }
}

const UNUSED = { sessions: 0, left: 1, told: 0 }
const REDEEMED = { sessions: 1, left: 0, told: 1 }

describe.each(STORES)('two instances on $name', { timeout: 30_000 }, ({ openTwo }) => {
  async function prepare(uses = 1): Promise<Wreck> {
    const [here, there] = openTwo()
    const line = faultyStore(here)
    const [server, other] = [createServer({ store: line.store }), createServer({ store: there })]
    const { typed } = await server.pair.codes.issue({ uses })
    return { line, server, other, typed }
  }

  describe('a store that stumbles once', () => {
    test.each(['error-before', 'error-after'] as const)(
      'CODE-05 a claim whose commit meets an %s is settled: one session, answered to who asked',
      async (fault) => {
        const wreck = await prepare()
        wreck.line.plan('commit', fault)
        const stranger = createStranger(wreck.server)
        expect((await stranger.redeem(wreck.typed)).status).toBe(200)
        expect((await stranger.call('/auth/session')).body.authenticated).toBe(true)
        expect(await tally(wreck)).toEqual(REDEEMED)
        expect((await createStranger(wreck.server).redeem(wreck.typed)).status).toBe(401)
      },
    )

    test('CODE-05 a claim whose commit hangs is fenced off and made again; the late one changes nothing', async () => {
      const wreck = await prepare()
      wreck.line.plan('commit', 'hang-before')
      expect((await createStranger(wreck.server).redeem(wreck.typed)).status).toBe(200)
      const before = await tally(wreck)
      expect(await wreck.line.release()).toEqual([false])
      expect([before, await tally(wreck)]).toEqual([REDEEMED, REDEEMED])
    })

    test('CODE-05 commits that are lost and unheard in turn give a code for three no more and no fewer than three sessions', async () => {
      const wreck = await prepare(3)
      const [before, after] = ['error-before', 'error-after'] as const
      const faults = [before, after, null, null, before, null, after, null, before]
      wreck.line.plan('commit', [...faults, ...faults, ...faults])
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => createStranger(wreck.server).redeem(wreck.typed)),
      )
      const statuses = answers.map(({ status }) => status)
      expect(statuses.filter((status) => status === 200)).toHaveLength(3)
      expect(statuses.every((status) => [200, 401, 503].includes(status))).toBe(true)
      expect(await tally(wreck)).toEqual({ sessions: 3, left: 0, told: 3 })
    })
  })

  describe('a store that goes down at the commit', () => {
    test('CODE-05 the answer is 503, nothing was granted, and the code works when the store is back', async () => {
      const wreck = await prepare()
      wreck.line.plan('commit', 'error-before', { thenDown: true })
      const stranger = createStranger(wreck.server)
      const refused = await stranger.redeem(wreck.typed)
      expect([refused.status, refused.body.code]).toEqual([503, 'store_unavailable'])
      expect(refused.headers.get('set-cookie')).toBeNull()
      expect(refused.headers.get('retry-after')).toBe('1')
      expect(refused.text).not.toMatch(/connection reset|ses_|dev_/)
      wreck.line.up()
      expect(await tally(wreck)).toEqual(UNUSED)
      expect((await stranger.redeem(wreck.typed)).status).toBe(200)
      expect(await tally(wreck)).toEqual(REDEEMED)
    })

    test('CODE-06 a process that dies behind the commit leaves a redeemed code with its session, and nobody else gets in by it', async () => {
      const wreck = await prepare()
      wreck.line.plan('commit', 'error-after', { thenDown: true })
      const stranger = createStranger(wreck.server)
      const refused = await stranger.redeem(wreck.typed)
      expect(refused.status).toBe(503)
      expect(refused.headers.get('set-cookie')).toBeNull()
      wreck.line.up()
      // a session whose credential was never handed out
      expect(await tally(wreck)).toEqual(REDEEMED)
      expect((await stranger.call('/auth/session')).body.authenticated).toBe(false)
      expect((await createStranger(wreck.server).redeem(wreck.typed)).body.code).toBe(
        'code_invalid',
      )
    })

    test('CODE-05 of a claim that lands late after its 503 nobody without a key holds anything', async () => {
      const wreck = await prepare()
      wreck.line.plan('commit', 'hang-before', { thenDown: true })
      const stranger = createStranger(wreck.server)
      const refused = await stranger.redeem(wreck.typed)
      expect([refused.status, refused.headers.get('set-cookie')]).toEqual([503, null])
      wreck.line.up()
      expect(await tally(wreck)).toEqual(UNUSED)
      expect(await wreck.line.release()).toEqual([true])
      expect(await tally(wreck)).toEqual(REDEEMED)
      expect((await stranger.call('/auth/session')).body.authenticated).toBe(false)
    })

    test('CODE-05 a store that can not be read answers 503, and a proof that it could not spend is no way in', async () => {
      const wreck = await prepare()
      const keyed = await createKeyed(wreck.server)
      wreck.line.plan('commit', 'error-before', { thenDown: true })
      expect((await keyed.redeem(wreck.typed)).status).toBe(503)
      expect((await keyed.redeem(wreck.typed)).status).toBe(503)
      wreck.line.up()
      expect(await tally(wreck)).toEqual(UNUSED)
    })
  })

  describe('a process that dies', () => {
    test('CODE-06 before or behind any one commit of a pairing leaves an unused code or a redeemed one with its session', async () => {
      for (const fault of ['error-before', 'error-after'] as const) {
        // the proof is the first commit of a keyed pairing, the claim the second, and there is no third
        for (let step = 0; step < 3; step++) {
          const wreck = await prepare()
          const keyed = await createKeyed(wreck.server)
          wreck.line.plan('commit', [...Array<null>(step).fill(null), fault], { thenDown: true })
          const { status } = await keyed.redeem(wreck.typed)
          // what the next process finds, and the one that lives on
          wreck.line.up()
          const next = createServer({ store: wreck.line.store })
          const done = step > 1 || (step === 1 && fault === 'error-after')
          expect(await tally(wreck)).toEqual(done ? REDEEMED : UNUSED)
          expect(status).toBe(step > 1 ? 200 : 503)
          const again = await createKeyed(next)
          expect((await again.redeem(wreck.typed)).status).toBe(done ? 401 : 200)
          expect(await tally(wreck)).toEqual(REDEEMED)
        }
      }
    })
  })
})
