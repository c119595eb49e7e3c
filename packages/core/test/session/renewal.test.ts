import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { faultyStore } from '@pair/testkit/store'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createDeviceKey, type DeviceKey } from '../kit/device.ts'
import { dumpStore, dumpText } from '../kit/dump.ts'
import { NOON } from '../kit/clock.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor, type Answer, type Visitor } from '../kit/visitor.ts'

const DAY = 86_400_000
type Renewed = Answer<AuthorizedAnswer & { code?: string }>

const byProof = (visitor: Visitor, proof: boolean | string = true): Promise<Renewed> =>
  visitor.call('POST', '/renew', { body: {}, proof, authorization: null, cookies: false })
const byToken = (server: Server, refreshToken: string): Promise<Renewed> =>
  createVisitor(server).call('POST', '/renew', { body: { refreshToken } })

const generationOf = (refreshToken: string): number => Number(refreshToken.split('.')[1])

async function isIn(
  server: Server,
  visitor: Visitor,
  wish: { authorization?: string; proof?: boolean } = {},
): Promise<boolean> {
  return (await server.pair.guard(await visitor.request('GET', '/app', wish), undefined, {})).ok
}

describe('renewal by proof', () => {
  test('a keyed device is renewed by its proof alone, each transport in its own way', async () => {
    const server = startServer()
    for (const transport of ['cookie', 'dpop'] as const) {
      const visitor = await pairVisitor(server, { key: await createDeviceKey(), transport })
      server.clock.advance(15 * 60_000)
      expect(await isIn(server, visitor, { proof: true })).toBe(false)
      const answer = await byProof(visitor)
      expect(answer.status).toBe(200)
      expect(answer.body.session.id).toBe(visitor.session.id)
      expect(answer.body.session.transport).toBe(transport)
      expect(answer.headers.has('set-cookie')).toBe(transport === 'cookie')
      expect([answer.body.tokenType, answer.body.refreshToken]).toEqual([
        transport === 'dpop' ? 'DPoP' : undefined,
        undefined,
      ])
      if (transport === 'dpop') visitor.accessToken = answer.body.accessToken!
      expect(await isIn(server, visitor, { proof: true })).toBe(true)
    }
  })

  test('a key that nobody knows, a wrong proof and a used one renew nothing', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server, { key: await createDeviceKey() })
    const key = visitor.key!
    const target = { htm: 'POST', htu: `${ORIGIN}/auth/renew`, at: server.clock() }
    expect((await byProof(createVisitor(server, await createDeviceKey()))).body.code).toBe(
      'session_invalid',
    )
    for (const wish of [
      { ...target, htm: 'GET' },
      { ...target, htu: `${ORIGIN}/auth/session` },
      { ...target, token: visitor.cookie() },
    ]) {
      expect((await byProof(visitor, await key.prove(wish))).body.code).toBe('proof_invalid')
    }
    const stale = await key.prove({ ...target, at: server.clock() - 400_000 })
    expect((await byProof(visitor, stale)).body.code).toBe('use_dpop_nonce')
    const proof = await key.prove(target)
    expect((await byProof(visitor, proof)).status).toBe(200)
    expect((await byProof(visitor, proof)).body.code).toBe('proof_invalid')
    expect((await visitor.call('POST', '/renew', { body: {} })).body.code).toBe('proof_required')
    expect((await createVisitor(server).call('POST', '/renew', { body: {} })).body.code).toBe(
      'session_required',
    )
  })

  test('the cookie of one and the proof of another device renew the one that proved, and tell nothing of the other', async () => {
    const server = startServer()
    const [one, two] = [
      await pairVisitor(server, { key: await createDeviceKey() }),
      await pairVisitor(server, { key: await createDeviceKey() }),
    ]
    const mixed = createVisitor(server, two.key)
    mixed.jar = new Map(one.jar)
    const answer = await mixed.call<AuthorizedAnswer>('POST', '/renew', { body: {}, proof: true })
    expect(answer.body.session.id).toBe(two.session.id)
  })

  test('a page of another site can not renew, nor redeem, nor log out', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server, { key: await createDeviceKey() })
    for (const headers of [
      { origin: 'http://localhost:5173' },
      { origin: 'null' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site' },
    ] as Record<string, string>[]) {
      for (const path of ['/renew', '/logout', '/redeem', '/tickets']) {
        const answer = await visitor.call('POST', path, {
          body: { for: 'socket', code: 'x' },
          proof: true,
          headers,
        })
        expect([path, answer.body.code]).toEqual([path, 'origin_refused'])
      }
    }
    expect(await isIn(server, visitor)).toBe(true)
  })

  test('a renewal that moves its end by less than a hundredth writes no record and tells no change', async () => {
    const { store, words } = watched(memoryStore())
    const server = startServer({ store })
    const visitor = await pairVisitor(server, { key: await createDeviceKey() })
    words.length = 0
    for (let n = 0; n < 20; n++) {
      server.clock.advance(20 * 60_000)
      expect((await byProof(visitor)).status).toBe(200)
    }
    expect(words.filter((word) => word !== 'proof')).toEqual([])
    server.clock.advance(8 * 3_600_000)
    await byProof(visitor)
    expect(words.filter((word) => word !== 'proof').sort()).toEqual([
      'device',
      'grant',
      'journal',
      'key',
      'session',
    ])
    expect(
      (await server.pair.audit.read()).items.filter(({ type }) => type === 'session.extended'),
    ).toHaveLength(1)
  })

  test('a renewal and a revoke at once: whoever lost, nothing stands after it', async () => {
    for (let round = 0; round < 8; round++) {
      const clock = fixedClock(NOON)
      const server = startServer({
        clock,
        store: jitteredStore(memoryStore({ clock }), round + 51),
      })
      const visitor = await pairVisitor(server, { key: await createDeviceKey() })
      clock.advance(10 * DAY)
      const answers = await race(async (rival) =>
        rival === 5
          ? server.pair.devices.revoke(visitor.session.device.id).then(() => null)
          : byProof(visitor),
      )
      const tokens = answers.flatMap((answer) => answer?.headers.getSetCookie() ?? [])
      for (const line of tokens) {
        const request = new Request(`${ORIGIN}/app`, { headers: { cookie: line.split(';')[0]! } })
        expect((await server.pair.guard(request, undefined, {})).ok).toBe(false)
      }
      expect((await byProof(visitor)).body.code).toBe('session_revoked')
    }
  })
})

describe('renewal without a key', () => {
  test('policy limited: nothing renews, neither cookie nor bearer', async () => {
    const server = startServer()
    for (const transport of ['cookie', 'bearer'] as const) {
      const visitor = await pairVisitor(server, { transport })
      expect(visitor.refreshToken).toBeUndefined()
      expect((await visitor.call('POST', '/renew', { body: {} })).body.code).toBe('session_invalid')
      expect((await byToken(server, `${visitor.session.id}.1.${'A'.repeat(43)}`)).body.code).toBe(
        'session_invalid',
      )
      expect(await isIn(server, visitor)).toBe(true)
    }
  })

  test('policy full: a cookie renews itself, a bearer token does not', async () => {
    const server = startServer({ keyless: 'full' })
    const visitor = await pairVisitor(server)
    server.clock.advance(20 * DAY)
    const answer = await visitor.call<AuthorizedAnswer>('POST', '/renew', { body: {} })
    expect(answer.status).toBe(200)
    server.clock.advance(20 * DAY)
    expect(await isIn(server, visitor)).toBe(true)
    const bearer = await pairVisitor(server, { transport: 'bearer' })
    expect((await bearer.call('POST', '/renew', { body: {} })).body.code).toBe('session_invalid')
  })

  test('SES-08 a refresh token gives the next, and nothing of either is stored', async () => {
    const store = memoryStore()
    const server = startServer({ keyless: 'full', store })
    const visitor = await pairVisitor(server, { transport: 'bearer' })
    const first = visitor.refreshToken!
    server.clock.advance(15 * 60_000)
    expect(await isIn(server, visitor)).toBe(false)
    const renewed = await byToken(server, first)
    expect(renewed.body).toMatchObject({ tokenType: 'Bearer', session: { id: visitor.session.id } })
    visitor.accessToken = renewed.body.accessToken!
    expect(await isIn(server, visitor)).toBe(true)
    const second = renewed.body.refreshToken!
    expect(second).not.toBe(first)
    const text = dumpText(await dumpStore(store))
    for (const token of [first, second, visitor.accessToken])
      expect(text).not.toContain(token.split('.').at(-1))
    expect((await byToken(server, second)).status).toBe(200)
  })

  test.each([
    ['memory', (store: Store) => store],
    ['slow memory', (store: Store, round: number) => jitteredStore(store, round + 61)],
  ])(
    'SES-08 40 who bring one refresh token at once get one successor by one rotation (%s)',
    async (_, wrap) => {
      for (let round = 0; round < 8; round++) {
        const clock = fixedClock(NOON)
        const store = wrap(memoryStore({ clock }), round)
        const servers = [
          startServer({ keyless: 'full', store, clock }),
          startServer({ keyless: 'full', store, clock }),
        ] as const
        const visitor = await pairVisitor(servers[0], { transport: 'bearer' })
        const answers = await race((rival) => byToken(servers[rival % 2]!, visitor.refreshToken!))
        expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(200))
        const [next, ...others] = new Set(answers.map(({ body }) => body.refreshToken))
        expect(others).toEqual([])
        expect(generationOf(next!)).toBe(generationOf(visitor.refreshToken!) + 1)
        expect((await byToken(servers[1], next!)).status).toBe(200)
        const { items } = await servers[0].pair.audit.read()
        expect(items.map(({ type }) => type)).not.toContain('session.reused')
      }
    },
  )

  test('a refresh token that is altered, of another session or of another form renews nothing', async () => {
    const server = startServer({ keyless: 'full' })
    const [one, two] = [
      await pairVisitor(server, { transport: 'bearer' }),
      await pairVisitor(server, { transport: 'bearer' }),
    ]
    const token = one.refreshToken!
    const [id = '', generation = '', secret = ''] = token.split('.')
    const wrong = [
      '',
      '.',
      'x',
      id,
      secret,
      `${id}.`,
      `.${secret}`,
      `${id}.${secret}`,
      `${id}..${secret}`,
      `${id}.0.${secret}`,
      `${id}.01.${secret}`,
      `${id}.+1.${secret}`,
      `${id}.1e0.${secret}`,
      `${id}.2.${secret}`,
      `${id}.9999999999.${secret}`,
      `${token}.`,
      `${token}.x`,
      `${token}A`,
      token.slice(0, -1),
      `${two.session.id}.${generation}.${secret}`,
      `${id}.${generation}.${secret.toLowerCase()}x`.slice(0, 72),
      ` ${token}`,
      `${token}\n`,
      one.accessToken!.slice(0, 100),
    ]
    for (const text of wrong)
      expect((await byToken(server, text)).body.code, text).toBe('session_invalid')
    for (const refreshToken of [null, 1, [token], { token }, 'x'.repeat(129)]) {
      expect(
        (await createVisitor(server).call('POST', '/renew', { body: { refreshToken } })).status,
      ).toBe(400)
    }
    expect((await byToken(server, token)).status).toBe(200)
  })

  test('who holds no refresh token learns nothing of a session by its id', async () => {
    const server = startServer({ keyless: 'full' })
    const [live, revoked, expired] = [
      await pairVisitor(server, { transport: 'bearer' }),
      await pairVisitor(server, { transport: 'bearer' }),
      await pairVisitor(server, { transport: 'bearer', code: { session: { slidingMs: 60_000 } } }),
    ]
    await server.pair.sessions.revoke(revoked.session.id)
    server.clock.advance(60_000)
    for (const { session } of [live, revoked, expired]) {
      expect((await byToken(server, `${session.id}.1.${'A'.repeat(43)}`)).body.code).toBe(
        'session_invalid',
      )
    }
    expect((await byToken(server, revoked.refreshToken!)).body.code).toBe('session_revoked')
    expect((await byToken(server, expired.refreshToken!)).body.code).toBe('session_expired')
  })

  test('a renewal whose answer from the store was lost is found by its attempt, or refused, never doubled', async () => {
    for (const fault of ['error-before', 'error-after'] as const) {
      const line = faultyStore(memoryStore())
      const server = startServer({ keyless: 'full', store: line.store })
      const visitor = await pairVisitor(server, { transport: 'bearer' })
      line.plan('commit', fault)
      const answer = await byToken(server, visitor.refreshToken!)
      expect(answer.status).toBe(200)
      // brought again it is answered again, with the same
      const again = await byToken(server, visitor.refreshToken!)
      expect(again.body.refreshToken).toBe(answer.body.refreshToken)
      expect(generationOf(again.body.refreshToken!)).toBe(2)
      expect((await byToken(server, answer.body.refreshToken!)).status).toBe(200)
    }
  })

  test('policy full keeps a key where there is one: its cookie alone renews nothing', async () => {
    const server = startServer({ keyless: 'full' })
    const key: DeviceKey = await createDeviceKey()
    const visitor = await pairVisitor(server, { key })
    expect((await visitor.call('POST', '/renew', { body: {} })).body.code).toBe('proof_required')
    expect((await byToken(server, `${visitor.session.id}.1.${'A'.repeat(43)}`)).body.code).toBe(
      'session_invalid',
    )
    expect((await byProof(visitor)).status).toBe(200)
  })
})

/** The same store, and the words that its commits wrote. */
function watched(store: Store): { store: Store; words: string[] } {
  const words: string[] = []
  return {
    words,
    store: {
      ...store,
      async commit(checks, writes) {
        const done = await store.commit(checks, writes)
        if (done)
          words.push(...writes.map((write) => ('append' in write ? write.append : write.key)[1]!))
        return done
      },
    },
  }
}
