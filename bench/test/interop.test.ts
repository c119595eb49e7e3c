import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { createSigner, createVerifier } from 'fast-jwt'
import jsonwebtoken from 'jsonwebtoken'
import { describe, expect, test } from 'vitest'
import {
  pairKey,
  signWithPair,
  verifyWithPublic,
} from '../../packages/core/src/token/eddsa-crypto.ts'
import { signToken, tokenKey, verifyToken } from '../../packages/core/src/token/token-crypto.ts'
import { claims } from '../src/peers.ts'

const bytes = crypto.getRandomValues(new Uint8Array(32))
const key = tokenKey('session', bytes)
const secret = Buffer.from(bytes)
const payload = claims()
const { iss, aud } = payload as { iss: string; aud: string }

/** How each reads a token of that key. hono/jwt is not among them: it takes no `typ` but `JWT`. */
const verifiers: Record<string, (text: string) => unknown> = {
  ours: (text) => verifyToken(key, text),
  'fast-jwt': createVerifier({
    key: secret,
    algorithms: ['HS256'],
    allowedIss: iss,
    allowedAud: aud,
    cache: false,
  }) as (text: string) => unknown,
  jsonwebtoken: (text) =>
    jsonwebtoken.verify(text, secret, { algorithms: ['HS256'], issuer: iss, audience: aud }),
}

async function claimsBy(name: string, text: string): Promise<unknown> {
  try {
    return await verifiers[name]!(text)
  } catch {
    return null
  }
}

describe('SEC-02 beside other libraries', () => {
  test.each(Object.keys(verifiers))(
    'SEC-02 %s reads our token, and none that was changed',
    async (name) => {
      const text = signToken(key, payload)
      expect(await claimsBy(name, text)).toEqual(payload)
      for (let at = 0; at < text.length; at += 3) {
        // a letter that differs in its highest bit: a lower one may be padding, which others leave unread
        const other = text[at] === 'A' ? 'g' : 'A'
        const changed = `${text.slice(0, at)}${other}${text.slice(at + 1)}`
        expect([at, await claimsBy(name, changed)]).toEqual([at, null])
      }
      expect(
        await claimsBy(
          name,
          signToken(
            tokenKey(
              'session',
              bytes.map((byte) => byte ^ 1),
            ),
            payload,
          ),
        ),
      ).toBeNull()
    },
  )

  const header = { alg: 'HS256', kid: key.kid, typ: 'pair-session+jwt' }
  const theirs: [string, string][] = [
    ['fast-jwt', createSigner({ key: secret, algorithm: 'HS256', header })(payload)],
    ['jsonwebtoken', jsonwebtoken.sign(payload, secret, { header })],
  ]

  test.each(theirs)(
    'SEC-02 %s signs as we do, but its header is not ours to the letter',
    (_, text) => {
      const [head = '', body, signature] = text.split('.')
      expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual(header)
      expect(key.mac(`${head}.${body}`)).toBe(signature)
      expect(head).not.toBe(key.headerSegment)
      expect(verifyToken(key, text)).toBeNull()
      const ours = `${key.headerSegment}.${body}`
      expect(verifyToken(key, `${ours}.${key.mac(ours)}`)).toEqual(payload)
    },
  )
})

test('SES-11 fast-jwt reads our EdDSA token by the public key, and we read one of its making', async () => {
  const pair = await pairKey('session', bytes)
  const publicKey = createPublicKey({ key: { ...pair.publicJwk }, format: 'jwk' })
  const pem = (one: KeyObject, type: 'spki' | 'pkcs8'): string =>
    one.export({ type, format: 'pem' }).toString()
  const read = createVerifier({ key: pem(publicKey, 'spki'), algorithms: ['EdDSA'], cache: false })
  const text = await signWithPair(pair, payload)
  expect(read(text)).toEqual(payload)
  expect(await verifyWithPublic(pair.publicJwk, pair.headerSegment, text)).toEqual(payload)

  const seed = { kty: 'OKP', crv: 'Ed25519', x: pair.publicJwk.x, d: secret.toString('base64url') }
  const privateKey = createPrivateKey({ key: seed, format: 'jwk' })
  const { header } = pair
  const made = createSigner({ key: pem(privateKey, 'pkcs8'), algorithm: 'EdDSA', header })(payload)
  expect(await verifyWithPublic(pair.publicJwk, made.split('.', 1)[0]!, made)).toEqual(payload)
  const ours = await verifyWithPublic(pair.publicJwk, pair.headerSegment, made)
  expect(ours === null).toBe(made.split('.', 1)[0] !== pair.headerSegment)
})
