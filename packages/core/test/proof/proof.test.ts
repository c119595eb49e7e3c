import { describe, expect, test } from 'vitest'
import { sha256Base64Url } from '../../src/encoding/bytes.ts'
import type { PublicKeyJwk } from '../../src/http/wire.ts'
import { openProof } from '../../src/proof/proof-crypto.ts'
import { checkProof } from '../../src/proof/proof.ts'
import { createDeviceKey, type DeviceKey, type ProofWish } from '../kit/device.ts'
import { NOON } from '../kit/clock.ts'
import { ORIGIN, startServer } from '../kit/server.ts'
import { createVisitor, pairVisitor } from '../kit/visitor.ts'

const APP = `${ORIGIN}/app/notes`
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

interface Bound {
  key: DeviceKey<Extract<PublicKeyJwk, { kty: 'EC' }>>
  token: string
  /** What the guard of a page says to the token with that proof: `ok`, or the code of the refusal. */
  ask(proof: string | null, scheme?: string, url?: string): Promise<string>
  /** The same with a right proof but for what is wished. */
  wish(wish?: Partial<ProofWish>): Promise<string>
  at(ms: number): void
}

async function bound(): Promise<Bound> {
  const server = startServer()
  const key = await createDeviceKey()
  const visitor = await pairVisitor(server, { key, transport: 'dpop' })
  const token = visitor.accessToken!
  const ask: Bound['ask'] = async (proof, scheme = 'DPoP', url = `${APP}?page=2`) => {
    const headers = {
      authorization: `${scheme} ${token}`,
      ...(proof === null ? {} : { dpop: proof }),
    }
    const guarded = await server.pair.guard(new Request(url, { headers }), undefined, {})
    return guarded.ok ? 'ok' : ((await guarded.response.json()) as { code: string }).code
  }
  return {
    key,
    token,
    ask,
    wish: async (wish = {}) =>
      ask(await key.prove({ htm: 'GET', htu: APP, at: server.clock(), token, ...wish })),
    at: (ms) => server.clock.set(ms),
  }
}

describe('POP-01', () => {
  test('POP-01 a right proof passes, and a wrong claim or header is refused', async () => {
    const { wish } = await bound()
    expect(await wish()).toBe('ok')
    const wrong: Record<string, Partial<ProofWish>> = {
      'typ JWT': { header: { typ: 'JWT' } },
      'typ DPOP+JWT': { header: { typ: 'DPOP+JWT' } },
      'no typ': { header: { typ: undefined } },
      'alg none': { header: { alg: 'none' } },
      'alg HS256': { header: { alg: 'HS256' } },
      'alg RS256': { header: { alg: 'RS256' } },
      'alg ES384': { header: { alg: 'ES384' } },
      'no alg': { header: { alg: undefined } },
      'no jwk': { header: { jwk: undefined } },
      'jwk null': { header: { jwk: null } },
      'jwk text': { header: { jwk: 'x' } },
      'jwk list': { header: { jwk: [] } },
      'a kid beside': { header: { kid: 'x' } },
      crit: { header: { crit: ['exp'], exp: 1 } },
      'b64 false': { header: { b64: false } },
      'no jti': { claims: { jti: undefined } },
      'jti a number': { claims: { jti: 12_345_678 } },
      'jti empty': { jti: '' },
      'jti of 7': { jti: 'x'.repeat(7) },
      'jti of 129': { jti: 'x'.repeat(129) },
      'htm POST': { htm: 'POST' },
      'htm get': { htm: 'get' },
      'no htm': { claims: { htm: undefined } },
      'htu of another path': { htu: `${ORIGIN}/app` },
      'htu with a slash more': { htu: `${APP}/` },
      'htu of another host': { htu: APP.replace('localhost', '127.0.0.1') },
      'htu of another port': { htu: APP.replace('3000', '3001') },
      'htu of another scheme': { htu: APP.replace('http:', 'https:') },
      'htu ws': { htu: APP.replace('http:', 'ws:') },
      'htu a path': { htu: '/app/notes' },
      'htu empty': { htu: '' },
      'htu a list': { claims: { htu: [APP] } },
      'no htu': { claims: { htu: undefined } },
      'no ath': { claims: { ath: undefined } },
      'ath of another': { claims: { ath: sha256Base64Url('another') } },
      'ath a list': { claims: { ath: [] } },
      'iat a text': { claims: { iat: String(NOON / 1000) } },
      'iat a fraction': { claims: { iat: NOON / 1000 + 0.5 } },
      'no iat': { claims: { iat: undefined } },
      'iat null': { claims: { iat: null } },
    }
    for (const [name, one] of Object.entries(wrong))
      expect(await wish(one), name).toBe('proof_invalid')
    expect(await wish({ claims: { iat: NOON } }), 'iat in ms').toBe('use_dpop_nonce')
    expect(await wish({ header: { alg: 'ES256' } })).toBe('ok')
  })

  test('POP-01 htu counts in its normal form, without query and fragment', async () => {
    const { wish } = await bound()
    for (const htu of [
      `${APP}?other=1`,
      `${APP}#x`,
      APP.replace('http://localhost', 'HTTP://LOCALHOST'),
      `${ORIGIN}/app/./notes`,
      `${ORIGIN}/x/../app/notes`,
    ]) {
      expect(await wish({ htu }), htu).toBe('ok')
    }
  })

  test('POP-01 a proof is taken from 300 s old to 5 s in the future, to the second', async () => {
    const { wish, at } = await bound()
    const iat = NOON + 60_000
    for (const [now, outcome] of [
      [iat + 300_000, 'ok'],
      [iat + 300_001, 'use_dpop_nonce'],
      [iat - 5_000, 'ok'],
      [iat - 5_001, 'use_dpop_nonce'],
      [iat, 'ok'],
      [iat + 400_000, 'use_dpop_nonce'],
      [iat - 60_000, 'use_dpop_nonce'],
    ] as const) {
      at(now)
      expect(await wish({ at: iat }), String(now - iat)).toBe(outcome)
    }
    at(NOON)
    for (const year of [0, -1, 2 ** 53, -(2 ** 40), Number.MAX_SAFE_INTEGER])
      expect(await wish({ claims: { iat: year } })).toBe(
        Number.isSafeInteger(year) ? 'use_dpop_nonce' : 'proof_invalid',
      )
  })

  test('POP-01 a bound token counts under the scheme DPoP alone, with its proof, in any case', async () => {
    const { ask, key, token } = await bound()
    const proof = (): Promise<string> => key.prove({ htm: 'GET', htu: APP, at: NOON, token })
    expect(await ask(await proof(), 'Bearer')).toBe('session_invalid')
    expect(await ask(null, 'Bearer')).toBe('session_invalid')
    expect(await ask(null)).toBe('proof_required')
    expect(await ask(await proof(), 'dpop')).toBe('ok')
    expect(await ask(await proof(), 'DPOP')).toBe('ok')
    expect(await ask(`${await proof()}, ${await proof()}`)).toBe('duplicate_credentials')
  })

  test('POP-01 an unbound token does not pass under the scheme DPoP', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server, { transport: 'bearer' })
    const key = await createDeviceKey()
    const dpop = await key.prove({ htm: 'GET', htu: APP, at: NOON, token: visitor.accessToken! })
    const guarded = await server.pair.guard(
      new Request(APP, { headers: { authorization: `DPoP ${visitor.accessToken}`, dpop } }),
      undefined,
      {},
    )
    expect(guarded.ok).toBe(false)
  })

  test('POP-01 of P-256 only a public key, in its one spelling, is a key', async () => {
    const { ask, key, token } = await bound()
    const { d } = await crypto.subtle.exportKey('jwk', key.privateKey)
    const { jwk } = key
    const prove = (with_: unknown): Promise<string> =>
      key.prove({ htm: 'GET', htu: APP, at: NOON, token, header: { jwk: with_ } })
    // The last character of 32 bytes has two spare bits: the same point by other texts, and so by other thumbprints.
    const respelled = (text: string): string =>
      text.slice(0, -1) + ALPHABET[ALPHABET.indexOf(text.at(-1)!) ^ 1]!
    const wrong: unknown[] = [
      { ...jwk, d },
      { ...jwk, d: null },
      { ...jwk, k: 'AAAA' },
      { ...jwk, x: `${jwk.x}=` },
      { ...jwk, x: jwk.x.slice(1) },
      { ...jwk, x: `A${jwk.x}` },
      { ...jwk, x: jwk.y, y: jwk.x },
      { ...jwk, x: respelled(jwk.x) },
      { ...jwk, y: respelled(jwk.y) },
      { ...jwk, crv: 'P-384' },
      { ...jwk, kty: 'OKP', crv: 'Ed25519' },
      { kty: 'oct', k: 'AAAA' },
      { kty: 'RSA', n: 'AQAB', e: 'AQAB' },
      {},
    ]
    for (const one of wrong)
      expect(await ask(await prove(one)), JSON.stringify(one)).toBe('proof_invalid')
    expect(await ask(await prove(jwk))).toBe('ok')
  })

  test('POP-01 a key that is respelled opens no second device', async () => {
    const key = await createDeviceKey()
    for (const part of ['x', 'y'] as const) {
      const text = key.jwk[part]
      const jwk = {
        ...key.jwk,
        [part]: text.slice(0, -1) + ALPHABET[ALPHABET.indexOf(text.at(-1)!) ^ 1]!,
      }
      expect(
        await openProof(await key.prove({ htm: 'GET', htu: APP, at: NOON, header: { jwk } })),
      ).toBeNull()
    }
  })

  test('POP-01 a signature that does not hold, or is of another form, is refused', async () => {
    const { ask, key, token } = await bound()
    const right = await key.prove({ htm: 'GET', htu: APP, at: NOON, token })
    const [head = '', body = '', tail = ''] = right.split('.')
    const signature = Buffer.from(tail, 'base64url')
    const der = await derOf(signature)
    const wrong = [
      `${head}.${body}.`,
      `${head}.${body}`,
      `${head}.${body}.AA`,
      `${head}.${body}.${'A'.repeat(86)}`,
      `${head}.${body}.${der}`,
      `${head}.${body}.${tail.slice(2)}`,
      `${head}.${body}.${tail}AA`,
      `${right}=`,
      `${right}.`,
      ` . . `,
      '',
      'x',
      '{}',
      `${head}.${Buffer.from(`${Buffer.from(body, 'base64url').toString()} `).toString('base64url')}.${tail}`,
    ]
    for (const text of wrong) expect(['proof_invalid', 'proof_required']).toContain(await ask(text))
    const other = await createDeviceKey()
    expect(
      await ask(
        await other.prove({ htm: 'GET', htu: APP, at: NOON, token, header: { jwk: key.jwk } }),
      ),
    ).toBe('proof_invalid')
    expect(await ask(await other.prove({ htm: 'GET', htu: APP, at: NOON, token }))).toBe(
      'proof_invalid',
    )
    expect(await ask(right)).toBe('ok')
  })

  test('POP-01 a refused proof tells the time of the server and how to prove', async () => {
    const server = startServer()
    const key = await createDeviceKey()
    const visitor = await pairVisitor(server, { key, transport: 'dpop' })
    server.clock.advance(600_000)
    const proof = await key.prove({
      htm: 'POST',
      htu: `${ORIGIN}/auth/sessions`,
      at: NOON + 600_000,
      token: visitor.accessToken!,
    })
    const answer = await visitor.call('GET', '/sessions', { proof })
    expect(answer.body).toMatchObject({
      status: 401,
      code: 'proof_invalid',
      time: new Date(NOON + 600_000).toISOString(),
    })
    expect(answer.headers.get('www-authenticate')).toMatch(
      /^DPoP error="invalid_dpop_proof", algs="ES256 EdDSA Ed25519"$/,
    )
  })

  test('POP-01 a key is named in a redeem only with a proof of it that covers the body', async () => {
    const server = startServer()
    const [key, other] = [await createDeviceKey(), await createDeviceKey()]
    const { typed } = await server.pair.codes.issue({ origin: ORIGIN })
    const body = { code: typed, device: { label: 'A', kind: 'browser', publicKey: key.jwk } }
    const target = { htm: 'POST', htu: `${ORIGIN}/auth/redeem`, at: NOON }
    const call = async (proof: string | false, sent: unknown = body): Promise<unknown> =>
      (
        await createVisitor(server).call('POST', '/redeem', {
          body: sent,
          ...(proof === false ? {} : { proof }),
        })
      ).body.code
    expect(await call(false)).toBe('proof_required')
    expect(await call(await key.prove(target))).toBe('proof_invalid')
    expect(await call(await key.prove({ ...target, body: { ...body, code: 'another' } }))).toBe(
      'proof_invalid',
    )
    expect(await call(await other.prove({ ...target, body }))).toBe('proof_invalid')
    expect(await call(await key.prove({ ...target, body, token: 'x' }))).toBe('proof_invalid')
    expect(
      await call(await key.prove({ ...target, body }), { ...body, scopes: ['notes:read'] }),
    ).toBe('proof_invalid')
    const padded = { ...body, device: { ...body.device, publicKey: { ...key.jwk, d: 'x' } } }
    expect(await call(await key.prove({ ...target, body: padded }), padded)).toBe('invalid_request')
    // Canonical form: another order of members is the same body.
    const reordered = { device: { kind: 'browser', publicKey: key.jwk, label: 'A' }, code: typed }
    expect(await call(await key.prove({ ...target, body }), reordered)).toBeUndefined()
  })
})

async function derOf(raw: Buffer): Promise<string> {
  const integer = (bytes: Buffer): Buffer => {
    const trimmed = bytes.subarray(bytes.findIndex((byte) => byte !== 0))
    const padded = trimmed[0]! & 0x80 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed
    return Buffer.concat([Buffer.of(2, padded.length), padded])
  }
  const both = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))])
  return Buffer.concat([Buffer.of(0x30, both.length), both]).toString('base64url')
}

describe('POP-01 the examples of RFC 9449', () => {
  const jwk =
    'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19'
  const figure2 = `${jwk}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`
  const figure12 = `${jwk}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA`
  const thumbprint = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'

  test('POP-01 the proof of a token request (figure 2) holds at its time, with the thumbprint of figure 9', async () => {
    const opened = await openProof(figure2)
    expect(opened).toMatchObject({
      thumbprint,
      claims: {
        jti: '-BwC3ESc6acc2lTc',
        htm: 'POST',
        htu: 'https://server.example.com/token',
        iat: 1_562_262_616,
      },
    })
    const target = {
      method: 'POST',
      url: 'https://server.example.com/token',
      ath: null,
      bodyHash: null,
      thumbprint,
    }
    expect(checkProof(opened!.claims, thumbprint, target, 1_562_262_616_000)).toEqual({ ok: true })
    expect(checkProof(opened!.claims, thumbprint, target, 1_562_262_616_000 + 300_001)).toEqual({
      ok: false,
      fault: 'time',
    })
    expect(
      checkProof(opened!.claims, thumbprint, { ...target, method: 'GET' }, 1_562_262_616_000),
    ).toEqual({ ok: false, fault: 'method' })
  })

  test('POP-01 the proof of a request with a token (figure 12) holds for that token alone', async () => {
    const opened = await openProof(figure12)
    const token = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'
    expect(opened).toMatchObject({ thumbprint, claims: { ath: sha256Base64Url(token) } })
    const target = {
      method: 'GET',
      url: 'https://resource.example.org/protectedresource',
      ath: sha256Base64Url(token),
      bodyHash: null,
      thumbprint,
    }
    expect(checkProof(opened!.claims, thumbprint, target, 1_562_262_618_000)).toEqual({ ok: true })
    expect(
      checkProof(
        opened!.claims,
        thumbprint,
        { ...target, ath: sha256Base64Url(`${token}x`) },
        1_562_262_618_000,
      ),
    ).toEqual({ ok: false, fault: 'ath' })
    expect(
      checkProof(opened!.claims, thumbprint, { ...target, ath: null }, 1_562_262_618_000),
    ).toEqual({ ok: false, fault: 'ath' })
  })
})
