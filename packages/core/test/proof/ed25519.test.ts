import { describe, expect, test } from 'vitest'
import { openProof, type KnownHeaders } from '../../src/proof/proof-crypto.ts'
import { parseProofJwk } from '../../src/proof/proof-key.ts'
import { NOON } from '../kit/clock.ts'
import { createDeviceKey, createEd25519Key } from '../kit/device.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { createVisitor, helloFrame, pairVisitor, type Visitor } from '../kit/visitor.ts'

const APP = `${ORIGIN}/app`
const HERE = { htm: 'GET', htu: APP, at: NOON }

/** What a guard that asks for a proof says to that one: `ok`, or the code of the refusal. */
async function ask(server: Server, visitor: Visitor, dpop: string): Promise<string> {
  const headers = { authorization: `DPoP ${visitor.accessToken}`, dpop }
  const request = new Request(APP, { headers })
  const guarded = await server.pair.guard(request, undefined, { proof: 'required' })
  return guarded.ok ? 'ok' : ((await guarded.response.json()) as { code: string }).code
}

describe.each(['EdDSA', 'Ed25519'] as const)('a key that signs with %s', (alg) => {
  test('POP-01 pairs, is asked for its proof, renews and opens a socket', async () => {
    const server = startServer()
    const key = await createEd25519Key(alg)
    const visitor = await pairVisitor(server, { key, transport: 'dpop' })
    expect(visitor.session.device.thumbprint).toBe(key.thumbprint)
    const token = visitor.accessToken!
    expect(await ask(server, visitor, await key.prove({ ...HERE, token }))).toBe('ok')
    const renewed = await visitor.call('POST', '/renew', {
      body: {},
      proof: true,
      authorization: null,
    })
    expect(renewed.status).toBe(200)
    const ticket = await visitor.ticket()
    const opened = await server.pair.openSocket(
      new Request(`${ORIGIN}/live?ticket=${ticket}`),
      undefined,
      {},
    )
    if (opened instanceof Response) throw new Error(await opened.text())
    const closes: number[] = []
    let isReady = false
    const line = opened.attach(
      { close: (code) => void closes.push(code), send() {} },
      () => void (isReady = true),
    )
    await line.receive(await helloFrame(server, key, ticket))
    expect([isReady, closes]).toEqual([true, []])
  })

  test('POP-01 comes back as the same device', async () => {
    const server = startServer()
    const key = await createEd25519Key(alg)
    const [first, second] = [await pairVisitor(server, { key }), await pairVisitor(server, { key })]
    expect(second.session.device.id).toBe(first.session.device.id)
  })
})

test('POP-01 an algorithm that is not one of the key’s type is refused', async () => {
  const server = startServer()
  for (const [key, wrong] of [
    [await createEd25519Key(), ['ES256', 'HS256', 'none', 'Ed448', 'ed25519', 'EDDSA']],
    [await createDeviceKey(), ['EdDSA', 'Ed25519', 'ES384', 'ES256K', 'RS256', 'es256']],
  ] as const) {
    const visitor = await pairVisitor(server, { key, transport: 'dpop' })
    const token = visitor.accessToken!
    for (const alg of wrong) {
      const proof = await key.prove({ ...HERE, token, header: { alg } })
      expect([alg, await ask(server, visitor, proof)]).toEqual([alg, 'proof_invalid'])
    }
  }
  // The header of one kind of key over the signature of the other.
  const [ec, ed] = [await createDeviceKey(), await createEd25519Key()]
  for (const [signer, header] of [
    [ed, { alg: 'ES256', jwk: ec.jwk }],
    [ec, { alg: 'EdDSA', jwk: ed.jwk }],
    [ec, { alg: 'ES256', jwk: ed.jwk }],
  ] as const)
    expect(await openProof(await signer.prove({ ...HERE, header }))).toBeNull()
})

test('POP-01 of Ed25519 only a public key, in its one spelling, is a key', async () => {
  const key = await createEd25519Key()
  const { jwk } = key
  const { d } = await crypto.subtle.exportKey('jwk', key.privateKey)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(jwk.x.at(-1)!)
  for (const wrong of [
    { ...jwk, d },
    { ...jwk, d: null },
    { ...jwk, k: 'AAAA' },
    { ...jwk, y: jwk.x },
    { ...jwk, x: `${jwk.x}=` },
    { ...jwk, x: jwk.x.slice(1) },
    { ...jwk, x: `A${jwk.x}` },
    { ...jwk, x: jwk.x.slice(0, -1) + alphabet[last ^ 1]! },
    { ...jwk, x: [jwk.x] },
    { ...jwk, crv: 'X25519' },
    { ...jwk, crv: 'Ed448' },
    { ...jwk, crv: 'P-256' },
    { ...jwk, kty: 'EC' },
    { kty: 'OKP', crv: 'Ed25519' },
  ]) {
    expect([wrong, parseProofJwk(wrong)]).toEqual([wrong, null])
    expect(await openProof(await key.prove({ ...HERE, header: { jwk: wrong } }))).toBeNull()
  }
  expect(parseProofJwk({ ...jwk, use: 'sig', kid: 'a', alg: 'EdDSA' })).toEqual(jwk)
})

const PRIME = 2n ** 255n - 19n

/** A point by its y and the sign of its x (RFC 8032 §5.1.2). */
function pointOf(y: bigint, sign: 0 | 1): { kty: 'OKP'; crv: 'Ed25519'; x: string } {
  const bytes = Buffer.alloc(32)
  for (let at = 0, left = y; at < 32; at++, left >>= 8n) bytes[at] = Number(left & 255n)
  bytes[31]! |= sign << 7
  return { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }
}

// RFC 8032 leaves these to the verifier, and runtimes differ: some take signatures of nobody for them.
test('POP-01 points of small order, and other encodings of a point, are no keys', async () => {
  const eighths = ['26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'].map((hex) =>
    BigInt(`0x${Buffer.from(hex, 'hex').reverse().toString('hex')}`),
  )
  const small = [0n, 1n, PRIME - 1n, ...eighths, ...eighths.map((y) => PRIME - y)]
  const others = Array.from({ length: 19 }, (_, above) => PRIME + BigInt(above))
  expect(small).toHaveLength(5)
  for (const y of [...small, ...others])
    for (const sign of [0, 1] as const) expect(parseProofJwk(pointOf(y, sign))).toBeNull()
  // Their neighbours are judged by the curve, when a signature is.
  for (const y of [2n, 3n, PRIME - 2n, PRIME - 3n])
    expect(parseProofJwk(pointOf(y, 0))).toEqual(pointOf(y, 0))
})

test('POP-01 a point of small order signs for nobody', async () => {
  const key = await createEd25519Key()
  // R the neutral point and S zero: it holds for a point of order one, whatever the message.
  const signature = Buffer.concat([Buffer.from([1]), Buffer.alloc(63)]).toString('base64url')
  for (let jti = 0; jti < 32; jti++) {
    const jwk = pointOf(1n, 0)
    const proof = await key.prove({ ...HERE, jti: `the-jti-${jti}`, header: { jwk } })
    const forged = `${proof.slice(0, proof.lastIndexOf('.'))}.${signature}`
    expect(await openProof(forged)).toBeNull()
  }
})

test('POP-01 an x that is on no curve is no key', async () => {
  const key = await createEd25519Key()
  expect(await openProof(await key.prove({ ...HERE, header: { jwk: pointOf(2n, 0) } }))).toBeNull()
})

test('POP-01 a device of Ed25519 is named on the wire by its public members alone', async () => {
  const server = startServer()
  const key = await createEd25519Key()
  const { typed } = await server.pair.codes.issue({ origin: ORIGIN })
  const send = async (publicKey: unknown): Promise<[number, unknown]> => {
    const body = { code: typed, device: { label: 'A', kind: 'app', publicKey } }
    const at = { htm: 'POST', htu: `${ORIGIN}/auth/redeem`, at: NOON }
    const proof = await key.prove({ ...at, body })
    const answer = await createVisitor(server).call('POST', '/redeem', { body, proof })
    return [answer.status, answer.body.code]
  }
  expect(await send({ ...key.jwk, d: 'x' })).toEqual([400, 'invalid_request'])
  expect(await send({ ...key.jwk, crv: 'X25519' })).toEqual([400, 'invalid_request'])
  expect(await send({ ...key.jwk, x: 1 })).toEqual([400, 'invalid_request'])
  expect(await send((await createEd25519Key()).jwk)).toEqual([401, 'proof_invalid'])
  expect(await send({ ...key.jwk, kid: 'of no matter' })).toEqual([200, undefined])
})

describe('keys that are known', () => {
  test('POP-01 a header that held before vouches for no other signature', async () => {
    for (const [key, other] of [
      [await createDeviceKey(), await createDeviceKey()],
      [await createEd25519Key(), await createEd25519Key()],
    ] as const) {
      const known: KnownHeaders = new Map()
      expect(await openProof(await key.prove(HERE), known)).toMatchObject({ jwk: key.jwk })
      expect(known.size).toBe(1)
      const forged = await other.prove({ ...HERE, header: { jwk: key.jwk } })
      expect(await openProof(forged, known)).toBeNull()
      expect(await openProof(await key.prove(HERE), known)).toMatchObject({
        thumbprint: key.thumbprint,
      })
    }
  })

  test('POP-02 no more than a thousand are held, and none whose signature does not hold', async () => {
    const known: KnownHeaders = new Map()
    const [key, other] = [await createEd25519Key(), await createEd25519Key()]
    const forged = await other.prove({ ...HERE, header: { jwk: key.jwk } })
    expect([await openProof(forged, known), known.size]).toEqual([null, 0])
    let most = 0
    for (let count = 0; count < 1_050; count++) {
      const stranger = await createEd25519Key()
      expect(await openProof(await stranger.prove(HERE), known)).not.toBeNull()
      most = Math.max(most, known.size)
    }
    expect(most).toBe(1_000)
    expect(await openProof(await key.prove(HERE), known)).not.toBeNull()
    expect(known.size).toBeLessThan(1_000)
  })
})
