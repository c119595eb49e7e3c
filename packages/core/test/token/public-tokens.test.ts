import { describe, expect, test } from 'vitest'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import { sha256Base64Url, utf8 } from '../../src/encoding/bytes.ts'
import {
  pairKey,
  signWithPair,
  verifyWithPublic,
  type PairKey,
} from '../../src/token/eddsa-crypto.ts'
import { verifyByPublicKeys } from '../../src/token/public-keys-crypto.ts'
import { TOKEN_LIMIT } from '../../src/token/token-text.ts'
import { SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'

const segment = (text: string): string => toBase64Url(utf8(text))
const SESSION_CLAIMS = {
  iss: 'home',
  aud: 'home',
  sub: 'owner',
  sid: `ses_${'A'.repeat(22)}`,
  iat: NOON / SECOND,
  exp: NOON / SECOND + 60,
  jti: 'jti',
}
const RESOURCE_CLAIMS = {
  ...SESSION_CLAIMS,
  aud: 'home/resource',
  resource: 'room/1',
  mode: 'view',
}

describe('a token that others verify', () => {
  const seed = new Uint8Array(32).fill(3)
  const verify = (keys: readonly object[], text: string, now = NOON): Promise<unknown> =>
    verifyByPublicKeys('session', text, { keys: { keys }, issuer: 'home', now })
  const signed = async (key: PairKey, over: object = {}): Promise<string> =>
    signWithPair(key, { ...SESSION_CLAIMS, ...over })

  test('SES-11 names its key by RFC 7638, and its kind', async () => {
    const { publicJwk, header, headerSegment } = await pairKey('resource', seed)
    const { x } = publicJwk
    const kid = sha256Base64Url(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`)
    // RFC 8032: the public key of thirty-two threes
    expect(x).toMatch(/^[\w-]{43}$/)
    expect(publicJwk).toEqual({ kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' })
    expect(header).toEqual({ alg: 'EdDSA', kid, typ: 'pair-resource+jwt' })
    expect(headerSegment).toBe(segment(JSON.stringify(header)))
  })

  test('SES-11 is that of RFC 8037 A.1 for its seed', async () => {
    const a1 = Uint8Array.from(
      Buffer.from('nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', 'base64url'),
    )
    const { publicJwk } = await pairKey('session', a1)
    expect(publicJwk).toMatchObject({
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    })
  })

  test('SES-11 holds by its key, its header and its signature, all three', async () => {
    const key = await pairKey('session', seed)
    const other = await pairKey('session', new Uint8Array(32))
    const text = await signWithPair(key, { a: 1 })
    expect(await verifyWithPublic(key.publicJwk, key.headerSegment, text)).toEqual({ a: 1 })
    expect(await verifyWithPublic(key.publicJwk, other.headerSegment, text)).toBeNull()
    expect(await verifyWithPublic(other.publicJwk, key.headerSegment, text)).toBeNull()
    expect(await verifyWithPublic(key.publicJwk, key.headerSegment, 'text')).toBeNull()
  })

  test('SES-03 holds in one spelling of its signature, and up to four kilobytes', async () => {
    const { publicJwk, headerSegment, ...key } = await pairKey('session', seed)
    const read = (text: string): Promise<unknown> =>
      verifyWithPublic(publicJwk, headerSegment, text)
    const sign = (claims: object): Promise<string> =>
      signWithPair({ publicJwk, headerSegment, ...key }, claims)
    const text = await sign({ a: 1 })
    const signed = text.slice(0, text.lastIndexOf('.'))
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const next = alphabet[alphabet.indexOf(text.at(-1)!) + 1]
    for (const wrong of [`${text}=`, `${text.slice(0, -1)}${next}`, `${signed}.***`, `${signed}.`])
      expect(await read(wrong), wrong).toBeNull()
    const long = async (from: number): Promise<string> => {
      const made = await sign({ a: 'a'.repeat(from) })
      return made.length >= TOKEN_LIMIT ? made : long(from + 1)
    }
    const most = await long(2_800)
    const count = (await sign({ a: 'a'.repeat(2_800) })).length
    expect(count).toBeLessThan(TOKEN_LIMIT)
    // the first that is as long as may be, or longer
    expect((await read(most)) !== null).toBe(most.length === TOKEN_LIMIT)
    expect(await read(await sign({ a: 'a'.repeat(3_000) }))).toBeNull()
  })

  test('SES-11 is verified by the key set alone, whatever else lies in that', async () => {
    const key = await pairKey('session', seed)
    const other = await pairKey('session', new Uint8Array(32))
    const { publicJwk } = key
    const text = await signed(key)
    const strange = [{ kty: 'RSA' }, { ...publicJwk, x: 7 }, { ...publicJwk, kid: 7 }]
    const odd = [
      { ...publicJwk, crv: 'X25519' },
      { ...publicJwk, kty: 'EC' },
    ]
    expect(await verify([...strange, ...odd, other.publicJwk, publicJwk], text)).toEqual(
      SESSION_CLAIMS,
    )
    const nothing = [null, 'key', 7] as unknown as object[]
    expect(await verify([...nothing, publicJwk], text)).toEqual(SESSION_CLAIMS)
    for (const keys of [nothing, [], [other.publicJwk], strange, odd])
      expect(await verify(keys, text)).toBeNull()
  })

  test('SES-04 is none of another kind, issuer or time', async () => {
    const key = await pairKey('session', seed)
    const keys = [key.publicJwk]
    const text = await signed(key)
    const resource = await pairKey('resource', seed)
    expect(await verify(keys, await signed(resource))).toBeNull()
    expect(await verify(keys, await signed(key, { iss: 'other' }))).toBeNull()
    expect(await verify(keys, text, NOON + 60 * SECOND - 1)).toEqual(SESSION_CLAIMS)
    expect(await verify(keys, text, NOON + 60 * SECOND)).toBeNull()
    expect(await verify(keys, text, NOON - 15 * SECOND)).toEqual(SESSION_CLAIMS)
    expect(await verify(keys, text, NOON - 15 * SECOND - 1)).toBeNull()
    const opens = await signWithPair(resource, RESOURCE_CLAIMS)
    expect(
      await verifyByPublicKeys('resource', opens, {
        keys: { keys: [resource.publicJwk] },
        issuer: 'home',
        now: NOON,
      }),
    ).toEqual(RESOURCE_CLAIMS)
  })
})
