import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { createNonce, readNonce } from '../../src/proof/nonce-crypto.ts'
import { checkProof } from '../../src/proof/proof.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { NOON } from '../kit/clock.ts'
import { createDeviceKey, createEd25519Key, type DeviceKey, type ProofWish } from '../kit/device.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor, type Visitor } from '../kit/visitor.ts'

const APP = `${ORIGIN}/app`
const HOUR = 3_600_000
const DAY = 24 * HOUR

interface Told {
  code: string
  /** Of the header; the body holds the same. */
  nonce: string | null
  challenge: string | null
  body: Record<string, unknown>
}

interface Bench {
  server: Server
  visitor: Visitor
  /** What the guard of a route says to that proof. */
  ask(proof: string, at?: Server): Promise<Told>
  /** The same, with a right proof by a clock that goes right but for what is wished. */
  wish(wish?: Partial<ProofWish>, at?: Server): Promise<Told>
  /** A nonce as a refusal hands it out. */
  nonce(): Promise<string>
  marks(): Promise<number>
}

async function bench(server: Server = startServer()): Promise<Bench> {
  const key = await createDeviceKey()
  const visitor = await pairVisitor(server, { key, transport: 'dpop' })
  const token = visitor.accessToken!
  const ask: Bench['ask'] = async (dpop, at = server) => {
    const headers = { authorization: `DPoP ${token}`, dpop }
    const guarded = await at.pair.guard(new Request(APP, { headers }), undefined, {})
    if (guarded.ok) return { code: 'ok', nonce: null, challenge: null, body: {} }
    const body = (await guarded.response.json()) as Record<string, unknown>
    const { headers: told } = guarded.response
    expect(body['nonce'] ?? null).toBe(told.get('dpop-nonce'))
    return {
      code: String(body['code']),
      nonce: told.get('dpop-nonce'),
      challenge: told.get('www-authenticate'),
      body,
    }
  }
  const wish: Bench['wish'] = async (more = {}, at = server) =>
    ask(await key.prove({ htm: 'GET', htu: APP, at: server.clock(), token, ...more }), at)
  return {
    server,
    visitor,
    ask,
    wish,
    nonce: async () => (await wish({ at: server.clock() - HOUR })).nonce!,
    marks: async () => (await server.store.list(['pair', 'proof'], { limit: 1_000 })).length,
  }
}

describe('a clock that is off', () => {
  test.each([
    ['an hour behind', -HOUR],
    ['an hour ahead', HOUR],
    ['ten years behind', -3_650 * DAY],
    ['ten years ahead', 3_650 * DAY],
    ['301 seconds behind', -301_000],
    ['6 seconds ahead', 6_000],
  ])('POP-03 %s is told with the time and a nonce, and goes on with it', async (_, off) => {
    const { server, wish, marks } = await bench()
    const before = await marks()
    const at = server.clock() + off
    const told = await wish({ at })
    expect(told.challenge).toBe('DPoP error="use_dpop_nonce", algs="ES256 EdDSA Ed25519"')
    expect(told.nonce).toMatch(/^[\w-]{32}$/)
    expect(told.body).toEqual({
      type: 'urn:pair:problem:use_dpop_nonce',
      title: 'Unauthorized',
      status: 401,
      detail: 'The proof of the device key is not of this moment.',
      code: 'use_dpop_nonce',
      hint: 'Sign again with the `nonce` of this answer as a claim, or by `time`, the clock of this server.',
      docs: 'docs/errors.md#use_dpop_nonce',
      time: new Date(NOON).toISOString(),
      nonce: told.nonce,
    })
    expect(await marks()).toBe(before)
    expect((await wish({ at, claims: { nonce: told.nonce } })).code).toBe('ok')
    expect(await marks()).toBe(before + 1)
  })

  test('POP-03 even no time at all is no matter with a nonce', async () => {
    const { wish, nonce } = await bench()
    for (const iat of [0, -1, 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      const claims = { iat, nonce: await nonce() }
      expect([iat, (await wish({ claims })).code]).toEqual([iat, 'ok'])
    }
    for (const iat of [undefined, null, '1', 1.5, 2 ** 53])
      expect((await wish({ claims: { iat, nonce: await nonce() } })).code).toBe('proof_invalid')
  })

  test('POP-03 the operator is told how far it is off', async () => {
    const { server, wish } = await bench()
    await wish({ at: NOON - HOUR })
    await wish({ at: NOON + 90_000 })
    await wish({ claims: { nonce: 'x' } })
    expect(server.refusals.map(({ code, reason }) => [code, reason])).toEqual([
      ['use_dpop_nonce', 'DPoP: made 3600 s before the clock of the server'],
      ['use_dpop_nonce', 'DPoP: made 90 s ahead of the clock of the server'],
      ['use_dpop_nonce', 'DPoP: the nonce is not ours'],
    ])
  })

  test('POP-03 pairing, renewing, tickets and sockets go by the nonce too', async () => {
    const server = startServer()
    const key = await createEd25519Key()
    const { typed } = await server.pair.codes.issue({ origin: ORIGIN })
    const off = server.clock() - HOUR
    const device = { label: 'A device', kind: 'app', publicKey: key.jwk }
    const body = { code: typed, device, transport: 'dpop' }
    const visitor = createVisitor(server, key)
    let nonce: unknown
    const twice = async (
      path: string,
      sent: unknown,
      wish: Partial<ProofWish>,
    ): Promise<Record<string, unknown>> => {
      const at = { htm: 'POST', htu: `${ORIGIN}/auth${path}`, at: off, ...wish }
      const authorization = wish.token === undefined ? null : `DPoP ${wish.token}`
      const first = await visitor.call('POST', path, {
        body: sent,
        proof: await key.prove(at),
        authorization,
      })
      expect([path, first.status, first.body.code]).toEqual([path, 401, 'use_dpop_nonce'])
      nonce = first.headers.get('dpop-nonce')
      const claims = { nonce }
      const second = await visitor.call('POST', path, {
        body: sent,
        proof: await key.prove({ ...at, claims }),
        authorization,
      })
      expect([path, second.status]).toEqual([path, 200])
      return second.body
    }
    const { accessToken } = await twice('/redeem', body, { body })
    await twice('/renew', {}, {})
    const token = String(accessToken)
    const { ticket } = await twice('/tickets', { for: 'socket' }, { token })
    expect(await hello(server, key, String(ticket), { at: off })).toEqual([4001])
    // A nonce of any refusal serves the frame as well.
    const { ticket: next } = await twice('/tickets', { for: 'socket' }, { token })
    const claims = { nonce }
    expect(await hello(server, key, String(next), { at: off, claims })).toEqual([])
  })

  test('POP-03 pages of listed origins may read the nonce and the challenge', async () => {
    const app = 'https://app.example'
    const server = startServer({ allowedOrigins: [app] })
    const key = await createDeviceKey()
    const proof = await key.prove({ htm: 'POST', htu: `${ORIGIN}/auth/renew`, at: NOON - HOUR })
    const answer = await createVisitor(server).call('POST', '/renew', {
      body: {},
      proof,
      headers: { origin: app },
    })
    expect(answer.body.code).toBe('use_dpop_nonce')
    const exposed = answer.headers.get('access-control-expose-headers')!.split(', ')
    expect(exposed).toEqual(expect.arrayContaining(['DPoP-Nonce', 'WWW-Authenticate']))
  })
})

describe('a nonce', () => {
  test('POP-03 is good for 300 seconds, and as much ahead as clocks may be', async () => {
    const { server, wish, nonce } = await bench()
    const claims = { nonce: await nonce(), iat: 1 }
    for (const [age, code] of [
      [0, 'ok'],
      [300_000, 'ok'],
      [300_001, 'use_dpop_nonce'],
      [-5_000, 'ok'],
      [-5_001, 'use_dpop_nonce'],
      [600_000, 'use_dpop_nonce'],
    ] as const) {
      server.clock.set(NOON + age)
      expect([age, (await wish({ claims })).code]).toEqual([age, code])
    }
  })

  test('POP-03 that ran out or is not ours is refused with a fresh one, though the clock goes right', async () => {
    const { server, wish, nonce } = await bench()
    const right = await nonce()
    const other = await bench(
      startServer({ secret: 'another-secret-0123456789-abcdefghijklmnop', clock: server.clock }),
    )
    const named = await bench(startServer({ namespace: 'other', clock: server.clock }))
    const bits = Buffer.from(right, 'base64url')
    const flipped = Array.from({ length: bits.length }, (_, at) => {
      const copy = Buffer.from(bits)
      copy[at]! ^= 1
      return copy.toString('base64url')
    })
    const wrong = [
      ...flipped,
      '',
      'x',
      right.slice(1),
      right.slice(0, -1),
      `${right}A`,
      `${right}=`,
      ` ${right}`,
      right.toLowerCase(),
      'A'.repeat(32),
      'eyJ7S_3zr',
      await other.nonce(),
      await named.nonce(),
    ]
    for (const one of wrong) {
      const told = await wish({ claims: { nonce: one } })
      expect([one, told.code]).toEqual([one, 'use_dpop_nonce'])
      expect((await wish({ claims: { nonce: told.nonce } })).code).toBe('ok')
    }
    for (const nonceOf of [1, null, [right], { right }])
      expect((await wish({ claims: { nonce: nonceOf } })).code).toBe('proof_invalid')
  })

  test('POP-03 is handed out where all else is right, and to nobody else', async () => {
    const { wish, nonce } = await bench()
    const stranger = await createDeviceKey()
    const token = (await pairVisitor(startServer(), { key: stranger, transport: 'dpop' }))
      .accessToken!
    const good = await nonce()
    for (const claims of [{}, { iat: 1 }, { nonce: good }, { nonce: 'x' }]) {
      for (const wrong of [
        { htm: 'POST' },
        { htu: ORIGIN },
        { token },
        { jti: 'short' },
        { header: { alg: 'HS256' } },
        { header: { jwk: stranger.jwk } },
      ]) {
        const told = await wish({ ...wrong, claims })
        expect([told.code, told.nonce]).toEqual(['proof_invalid', null])
        expect(told.challenge).toContain('error="invalid_dpop_proof"')
      }
    }
  })

  test('POP-03 is good on every instance of the same server, which keeps nothing of it', async () => {
    const clock = fixedClock(NOON)
    const store = memoryStore({ clock })
    const [one, two] = [startServer({ store, clock }), startServer({ store, clock })]
    const { wish, nonce, marks } = await bench(one)
    const before = await marks()
    const given = await nonce()
    expect(await marks()).toBe(before)
    expect((await wish({ claims: { nonce: given, iat: 1 } }, two)).code).toBe('ok')
  })

  test('POP-03 holds its time and 144 bits of a MAC, under a key of its own', () => {
    const [key, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
    const seen = new Set<string>()
    for (const at of [0, 1, 255, 256, NOON, NOON + 1, 2 ** 48 - 1]) {
      const nonce = createNonce(key, at)
      expect(nonce).toMatch(/^[\w-]{32}$/)
      expect([readNonce(key, nonce), readNonce(other, nonce)]).toEqual([at, null])
      seen.add(nonce.slice(8))
    }
    expect(seen.size).toBe(7)
    expect(readNonce(key, createNonce(key, NOON + 0.5))).toBe(NOON)
  })
})

test('POP-03 what has no time is of no time', () => {
  const claims = { jti: 'abcdefgh', htm: 'GET', htu: APP, iat: NOON / 1_000 }
  const target = { method: 'GET', url: APP, ath: null, bodyHash: null, thumbprint: null }
  const judge = (...madeAt: [number | null] | []): unknown =>
    checkProof(claims, 'a', target, NOON, ...madeAt)
  expect([judge(), judge(NOON)]).toEqual([{ ok: true }, { ok: true }])
  for (const madeAt of [null, NaN, Infinity, -Infinity, 0])
    expect(judge(madeAt)).toEqual({ ok: false, fault: 'time' })
})

describe('single use', () => {
  test('POP-03 a proof with a nonce passes once, and stays spent for as long as the nonce is good', async () => {
    const { server, visitor, ask, nonce, marks } = await bench()
    const key = visitor.key!
    const claims = { nonce: await nonce(), iat: 1 }
    const token = visitor.accessToken!
    const proof = await key.prove({ htm: 'GET', htu: APP, at: NOON, token, claims })
    const before = await marks()
    expect((await ask(proof)).code).toBe('ok')
    for (const age of [0, 100_000, 300_000]) {
      server.clock.set(NOON + age)
      await server.pair.sweep()
      expect([age, (await ask(proof)).code]).toEqual([age, 'proof_invalid'])
    }
    expect(await marks()).toBe(before + 1)
  })

  test.each([
    ['of the past', 1],
    ['of the end of time', Number.MAX_SAFE_INTEGER],
  ])('POP-03 the mark of a proof with an iat %s is purged with its nonce', async (_, iat) => {
    const { server, wish, nonce, marks } = await bench()
    expect((await wish({ claims: { nonce: await nonce(), iat } })).code).toBe('ok')
    expect(await marks()).toBe(2)
    server.clock.advance(DAY)
    await server.pair.sweep()
    expect(await marks()).toBe(0)
  })

  test('POP-03 a proof that passed by its nonce does not pass again by its iat', async () => {
    const { server, visitor, nonce, marks } = await bench()
    const later = NOON + 2 * HOUR
    const proof = await visitor.key!.prove({
      htm: 'POST',
      htu: `${ORIGIN}/auth/renew`,
      at: later,
      claims: { nonce: await nonce() },
    })
    const renew = async (): Promise<unknown[]> => {
      const { status, body } = await visitor.call('POST', '/renew', {
        body: {},
        proof,
        authorization: null,
      })
      return [status, body['code']]
    }
    expect(await renew()).toEqual([200, undefined])
    server.clock.set(later)
    await server.pair.sweep()
    // Its mark is gone by the time that its iat tells.
    expect(await marks()).toBe(0)
    expect(await renew()).toEqual([401, 'use_dpop_nonce'])
  })

  test('POP-03 one jti is spent once, signed with a nonce or without', async () => {
    const { wish, nonce } = await bench()
    const given = await nonce()
    for (const [first, second] of [
      [{}, { nonce: given }],
      [{ nonce: given }, {}],
      [{ nonce: given }, { nonce: given }],
    ]) {
      const jti = crypto.randomUUID()
      expect((await wish({ jti, claims: first! })).code).toBe('ok')
      expect((await wish({ jti, claims: second! })).code).toBe('proof_invalid')
    }
  })
})

/** The codes with which a socket was closed over its first frame. */
async function hello(
  server: Server,
  key: DeviceKey,
  ticket: string,
  wish: Pick<ProofWish, 'at' | 'claims'>,
): Promise<number[]> {
  const url = `${ORIGIN}/live`
  const request = new Request(`${url}?ticket=${ticket}`)
  const opened = await server.pair.openSocket(request, undefined, {})
  if (opened instanceof Response) throw new Error(await opened.text())
  const closes: number[] = []
  let isReady = false
  const line = opened.attach(
    { close: (code) => void closes.push(code), send() {} },
    () => void (isReady = true),
  )
  const proof = await key.prove({ htm: 'GET', htu: url, token: ticket, ...wish })
  await line.receive(JSON.stringify({ type: 'hello', proof }))
  expect(isReady).toBe(closes.length === 0)
  return closes
}
