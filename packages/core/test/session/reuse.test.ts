import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import type { AuditEvent } from '../../src/audit/event.ts'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import type { Store } from '../../src/ports/store.ts'
import { judgeRefresh, type BySecret } from '../../src/session/refresh-token.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { NOON } from '../kit/clock.ts'
import { counting } from '../kit/counting.ts'
import { dumpStore } from '../kit/dump.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { startServer, type Server, type ServerOptions } from '../kit/server.ts'
import { createVisitor, pairVisitor, type Answer, type Visitor } from '../kit/visitor.ts'

type Renewed = Answer<AuthorizedAnswer & { code?: string }>

const renew = (server: Server, refreshToken: string): Promise<Renewed> =>
  createVisitor(server).call('POST', '/renew', { body: { refreshToken } })

const told = async ({ pair }: Server, ...types: string[]): Promise<AuditEvent[]> =>
  (await pair.audit.read({ limit: 1_000 })).items.filter(({ type }) => types.includes(type))

async function isIn(server: Server, { accessToken }: Pick<AuthorizedAnswer, 'accessToken'>) {
  const { body } = await createVisitor(server).call('GET', '/session', {
    authorization: `Bearer ${accessToken}`,
  })
  return body.authenticated
}

interface Party {
  server: Server
  visitor: Visitor
  /** The refresh tokens of its session: the first, and one for each renewal, a minute apart. */
  tokens: string[]
  latest: AuthorizedAnswer
}

async function open(renewals: number, options: ServerOptions = {}): Promise<Party> {
  const server = startServer({ keyless: 'full', ...options })
  const visitor = await pairVisitor(server, { transport: 'bearer' })
  const tokens = [visitor.refreshToken!]
  let latest = visitor as unknown as AuthorizedAnswer
  for (let count = 0; count < renewals; count++) {
    server.clock.advance(60_000)
    latest = (await renew(server, tokens.at(-1)!)).body
    tokens.push(latest.refreshToken!)
  }
  return { server, visitor, tokens, latest }
}

describe('the rule', () => {
  const at = (renewal: Partial<BySecret>): BySecret => ({
    by: 'secret',
    generation: 5,
    rotatedAt: NOON,
    reusedAt: null,
    ...renewal,
  })

  test.each([
    ['the last turns it over', 5, 90_000, { ok: true, rotated: true }],
    ['the one before is answered like the last', 4, 29_999, { ok: true, rotated: false }],
    ['not when the window is over', 4, 30_000, { ok: false, reason: 'reused', isNew: true }],
    ['nor by a clock that fell back', 4, -15_001, { ok: false, reason: 'reused', isNew: true }],
    ['but by one that is a little behind', 4, -15_000, { ok: true, rotated: false }],
    ['an older one was copied', 3, 0, { ok: false, reason: 'reused', isNew: true }],
    ['the first one too', 1, 0, { ok: false, reason: 'reused', isNew: true }],
    ['one that was never made is none', 6, 0, { ok: false, reason: 'unknown' }],
  ])('SES-08 of the refresh tokens of a session %s', (_, generation, later, outcome) => {
    expect(judgeRefresh(at({}), generation, 30_000, NOON + later)).toMatchObject(outcome)
  })

  test('SES-08 turning it over begins a window anew, and forgets that an older one was copied', () => {
    expect(judgeRefresh(at({ reusedAt: NOON }), 5, 30_000, NOON + 7)).toEqual({
      ok: true,
      rotated: true,
      renewal: at({ generation: 6, rotatedAt: NOON + 7 }),
    })
    expect(judgeRefresh(at({}), 4, 30_000, NOON + 7)).toMatchObject({ renewal: at({}) })
  })

  test('SES-08 a copy is noted the first time', () => {
    expect(judgeRefresh(at({}), 2, 30_000, NOON + 7)).toMatchObject({
      renewal: at({ reusedAt: NOON + 7 }),
    })
    expect(judgeRefresh(at({ reusedAt: NOON }), 2, 30_000, NOON + 7)).toMatchObject({
      renewal: at({ reusedAt: NOON }),
      isNew: false,
    })
  })

  test('SES-08 the first token, and a window of nothing, have no grace', () => {
    expect(judgeRefresh(at({ rotatedAt: null }), 4, 30_000, NOON)).toMatchObject({ ok: false })
    expect(judgeRefresh(at({}), 4, 0, NOON)).toMatchObject({ ok: false })
  })
})

describe('within the grace window', () => {
  test('SES-08 a token that was used is answered with the same successor, and nothing is written', async () => {
    const store = memoryStore()
    const { server, tokens } = await open(1, { store })
    server.clock.advance(29_999)
    const before = await dumpStore(store)
    const again = await renew(server, tokens[0]!)
    expect([again.status, again.body.refreshToken]).toEqual([200, tokens[1]])
    expect(await dumpStore(store)).toEqual(before)
    expect(await isIn(server, again.body)).toBe(true)
    expect(await told(server, 'session.reused')).toEqual([])
  })

  test('SES-08 it ends when the successor is used', async () => {
    const { server, tokens } = await open(1)
    await renew(server, tokens[1]!)
    expect((await renew(server, tokens[0]!)).body.code).toBe('session_invalid')
    expect(await told(server, 'session.reused')).toHaveLength(1)
  })

  test('SES-08 it is as long as it was set', async () => {
    const long = await open(1, { session: { graceMs: 300_000 } })
    long.server.clock.advance(299_999)
    expect((await renew(long.server, long.tokens[0]!)).status).toBe(200)
    const none = await open(1, { session: { graceMs: 0 } })
    expect((await renew(none.server, none.tokens[0]!)).status).toBe(401)
    for (const graceMs of [-1, 0.5, 300_001, NaN, '30000', null])
      expect(() => startServer({ session: { graceMs: graceMs as number } })).toThrow(
        /session.graceMs/,
      )
  })

  test('SES-08 a revoke of the session wins over it', async () => {
    const { server, visitor, tokens } = await open(1)
    await server.pair.sessions.revoke(visitor.session.id)
    for (const token of tokens)
      expect((await renew(server, token)).body.code).toBe('session_revoked')
  })
})

describe('beyond it', () => {
  test('SES-08 a token that was used is refused as if there were none, told once, and the session goes on', async () => {
    const { server, visitor, tokens, latest } = await open(3)
    const forged = `${tokens[0]!.slice(0, -4)}AAAA`
    const wrong = await renew(server, forged)
    for (const token of [tokens[0]!, tokens[1]!, tokens[0]!]) {
      const answer = await renew(server, token)
      expect([answer.status, answer.text]).toEqual([wrong.status, wrong.text])
    }
    expect(await told(server, 'session.reused')).toMatchObject([
      { sessionId: visitor.session.id, deviceId: visitor.session.device.id },
    ])
    expect(await told(server, 'session.revoked')).toEqual([])
    expect(await isIn(server, latest)).toBe(true)
    expect((await renew(server, tokens[3]!)).status).toBe(200)
    // of the next generation it is told anew
    server.clock.advance(60_000)
    await renew(server, tokens[0]!)
    expect(await told(server, 'session.reused')).toHaveLength(2)
  })

  test('SES-08 by option it ends the session in the same step', async () => {
    const { server, visitor, tokens, latest } = await open(2, { onReuse: 'end-session' })
    expect((await renew(server, tokens[0]!)).body.code).toBe('session_invalid')
    expect(
      (await told(server, 'session.reused', 'session.revoked')).map(({ type }) => type),
    ).toEqual(['session.reused', 'session.revoked'])
    expect(await isIn(server, latest)).toBe(false)
    for (const token of tokens)
      expect((await renew(server, token)).body.code).toBe('session_revoked')
    expect(await told(server, 'session.reused', 'session.revoked')).toMatchObject([
      { sessionId: visitor.session.id },
      { sessionId: visitor.session.id, actor: { kind: 'server' } },
    ])
  })

  test('SES-08 the option is one of two words', () => {
    for (const onReuse of ['end', '', true])
      expect(() => startServer({ onReuse: onReuse as 'audit' })).toThrow(/onReuse/)
  })

  test.each([
    ['audit', 1],
    ['end-session', 0],
  ] as const)(
    'SES-08 of 40 who bring an old token at once one is told of (%s), whoever renews meanwhile',
    async (onReuse, standing) => {
      for (let round = 0; round < 8; round++) {
        const clock = fixedClock(NOON)
        const store: Store = jitteredStore(memoryStore({ clock }), round + 71)
        const { server, tokens } = await open(2, { onReuse, store, clock })
        const two = startServer({ keyless: 'full', onReuse, store, clock })
        const answers = await race((rival) =>
          renew(rival % 2 ? server : two, rival === 7 ? tokens[2]! : tokens[0]!),
        )
        const wrong = answers.filter((_, rival) => rival !== 7)
        expect(new Set(wrong.map(({ status }) => status))).toEqual(new Set([401]))
        // the renewal in between is of a next generation
        const times = (await told(server, 'session.reused')).length
        expect(times).toBeGreaterThanOrEqual(1)
        expect(times).toBeLessThanOrEqual(2)
        expect((await server.pair.sessions.list()).items).toHaveLength(standing)
        expect(await told(server, 'session.revoked')).toHaveLength(1 - standing)
      }
    },
  )
})

test('LIM-01 renewals by a refresh token are counted for its session, and only genuine ones', async () => {
  const { server, visitor } = await open(0, { limits: { poll: { max: 5, windowMs: 60_000 } } })
  const [id = '', , secret = ''] = visitor.refreshToken!.split('.')
  for (let times = 0; times < 20; times++)
    await createVisitor(server, null, { remoteAddress: `10.0.0.${times}` }).call('POST', '/renew', {
      body: { refreshToken: `${id}.1.${secret.slice(1)}A` },
    })
  let token = visitor.refreshToken!
  for (let times = 0; times < 5; times++) {
    const { status, body } = await renew(server, token)
    expect(status).toBe(200)
    token = body.refreshToken!
  }
  expect((await renew(server, token)).status).toBe(429)
})

test('SES-08 a forged token costs no call of the store, whatever session it names', async () => {
  const counted = counting(memoryStore())
  const { server, tokens } = await open(0, { store: counted.store })
  await renew(server, `ses_${'A'.repeat(22)}.1.${'A'.repeat(43)}`)
  counted.clear()
  for (const text of [
    `ses_${'A'.repeat(22)}.1.${'A'.repeat(43)}`,
    `${tokens[0]!.slice(0, -4)}AAAA`,
  ])
    expect((await renew(server, text)).status).toBe(401)
  expect(counted.calls.filter((call) => call.do === 'commit')).toEqual([])
  expect(counted.calls.filter((call) => /session|device|grant/.test(call.words))).toEqual([])
})
