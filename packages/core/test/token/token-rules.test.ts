import { describe, expect, test } from 'vitest'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import { sha256Base64Url, utf8 } from '../../src/encoding/bytes.ts'
import { parseResourceClaims, resourceAudience } from '../../src/token/resource-claims.ts'
import {
  drawNamedSecret,
  drawSecret,
  hashSecret,
  parseNamedSecret,
} from '../../src/token/secret.ts'
import { parseSessionClaims } from '../../src/token/session-claims.ts'
import { signToken, tokenKey, typOf, verifyToken } from '../../src/token/token-crypto.ts'
import { parseOwnSegment, parseTokenText, TOKEN_LIMIT } from '../../src/token/token-text.ts'
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
const CNF = { jkt: 'k'.repeat(43) }

describe('the text of a token', () => {
  const text = `${segment('{"a":1}')}.${segment('{"b":2}')}.c2ln`

  test('SES-03 is three segments, each in its one spelling', () => {
    expect(parseTokenText(text)).toEqual({
      header: { a: 1 },
      payload: { b: 2 },
      signature: utf8('sig'),
      signed: text.slice(0, -5),
      headerSegment: segment('{"a":1}'),
    })
    const [head = '', body = ''] = text.split('.')
    const others = ['', 'a.', '.b', '..', `${head}.${body}`, `${text}.`, `${text}.c2ln`]
    const empty = [`.${body}.c2ln`, `${head}..c2ln`, `${head}.${body}.`]
    const odd = [
      `${head}=.${body}.c2ln`,
      `${head}.${body}.c2lo=`,
      `${head}.${body}.c2m`,
      ` ${text}`,
    ]
    for (const wrong of [...others, ...empty, ...odd])
      expect(parseTokenText(wrong), wrong).toBeNull()
  })

  test('SEC-02 holds an object in header and payload, and no key twice', () => {
    for (const json of [
      '[]',
      'null',
      '1',
      '"a"',
      '{',
      '{"a":1,"a":1}',
      '\ufeff{}',
      '{"a":[[[[]]]]}',
    ]) {
      expect(parseTokenText(`${segment(json)}.${segment('{}')}.c2ln`), json).toBeNull()
      expect(parseTokenText(`${segment('{}')}.${segment(json)}.c2ln`), json).toBeNull()
    }
    const bytes = toBase64Url(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))
    expect(parseTokenText(`${bytes}.${segment('{}')}.c2ln`)).toBeNull()
    for (const json of ['[]', 'null', '1', '{'])
      expect(parseOwnSegment(segment(json)), json).toBeNull()
    expect(parseOwnSegment('=')).toBeNull()
    expect(parseOwnSegment(bytes)).toBeNull()
    expect(parseOwnSegment(segment('{"a":1}'))).toEqual({ a: 1 })
  })

  test('SEC-02 is looked at up to four kilobytes', () => {
    const of = (length: number): string => {
      const head = `${segment('{}')}.${segment('{}')}.`
      return head.padEnd(length, 'A')
    }
    expect(TOKEN_LIMIT).toBe(4_096)
    expect(parseTokenText(of(4_096))).not.toBeNull()
    // one character more of the same, and still canonical
    expect(parseTokenText(of(4_098))).toBeNull()
  })
})

describe('a token of our own key', () => {
  const key = tokenKey('session', new Uint8Array(32).fill(1))

  test('SES-04 says in its header which key and which kind', () => {
    expect(typOf('resource')).toBe('pair-resource+jwt')
    expect(key.kid).toBe(sha256Base64Url(key.key).slice(0, 8))
    expect(key.headerSegment).toBe(
      segment(`{"alg":"HS256","kid":"${key.kid}","typ":"pair-session+jwt"}`),
    )
  })

  test('SES-04 is read as it was signed, by that key and for that kind alone', () => {
    const text = signToken(key, { a: 1 })
    expect(verifyToken(key, text)).toEqual({ a: 1 })
    expect(verifyToken(tokenKey('session', new Uint8Array(32)), text)).toBeNull()
    expect(verifyToken(tokenKey('resource', key.key), text)).toBeNull()
    // RFC 7515: HMAC of the two first segments
    expect(text.split('.')[2]).toBe(key.mac(text.slice(0, text.lastIndexOf('.'))))
    // each text its own, whatever was signed before
    expect(key.mac('a')).not.toBe(key.mac('b'))
    expect(key.mac('a')).toBe(tokenKey('approval', key.key).mac('a'))
  })

  test('SES-03 is none when anything in it was changed', () => {
    const text = signToken(key, { a: 1 })
    const [head = '', body = '', tail = ''] = text.split('.')
    const last = tail.endsWith('A') ? 'B' : 'A'
    const changed = [
      '',
      head,
      `${head}.`,
      `${head}.${body}`,
      `${head}.${segment('{"a":2}')}.${tail}`,
      `${head}.${body}.${tail.slice(0, -1)}${last}`,
      `${head}.${body}.${tail}=`,
      `${head}.${body}.`,
      `${head}${body}.${tail}`,
      `${head}x${body}.${tail}`,
    ]
    for (const wrong of changed) expect(verifyToken(key, wrong), wrong).toBeNull()
    // whoever has the key is not believed what is no payload
    const signed = `${head}.${segment('[]')}`
    expect(verifyToken(key, `${signed}.${key.mac(signed)}`)).toBeNull()
    const glued = `${head}x${body}`
    expect(verifyToken(key, `${glued}.${key.mac(glued)}`)).toBeNull()
  })

  test('SEC-02 is looked at up to four kilobytes', () => {
    const length = (claims: object): number => signToken(key, claims).length
    const fill = (count: number): object => ({ a: 'a'.repeat(count) })
    let count = 2_800
    while (length(fill(count + 1)) <= TOKEN_LIMIT) count++
    expect(verifyToken(key, signToken(key, fill(count)))).toEqual(fill(count))
    expect(verifyToken(key, signToken(key, fill(count + 1)))).toBeNull()
  })
})

describe('a secret', () => {
  const random = (length: number): Uint8Array => new Uint8Array(length).fill(255)
  const text = toBase64Url(random(32))

  test('CODE-10 is 256 random bits, of which a hash is kept', () => {
    const secret = { text, hash: sha256Base64Url(text) }
    expect(drawSecret(random)).toEqual(secret)
    expect(drawNamedSecret('apr_one', random)).toEqual({ ...secret, text: `apr_one.${text}` })
    expect(hashSecret(text)).toBe(secret.hash)
    expect(parseNamedSecret(`apr_one.${text}`)).toEqual({ id: 'apr_one', hash: secret.hash })
  })

  test('SES-03 in another spelling is none', () => {
    for (const wrong of ['', text.slice(1), `${text}x`, `${text.slice(1)}+`, `${text}\n`])
      expect(hashSecret(wrong), wrong).toBeNull()
    for (const wrong of [
      '',
      text,
      `apr_one.${text}.`,
      `apr_one.${text}.x`,
      `apr_one..${text}`,
      'apr_one.x',
    ])
      expect(parseNamedSecret(wrong), wrong).toBeNull()
  })
})

describe('the claims of a token', () => {
  const session = (over: object = {}): unknown =>
    parseSessionClaims({ ...SESSION_CLAIMS, ...over }, 'home')
  const resource = (over: object = {}): unknown =>
    parseResourceClaims({ ...RESOURCE_CLAIMS, ...over }, 'home')

  test('SES-04 are those of its kind, and nothing that else stands there', () => {
    expect(resourceAudience('home')).toBe('home/resource')
    expect(session({ more: 1 })).toEqual(SESSION_CLAIMS)
    expect(session({ cnf: { ...CNF, x: 1 } })).toEqual({ ...SESSION_CLAIMS, cnf: CNF })
    expect(resource({ more: 1 })).toEqual(RESOURCE_CLAIMS)
    expect(resource({ cnf: { ...CNF, x: 1 } })).toEqual({ ...RESOURCE_CLAIMS, cnf: CNF })
  })

  test('SEC-02 are all there and of their types, or there is no token', () => {
    const wrong: object[] = [
      { iss: 'other' },
      { aud: 'other' },
      { sub: 7 },
      { sid: 7 },
      { sid: 'ses_short' },
      { sid: `cod_${'A'.repeat(22)}` },
      { jti: 7 },
      { jti: '' },
      { cnf: null },
      { cnf: 'key' },
      { cnf: {} },
      { cnf: { jkt: 7 } },
      { cnf: { jkt: 'short' } },
    ]
    for (const name of ['iat', 'exp'])
      for (const value of [0, -1, 1.5, '1', undefined, Infinity, 2 ** 53])
        wrong.push({ [name]: value })
    for (const over of wrong) {
      expect(session(over), JSON.stringify(over)).toBeNull()
      expect(resource(over), JSON.stringify(over)).toBeNull()
    }
    for (const over of [{ resource: 7 }, { mode: undefined }]) expect(resource(over)).toBeNull()
    expect(session({ aud: 'home/resource' })).toBeNull()
    expect(resource({ aud: 'home' })).toBeNull()
  })
})
