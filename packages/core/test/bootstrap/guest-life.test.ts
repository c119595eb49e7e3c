import { describe, expect, test } from 'vitest'
import type { IssueCode } from '../../src/bootstrap/code-request.ts'
import type { IssuedCodeAnswer } from '../../src/http/wire.ts'
import type { AccessScope } from '../../src/pair.ts'
import { createDeviceKey } from '../kit/device.ts'
import { startServer, type Scope, type Server } from '../kit/server.ts'
import { ALL_SCOPES, createVisitor, pairVisitor, type Visitor } from '../kit/visitor.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
type Life = NonNullable<IssueCode['session']>

/** A device with a key that an operator's code let in for so long. */
const letIn = async (server: Server, session: Life = {}): Promise<Visitor> =>
  pairVisitor(server, { key: await createDeviceKey(), code: { session } })

/** A code that this visitor issues by the wire, with all that it has. */
async function codeOf(visitor: Visitor): Promise<string> {
  const answer = await visitor.call<IssuedCodeAnswer>('POST', '/codes', {
    body: { scopes: ALL_SCOPES, uses: 10, expiresInSeconds: DAY / 1_000 },
    proof: true,
  })
  expect(answer.status, answer.text).toBe(201)
  return answer.body.typed
}

async function redeem(server: Server, typed: string, key = true): Promise<Visitor> {
  const visitor = createVisitor(server, key ? await createDeviceKey() : null)
  const answer = await visitor.redeem(typed)
  expect(answer.status, answer.text).toBe(200)
  return visitor
}

const renew = async (visitor: Visitor): Promise<string> => {
  const answer = await visitor.call<{ code?: string; session?: Visitor['session'] }>(
    'POST',
    '/renew',
    { body: {}, proof: true },
  )
  if (answer.body.session) visitor.session = answer.body.session
  return answer.body.code ?? 'ok'
}
const endOf = ({ session }: Visitor): number =>
  session.expiresAt === null ? Infinity : Date.parse(session.expiresAt)

const SERVERS: [string, Life][] = [
  ['no absolute end', {}],
  ['an absolute end of its own', { slidingMs: 10 * DAY, absoluteMs: 100 * DAY }],
  ['sessions until they are revoked', { slidingMs: null, absoluteMs: null }],
]

describe.each(SERVERS)('CODE-15 where the server has %s', (_, session) => {
  test('CODE-15 nobody whom a guest lets in stays longer than he, renewed or not', async () => {
    const server = startServer({ session })
    const guest = await letIn(server, { absoluteMs: HOUR })
    const end = server.clock() + HOUR
    expect(endOf(guest)).toBe(end)
    const typed = await codeOf(guest)
    for (const minutes of [0, 30, 25]) {
      server.clock.advance(minutes * MINUTE)
      const other = await redeem(server, typed)
      expect(endOf(other)).toBe(end)
      expect([await renew(other), endOf(other)]).toEqual(['ok', end])
      expect(endOf(await redeem(server, typed, false))).toBeLessThanOrEqual(end)
      if (minutes === 30) server.clock.advance(MINUTE)
    }
  })

  test('CODE-15 a chain of codes moves the end of its first guest by nothing', async () => {
    const server = startServer({ session })
    let last = await letIn(server, { absoluteMs: HOUR })
    const end = server.clock() + HOUR
    const all = [last]
    for (let link = 0; link < 5; link++) {
      server.clock.advance(11 * MINUTE)
      expect(await renew(last)).toBe('ok')
      last = await redeem(server, await codeOf(last))
      all.push(last)
      expect(endOf(last), `link ${link + 1}`).toBe(end)
    }
    const typed = await codeOf(last)
    server.clock.set(end)
    for (const visitor of all) expect(await renew(visitor)).toBe('session_expired')
    const late = await createVisitor(server, await createDeviceKey()).redeem(typed)
    expect([late.status, late.body]).toMatchObject([401, { code: 'code_invalid' }])
    expect((await server.pair.sessions.list()).items).toEqual([])
  })

  test('CODE-15 a guest who redeems his own code with his own key stays no longer', async () => {
    const server = startServer({ session })
    const guest = await letIn(server, { absoluteMs: HOUR })
    const end = endOf(guest)
    server.clock.advance(30 * MINUTE)
    expect(await renew(guest)).toBe('ok')
    expect((await guest.redeem(await codeOf(guest))).status).toBe(200)
    expect(endOf(guest)).toBe(end)
    expect([await renew(guest), endOf(guest)]).toEqual(['ok', end])
  })

  test('CODE-15 a guest of a sliding hour lets others stay for no longer pauses than his', async () => {
    const server = startServer({ session })
    let last = await letIn(server, { slidingMs: HOUR })
    for (let link = 0; link < 3; link++) {
      server.clock.advance(50 * MINUTE)
      expect(await renew(last)).toBe('ok')
      last = await redeem(server, await codeOf(last))
      expect(endOf(last) - server.clock()).toBe(HOUR)
      expect((await redeem(server, await codeOf(last), false)).session.expiresAt).not.toBeNull()
    }
    server.clock.advance(HOUR - 1_000)
    expect([await renew(last), endOf(last) - server.clock()]).toEqual(['ok', HOUR])
    server.clock.advance(HOUR)
    expect(await renew(last)).toBe('session_expired')
  })

  test('CODE-15 a code that asks for a longer life in a guest’s name is cut to his', async () => {
    const server = startServer({ session })
    const lives: [Life, number][] = [
      [{ absoluteMs: HOUR }, HOUR],
      [{ slidingMs: HOUR }, HOUR],
      [{ slidingMs: HOUR, absoluteMs: 2 * HOUR }, HOUR],
    ]
    for (const [life, ms] of lives) {
      const guest = await letIn(server, life)
      const by = {
        kind: 'session',
        sessionId: guest.session.id as `ses_${string}`,
        deviceId: guest.session.device.id as `dev_${string}`,
      } as const
      for (const wish of [{ slidingMs: null, absoluteMs: null }, { slidingMs: 300 * DAY }]) {
        const scopes: (Scope | AccessScope)[] = [...ALL_SCOPES]
        const request = { scopes, session: wish, origin: server.origin }
        const { typed } = await server.pair.codes.issue(request, by)
        expect(endOf(await redeem(server, typed)) - server.clock()).toBe(ms)
      }
    }
  })
})

test('CODE-15 an ordinary device passes on the whole life that the server gives by default', async () => {
  for (const [, session] of SERVERS) {
    const server = startServer({ session })
    const whole = endOf(await letIn(server)) - server.clock()
    let last = await letIn(server)
    for (let link = 0; link < 4; link++) {
      server.clock.advance(5 * DAY)
      expect(await renew(last)).toBe('ok')
      last = await redeem(server, await codeOf(last))
      expect(endOf(last) - server.clock()).toBe(whole)
    }
  }
})

test('CODE-15 also the absolute end that an ordinary device passes on is the server’s whole one', async () => {
  const server = startServer({ session: { slidingMs: null, absoluteMs: 100 * DAY } })
  const owner = await letIn(server)
  server.clock.advance(60 * DAY)
  expect(await renew(owner)).toBe('ok')
  const other = await redeem(server, await codeOf(owner))
  expect(endOf(other) - server.clock()).toBe(100 * DAY)
  expect(endOf(owner) - server.clock()).toBe(40 * DAY)
})

test('SES-07 nobody takes the server’s absolute end off for others whose own has one', async () => {
  for (const slidingMs of [null, 10 * DAY]) {
    const server = startServer({ session: { slidingMs, absoluteMs: 100 * DAY } })
    const owner = await letIn(server)
    const answer = await owner.call<IssuedCodeAnswer>('POST', '/codes', {
      body: { scopes: ['notes:read'], session: { slidingSeconds: null, absoluteSeconds: null } },
      proof: true,
    })
    expect(answer.status, answer.text).toBe(201)
    const other = await redeem(server, answer.body.typed)
    server.clock.advance(9 * DAY)
    await renew(other)
    expect(endOf(other) - server.clock()).toBeLessThanOrEqual(91 * DAY)
  }
})
