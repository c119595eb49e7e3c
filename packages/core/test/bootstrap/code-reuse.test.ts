import { describe, expect, test, vi } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import type { AuditEvent } from '../../src/audit/event.ts'
import { judgeReuse } from '../../src/bootstrap/redemption.ts'
import type { Code } from '../../src/bootstrap/code.ts'
import type { Thumbprint } from '../../src/ids.ts'
import { STORES } from '../kit/stores.ts'
import { NOON } from '../kit/clock.ts'
import { counting } from '../kit/counting.ts'
import { createServer, type LoggedServer } from '../kit/newcomers.ts'
import { addressOf, jitteredStore, race } from '../kit/races.ts'
import {
  createKeyedRedeemer,
  createNamedRedeemer,
  NAME,
  standing,
  told,
  type Redeemer,
} from '../kit/redeemers.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'

const somebody = (): Redeemer => createNamedRedeemer(null)
const ELSEWHERE = '127.0.0.99'

/** What is told behind the answer, as soon as it is. */
async function reported(
  server: LoggedServer,
  types: string[],
  count: number,
): Promise<AuditEvent[]> {
  return vi.waitFor(async () => {
    const events = await told(server, ...types)
    expect(events.length).toBeGreaterThanOrEqual(count)
    return events
  })
}

/** Until whatever was begun behind an answer is done: what comes behind it was told. */
async function quiet(server: LoggedServer): Promise<void> {
  const { code, typed } = await server.pair.codes.issue()
  await somebody().redeem(server, typed)
  await somebody().redeem(server, typed)
  await vi.waitFor(async () => {
    const events = await told(server, 'code.reused')
    expect(events.map(({ codeId }) => codeId)).toContain(code.id)
  })
}

describe('a used code that somebody else brings', () => {
  test('CODE-13 is told once, with where it came from, and ends nothing', async () => {
    const server = createServer()
    const { code, typed } = await server.pair.codes.issue()
    const me = await createKeyedRedeemer()
    const { sessionId } = await me.redeem(server, typed)
    const unknown = await somebody().redeem(server, '222-222-222', {}, ELSEWHERE)
    const answer = await somebody().redeem(server, typed, {}, ELSEWHERE)
    expect([answer.status, answer.text]).toEqual([401, unknown.text])
    const events = await reported(server, ['code.reused'], 1)
    expect(events).toMatchObject([
      { codeId: code.id, actor: { kind: 'newcomer', address: ELSEWHERE }, at: server.clock() },
    ])
    for (const other of [somebody(), await createKeyedRedeemer(), createNamedRedeemer(NAME)])
      await other.redeem(server, typed)
    await quiet(server)
    expect((await told(server, 'code.reused')).filter((event) => event.codeId === code.id)).toEqual(
      events,
    )
    expect(await told(server, 'session.revoked')).toEqual([])
    expect(sessionId).toBeTruthy()
  })

  test('CODE-13 by option ends the session of a single-use code in the same step', async () => {
    const server = createServer({ onReuse: 'end-session' })
    const { code, typed } = await server.pair.codes.issue()
    const { sessionId, deviceId } = await somebody().redeem(server, typed)
    expect((await somebody().redeem(server, typed)).code).toBe('code_invalid')
    expect(await reported(server, ['code.reused', 'session.revoked'], 2)).toMatchObject([
      { type: 'code.reused', codeId: code.id, sessionId },
      { type: 'session.revoked', sessionId, deviceId, actor: { kind: 'server' } },
    ])
    expect(await standing(server)).toEqual([])
  })

  test('CODE-13 ends the session that a repeat gave, not the one that it replaced', async () => {
    const server = createServer({ onReuse: 'end-session' })
    const { typed } = await server.pair.codes.issue()
    const me = await createKeyedRedeemer()
    await me.redeem(server, typed)
    const { sessionId } = await me.redeem(server, typed)
    await somebody().redeem(server, typed)
    expect(await reported(server, ['session.revoked'], 1)).toMatchObject([{ sessionId }])
    expect(await standing(server)).toEqual([])
    expect((await me.redeem(server, typed)).code).toBe('code_invalid')
  })

  test('CODE-13 of a code for several it is told, and nobody is ended', async () => {
    const server = createServer({ onReuse: 'end-session' })
    const { code, typed } = await server.pair.codes.issue({ uses: 2 })
    const [one, two] = [await createKeyedRedeemer(), createNamedRedeemer(NAME)]
    for (const each of [one, two]) await each.redeem(server, typed)
    server.clock.advance(60_000)
    // each of them has redeemed it
    for (const each of [one, two]) expect((await each.redeem(server, typed)).status).toBe(401)
    await quiet(server)
    expect((await told(server, 'code.reused')).filter(({ codeId }) => codeId === code.id)).toEqual(
      [],
    )
    await somebody().redeem(server, typed)
    await vi.waitFor(async () =>
      expect((await told(server, 'code.reused')).map(({ codeId }) => codeId)).toContain(code.id),
    )
    expect(await standing(server)).toHaveLength(2)
  })

  test('CODE-13 its own redeemer is nobody else, whenever he comes', async () => {
    for (const me of [await createKeyedRedeemer(), createNamedRedeemer(NAME)]) {
      const server = createServer({ onReuse: 'end-session' })
      const { code, typed } = await server.pair.codes.issue()
      const { sessionId } = await me.redeem(server, typed)
      server.clock.advance(60_000)
      expect((await me.redeem(server, typed)).code).toBe('code_invalid')
      await quiet(server)
      expect((await told(server, 'code.reused')).map(({ codeId }) => codeId)).not.toContain(code.id)
      expect(await standing(server)).toContain(sessionId)
    }
  })

  test('CODE-13 codes that were never used up tell nothing: revoked, run out, unknown, held by a rejection', async () => {
    const server = createServer({ onReuse: 'end-session' })
    const { code, typed } = await server.pair.codes.issue()
    await server.pair.codes.revoke(code.id)
    const late = await server.pair.codes.issue({ expiresInMs: 30_000 })
    server.clock.advance(30_000)
    for (const text of [typed, late.typed, '222-222-222'])
      expect((await somebody().redeem(server, text)).code).toBe('code_invalid')
    await quiet(server)
    expect((await told(server, 'code.reused')).map(({ codeId }) => codeId)).not.toContain(code.id)
    expect(await told(server, 'code.reused')).toHaveLength(1)
  })

  test('CODE-13 whoever names his request is known as long as the code is, over every sweep', async () => {
    const server = createServer({ onReuse: 'end-session', keyless: 'full' })
    const { typed } = await server.pair.codes.issue({ expiresInMs: 7 * 86_400_000 })
    const me = createNamedRedeemer(NAME)
    const { sessionId } = await me.redeem(server, typed)
    server.clock.advance(6 * 86_400_000)
    await server.pair.sweep()
    expect((await me.redeem(server, typed)).code).toBe('code_invalid')
    await quiet(server)
    expect(await standing(server)).toContain(sessionId)
  })

  test('CODE-13 SEC-08 what is told is told behind the answer: its calls are those of any wrong code', async () => {
    const counted = counting(memoryStore())
    const server = createServer({ store: counted.store, onReuse: 'end-session' })
    const { typed } = await server.pair.codes.issue()
    await somebody().redeem(server, typed)
    const calls = async (text: string): Promise<unknown> => {
      counted.clear()
      const { text: told } = await somebody().redeem(server, text, {}, ELSEWHERE)
      return [told, [...counted.calls]]
    }
    await calls('222-222-222')
    expect(await calls(typed)).toEqual(await calls('222-222-222'))
    await reported(server, ['code.reused'], 1)
  })
})

describe.each(STORES)('two instances on $name', (kind) => {
  test.each([
    ['audit', 1],
    ['end-session', 0],
  ] as const)(
    'CODE-13 of 40 others at once one is told of (%s)',
    async (onReuse, left) => {
      for (let round = 0; round < 8; round++) {
        const clock = fixedClock(NOON)
        const [one, two] = kind
          .openTwo()
          .map((store, at) =>
            createServer({ clock, onReuse, store: jitteredStore(store, round + 11 + 290 * at) }),
          ) as [LoggedServer, LoggedServer]
        const { code, typed } = await one.pair.codes.issue()
        const { sessionId } = await (await createKeyedRedeemer()).redeem(one, typed)
        await race((rival) => somebody().redeem(rival % 2 ? one : two, typed, {}, addressOf(rival)))
        await reported(one, ['code.reused'], 1)
        for (const server of [one, two]) await quiet(server)
        const events = await told(one, 'code.reused')
        expect(events.filter(({ codeId }) => codeId === code.id)).toHaveLength(1)
        const ended = (await told(one, 'session.revoked')).filter(
          (event) => event.sessionId === sessionId,
        )
        expect(ended).toHaveLength(1 - left)
        expect((await standing(one)).filter((id) => id === sessionId)).toHaveLength(left)
      }
    },
    60_000,
  )
})

describe('the rule', () => {
  const me = 'm'.repeat(43) as Thumbprint
  const other = 'o'.repeat(43) as Thumbprint
  const redemption = { sessionId: 'ses_first', at: NOON } as const
  const used = (more: object = {}): Code =>
    ({
      id: 'cod_one',
      uses: 1,
      state: 'redeemed',
      redeemedAt: NOON,
      redeemedBy: { sessionId: 'ses_first', thumbprint: me },
      ...more,
    }) as unknown as Code

  test('CODE-13 a record of an older version, without the instant, was told of nobody', () => {
    const by = { thumbprint: other, redemption: null }
    for (const code of [used(), used({ reusedAt: null }), used({ reusedAt: undefined })])
      expect(judgeReuse(code, by, 'audit', NOON + 5)).toMatchObject({
        is: 'reused',
        code: { reusedAt: NOON + 5 },
        ends: null,
      })
    const again = used({ reusedAt: NOON + 1 })
    expect(judgeReuse(again, by, 'audit', NOON + 5)).toMatchObject({ code: null, ends: null })
    expect(judgeReuse(again, by, 'end-session', NOON + 5)).toMatchObject({
      code: null,
      ends: 'ses_first',
    })
  })

  test('CODE-13 a key that is none is nobody: two without one are two', () => {
    const keyless = used({ redeemedBy: { sessionId: 'ses_first', thumbprint: null } })
    const by = { thumbprint: null, redemption: null }
    expect(judgeReuse(keyless, by, 'audit', NOON)).toMatchObject({ is: 'reused' })
    expect(judgeReuse(keyless, { ...by, redemption }, 'audit', NOON)).toEqual({ is: 'nothing' })
    expect(judgeReuse(used(), { thumbprint: me, redemption: null }, 'audit', NOON)).toEqual({
      is: 'nothing',
    })
  })
})
