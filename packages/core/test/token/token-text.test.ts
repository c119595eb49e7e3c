import { describe, expect, test } from 'vitest'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import { hmacSha256, utf8 } from '../../src/encoding/bytes.ts'
import { parseTokenText, TOKEN_LIMIT } from '../../src/token/token-text.ts'
import { deriveKeys } from '../../src/token/keys-crypto.ts'
import { signToken, verifyToken } from '../../src/token/token-crypto.ts'
import { SECRET, startServer } from '../kit/server.ts'
import { pairVisitor } from '../kit/visitor.ts'

const keys = deriveKeys(utf8(SECRET), 'pair')
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A token of our key over these very segments, so that only their form is wrong. */
function signed(head: string, body: string): string {
  return `${head}.${body}.${toBase64Url(hmacSha256(keys.session.key, utf8(`${head}.${body}`)))}`
}
const segment = (text: string): string => toBase64Url(utf8(text))

type Plane = 'bearer' | 'cookie'

/** A live token, and whether a text in its place is let in. */
async function liveToken(
  plane: Plane,
): Promise<{ token: string; accepts: (text: string) => Promise<boolean> }> {
  const server = startServer()
  const visitor = await pairVisitor(server, { transport: plane })
  const [name = ''] = [...visitor.jar.keys()]
  return {
    token: visitor.accessToken ?? visitor.cookie(),
    accepts: async (text) => {
      const headers = {
        host: 'localhost:3000',
        ...(plane === 'bearer'
          ? { authorization: `Bearer ${text}` }
          : { cookie: `${name}=${text}` }),
      }
      const found = await server.pair.identify(new Request(server.origin, { headers }))
      return found.ok && found.auth.kind === 'session'
    },
  }
}

describe.each<Plane>(['bearer', 'cookie'])('SES-03 as %s', (plane) => {
  test('SES-03 extra and missing segments, padding, blanks, the standard alphabet, "a.", ".b" and "" all fail', async () => {
    const { token, accepts } = await liveToken(plane)
    expect(await accepts(token)).toBe(true)
    const [head = '', body = '', tail = ''] = token.split('.')
    const wrong = [
      '',
      'a',
      'a.',
      '.b',
      '.',
      '..',
      '...',
      'a.b',
      'a.b.c',
      'a.b.c.d',
      `${token}.`,
      `.${token}`,
      `${token}.${tail}`,
      `${token}..`,
      `${head}.${body}`,
      `${head}.${body}.`,
      `${head}..${tail}`,
      `.${body}.${tail}`,
      `${head}.${tail}`,
      `${token}=`,
      `${token}==`,
      `${head}=.${body}.${tail}`,
      `${head}.${body}=.${tail}`,
      `${head}.${body}==.${tail}`,
      `${head}. ${body}.${tail}`,
      `${head} .${body}.${tail}`,
      `${head}.${body}. ${tail}`,
      `${token}%20`,
      `${head}\t.${body}.${tail}`,
      `${head}.${body}.${tail}A`,
      `${head}.${body}.${tail.slice(0, -1)}`,
      `${head}.${body}.${tail.slice(1)}`,
      token.toLowerCase(),
      token.toUpperCase(),
      `"${token}"`,
      `'${token}'`,
      `${token},`,
      `;${token}`,
      `${token}\\`,
      `${token}#`,
      `${token}?`,
      `${head}.${body}.${tail}${tail}`,
      `${body}.${head}.${tail}`,
      encodeURIComponent(`${token}=`),
      [...token].reverse().join(''),
    ]
    for (const text of wrong) expect(await accepts(text), JSON.stringify(text)).toBe(false)
  })

  test('SES-03 - and _ in the standard alphabet are refused wherever they stand', () => {
    let seen = 0
    for (let n = 0; seen < 20; n++) {
      const token = signToken(keys.session, { n, pad: '~~~???>>>' })
      expect(verifyToken(keys.session, token)).toMatchObject({ n })
      for (const [url, standard] of [
        ['-', '+'],
        ['_', '/'],
      ] as const) {
        if (!token.includes(url)) continue
        seen++
        expect(verifyToken(keys.session, token.replaceAll(url, standard))).toBeNull()
        expect(parseTokenText(token.replaceAll(url, standard))).toBeNull()
      }
    }
  })

  test('SES-03 a last character with other spare bits is another spelling of the same bytes, and refused', async () => {
    const { token, accepts } = await liveToken(plane)
    const last = ALPHABET.indexOf(token.at(-1)!)
    const spellings = [1, 2, 3].map((bits) => token.slice(0, -1) + ALPHABET[last ^ bits])
    for (const text of spellings) {
      const bytes = (part: string): string =>
        Buffer.from(part.split('.')[2]!, 'base64url').toString('hex')
      expect(bytes(text)).toBe(bytes(token))
      expect(await accepts(text)).toBe(false)
    }
    const others = [...ALPHABET].filter((six) => six !== token.at(-1))
    for (const six of others) expect(await accepts(token.slice(0, -1) + six)).toBe(false)
  })

  test('SES-03 of 700 mutations none is accepted', async () => {
    const { token, accepts } = await liveToken(plane)
    let state = 20_261_122
    const draw = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    const mutants = new Set<string>()
    while (mutants.size < 700) {
      const at = draw(token.length)
      const six = ALPHABET[draw(64)]!
      const mutant = [
        () => token.slice(0, at) + six + token.slice(at + 1),
        () => token.slice(0, at) + six + token.slice(at),
        () => token.slice(0, at) + token.slice(at + 1),
        () =>
          token.slice(0, at) +
          String.fromCharCode(token.charCodeAt(at) ^ (1 << draw(7))) +
          token.slice(at + 1),
        () =>
          token.slice(0, at) +
          token
            .slice(at, at + 2)
            .split('')
            .reverse()
            .join('') +
          token.slice(at + 2),
        () => token.slice(0, at),
        () => token.slice(at) + token.slice(0, at),
      ][draw(7)]!()
      // What no header can carry, what blanks at its ends become and what ends a cookie is not a mutation.
      if (/^[!-:<-~]+$/.test(mutant) && mutant !== token) mutants.add(mutant)
    }
    for (const text of mutants) expect(await accepts(text), text).toBe(false)
    expect(await accepts(token)).toBe(true)
  })
})

describe('SEC-02', () => {
  const good = { head: keys.session.headerSegment, body: segment('{"a":1}') }

  test('SEC-02 what is signed but not one JSON object a segment is refused', () => {
    expect(verifyToken(keys.session, signed(good.head, good.body))).toEqual({ a: 1 })
    for (const body of [
      '',
      '[]',
      '"a"',
      '1',
      'null',
      'true',
      '{"a":1}{"a":1}',
      '{"a":1',
      '{"a":1} x',
      '\ufeff{"a":1}',
      '{"a":1,"a":2}',
      '{"a":1,"\\u0061":2}',
      '{"__proto__":{"x":1}}',
    ]) {
      expect(verifyToken(keys.session, signed(good.head, segment(body))), body).toBeNull()
    }
    expect(
      verifyToken(keys.session, signed(good.head, toBase64Url(Uint8Array.of(0x7b, 0xff, 0x7d)))),
    ).toBeNull()
  })

  test('SEC-02 a header that says the same in another way is refused, signed or not', () => {
    const header = JSON.parse(Buffer.from(good.head, 'base64url').toString()) as Record<
      string,
      unknown
    >
    const others = [
      `{"typ":"pair-session+jwt","alg":"HS256","kid":"${String(header.kid)}"}`,
      JSON.stringify({ ...header, crit: [] }),
      JSON.stringify({ ...header, crit: ['exp'], exp: 1 }),
      JSON.stringify({ ...header, b64: false }),
      JSON.stringify({ ...header, alg: 'none' }),
      JSON.stringify({ ...header, alg: 'hs256' }),
      JSON.stringify({ ...header, alg: 'HS512' }),
      JSON.stringify({ ...header, typ: 'JWT' }),
      JSON.stringify({ ...header, typ: undefined }),
      JSON.stringify({ ...header, kid: undefined }),
      JSON.stringify({ ...header, zip: 'DEF' }),
      JSON.stringify({ ...header, jwk: { kty: 'oct', k: 'AAAA' } }),
      ` ${JSON.stringify(header)}`,
    ]
    for (const text of others)
      expect(verifyToken(keys.session, signed(segment(text), good.body)), text).toBeNull()
  })

  test('SEC-02 a text above 4 KiB is not looked at, one of 4 KiB is', () => {
    const claims = (pad: number): object => ({ a: 'x'.repeat(pad) })
    const size = (pad: number): number => signToken(keys.session, claims(pad)).length
    let pad = 2_800
    while (size(pad + 1) <= TOKEN_LIMIT) pad++
    expect(verifyToken(keys.session, signToken(keys.session, claims(pad)))).not.toBeNull()
    expect(verifyToken(keys.session, signToken(keys.session, claims(pad + 2)))).toBeNull()
    const started = performance.now()
    for (const text of [
      'a'.repeat(10_000_000),
      '.'.repeat(10_000_000),
      `${'a.'.repeat(5_000_000)}`,
    ])
      expect(parseTokenText(text)).toBeNull()
    expect(performance.now() - started).toBeLessThan(200)
  })

  test('SEC-02 the key is as long as the hash (RFC 7518 §3.2), one a purpose and a namespace', () => {
    const other = deriveKeys(utf8(SECRET), 'other')
    const all = [keys.session.key, keys.codePepper, other.session.key, other.codePepper]
    for (const key of all) expect(key).toHaveLength(32)
    expect(new Set(all.map((key) => toBase64Url(key))).size).toBe(4)
    expect(other.instance).not.toBe(keys.instance)
    expect(keys.instance).toMatch(/^[0-9a-f]{8}$/)
  })

  test('SEC-02 payloads give no prototype', () => {
    const payload = verifyToken(keys.session, signed(good.head, segment('{"constructor":1}')))
    expect(payload).toBeNull()
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })
})
