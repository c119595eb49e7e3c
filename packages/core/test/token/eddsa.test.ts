import { hkdfSync, createPrivateKey, sign as nodeSign } from 'node:crypto'
import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify, SignJWT, importJWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { sha256Base64Url, utf8 } from '../../src/encoding/bytes.ts'
import { canonicalJson } from '../../src/encoding/canonical-json.ts'
import { thumbprintOf } from '../../src/proof/proof-key.ts'
import { pairKey, signWithPair, verifyWithPublic } from '../../src/token/eddsa-crypto.ts'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import { createDeviceKey } from '../kit/device.ts'
import { keysFrom } from '../kit/keys.ts'
import { headerOf } from '../kit/rotations.ts'
import { askToken, pairWith, SCREENS, WALL } from '../kit/screens.ts'
import { ORIGIN, SECRET, startServer, type Server } from '../kit/server.ts'

const fromText = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'))

/** RFC 8037 A.1 */
const RFC_SEED = fromText('nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A')
const RFC_X = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
/** RFC 8037 A.3 */
const RFC_THUMBPRINT = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'
/** RFC 8037 A.4 and A.5 */
const RFC_JWS =
  'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg'

async function setOf(server: Server): Promise<{ keys: Record<string, string>[] }> {
  const response = await server.pair.handler(new Request(`${ORIGIN}/auth/jwks.json`))
  return (await response!.json()) as never
}

describe('SES-11 EdDSA', () => {
  test('SES-11 the examples of RFC 8037: the key of a seed, its thumbprint, its signature', async () => {
    const { publicJwk, privateKey } = await pairKey('session', RFC_SEED)
    expect(publicJwk).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x: RFC_X,
      kid: RFC_THUMBPRINT,
      alg: 'EdDSA',
      use: 'sig',
    })
    expect(thumbprintOf({ kty: 'OKP', crv: 'Ed25519', x: RFC_X })).toBe(RFC_THUMBPRINT)
    expect(await calculateJwkThumbprint(publicJwk)).toBe(RFC_THUMBPRINT)
    const [head, body, tail] = RFC_JWS.split('.')
    const signature = await crypto.subtle.sign('Ed25519', privateKey, utf8(`${head}.${body}`))
    expect(toBase64Url(new Uint8Array(signature))).toBe(tail)
  })

  test('POP-01 the example of RFC 7638 §3.1: the members that make a key, in order, hashed', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
    expect(sha256Base64Url(canonicalJson({ kty: 'RSA', n, e: 'AQAB' }))).toBe(
      'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    )
  })

  test('SES-11 the keys are Ed25519 of HKDF of the secret, one a kind, generation and namespace', async () => {
    const [session, resource] = await keysFrom(SECRET, { signing: 'eddsa' }).publicKeys()
    const seed = hkdfSync('sha256', SECRET, '', 'pair/pair/token/session/eddsa/key_first/v1', 32)
    const { publicJwk } = await pairKey('session', new Uint8Array(seed))
    expect(publicJwk).toEqual(session)
    const others = await Promise.all([
      keysFrom(SECRET, { signing: 'eddsa', namespace: 'other' }).publicKeys(),
      keysFrom(`${SECRET}x`, { signing: 'eddsa' }).publicKeys(),
    ])
    const all = [session!, resource!, ...others.flat()]
    expect(new Set(all.map(({ x }) => x)).size).toBe(6)
    for (const key of all) expect(key.kid).toBe(await calculateJwkThumbprint(key))
    expect(await keysFrom(SECRET).publicKeys()).toEqual([])
  })

  test('SES-11 jose verifies session and resource tokens by our key set, with issuer, audience and typ', async () => {
    const server = startServer({ signing: 'eddsa', keyless: 'full', resources: SCREENS })
    const issuer = await server.pair.signingKeys.issuer()
    const key = await createDeviceKey()
    for (const wish of [{ transport: 'bearer' }, { key, transport: 'dpop' }] as const) {
      const visitor = await pairWith(server, ['screen:view'], wish)
      const { resourceToken } = (await askToken(visitor, WALL, 'view')).body
      const set = createLocalJWKSet((await setOf(server)) as never)
      const currentDate = new Date(server.clock())
      const requiredClaims = ['sub', 'sid', 'iat', 'exp', 'jti']
      const session = await jwtVerify(visitor.accessToken!, set, {
        issuer,
        audience: issuer,
        typ: 'pair-session+jwt',
        algorithms: ['EdDSA'],
        requiredClaims,
        currentDate,
      })
      expect(session.payload.sid).toBe(visitor.session.id)
      const resource = await jwtVerify(resourceToken, set, {
        issuer,
        audience: `${issuer}/resource`,
        typ: 'pair-resource+jwt',
        algorithms: ['EdDSA'],
        requiredClaims: [...requiredClaims, 'resource', 'mode'],
        currentDate,
      })
      expect(resource.payload).toMatchObject({ resource: WALL, mode: 'view' })
      const cnf = 'key' in wish ? { jkt: key.thumbprint } : undefined
      expect([session.payload.cnf, resource.payload.cnf]).toEqual([cnf, cnf])
      expect(headerOf(resourceToken).kid).not.toBe(headerOf(visitor.accessToken!).kid)
    }
  })

  test('SES-11 a token that jose signed with our key counts where its header is ours to the letter', async () => {
    const { publicJwk, headerSegment } = await pairKey('session', RFC_SEED)
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: RFC_X, d: toBase64Url(RFC_SEED) }
    const privateKey = await importJWK(jwk, 'EdDSA')
    const signed = (header: object): Promise<string> =>
      new SignJWT({ n: 1 }).setProtectedHeader(header as { alg: string }).sign(privateKey)
    const right = { alg: 'EdDSA', kid: publicJwk.kid, typ: 'pair-session+jwt' }
    expect(await verifyWithPublic(publicJwk, headerSegment, await signed(right))).toEqual({ n: 1 })
    for (const wrong of [
      { ...right, alg: 'Ed25519' },
      { alg: 'EdDSA', typ: right.typ, kid: right.kid },
      { ...right, typ: 'pair-resource+jwt' },
      { ...right, jwk: publicJwk },
    ])
      expect(await verifyWithPublic(publicJwk, headerSegment, await signed(wrong))).toBeNull()
  })

  test('SES-03 a signature with its other S, and one of a point of small order, are refused', async () => {
    const own = await pairKey('session', RFC_SEED)
    const text = await signWithPair(own, { n: 1 })
    const [head = '', body = '', tail = ''] = text.split('.')
    // RFC 8032 §5.1.7: S is below the order of the group, or two signatures would stand for one.
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    const bytes = fromText(tail)
    let s = bytes.subarray(32).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n) + order
    for (let at = 32; at < 64; at++, s /= 256n) bytes[at] = Number(s % 256n)
    const verify = (signature: Uint8Array): Promise<unknown> =>
      verifyWithPublic(
        own.publicJwk,
        own.headerSegment,
        `${head}.${body}.${toBase64Url(signature)}`,
      )
    expect(await verify(fromText(tail))).toEqual({ n: 1 })
    expect(await verify(bytes)).toBeNull()
    expect(await verify(new Uint8Array(64))).toBeNull()
    expect(await verify(Uint8Array.from({ length: 64 }, (_, at) => (at === 0 ? 1 : 0)))).toBeNull()
    for (const length of [0, 1, 63, 65, 128])
      expect(await verify(new Uint8Array(length))).toBeNull()
  })

  test('SES-11 Node signs the same text as we do', async () => {
    const own = await pairKey('resource', RFC_SEED)
    const text = await signWithPair(own, { n: 1 })
    const key = createPrivateKey({
      format: 'jwk',
      key: { kty: 'OKP', crv: 'Ed25519', x: RFC_X, d: toBase64Url(RFC_SEED) },
    })
    const signed = text.slice(0, text.lastIndexOf('.'))
    expect(nodeSign(null, Buffer.from(signed), key).toString('base64url')).toBe(text.split('.')[2])
  })
})
