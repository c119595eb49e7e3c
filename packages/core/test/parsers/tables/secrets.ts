import { parseCode } from '../../../src/bootstrap/typed-code.ts'
import { toBase64Url } from '../../../src/encoding/base64url.ts'
import { isId } from '../../../src/ids.ts'
import { formatDeviceCode, parseDeviceCode } from '../../../src/oauth/device-code.ts'
import { createNonce, readNonce } from '../../../src/proof/nonce-crypto.ts'
import { parseRefreshToken } from '../../../src/session/refresh-token.ts'
import { hashSecret, parseNamedSecret } from '../../../src/token/secret.ts'
import { parseOwnSegment, parseTokenText, TOKEN_LIMIT } from '../../../src/token/token-text.ts'
import { fill, nullOr, type TextParser } from '../parser.ts'
import { agentTexts } from './agents.ts'

const NONCE_KEY = new Uint8Array(32).fill(7)
const NONCE = createNonce(NONCE_KEY, 1_800_000_000_000)
export const ID = 'ses_AbCdEfGhIjKlMnOpQrStUg'
export const SECRET = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE'
const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
export const TOKEN = `${segment({ alg: 'HS256', kid: 'a' })}.${segment({ a: 1, b: '\u00e9' })}.AAAA`

/** What reads a secret: codes, tokens, and texts that name what they are for. */
export const secrets: readonly TextParser[] = [
  ...agentTexts,
  {
    name: 'parseDeviceCode',
    file: 'oauth/device-code.ts',
    valid: [
      `${ID.replace('ses', 'apr')}.${SECRET}`,
      `${ID.replace('ses', 'apr')}.${SECRET}.${SECRET}`,
    ],
    words: ['apr_', '.', '..', SECRET, ID, '\n', '='],
    take: (text) => nullOr(parseDeviceCode(text), (code) => formatDeviceCode(code) === text),
    long: (length) => [
      `${ID.replace('ses', 'apr')}.${fill('A', length)}`,
      fill('.', length),
      fill('apr_', length),
    ],
  },
  {
    name: 'parseCode',
    file: 'bootstrap/typed-code.ts',
    valid: [
      'ABC-DEF-GHJ',
      'abc def ghj',
      '\uff21\uff22\uff23\u30fcDEF\u2212GHJ',
      'A'.repeat(22),
      SECRET,
    ],
    words: [
      'ABC',
      '-',
      ' ',
      'def',
      '\uff11',
      '\u30fc',
      '\u017f',
      '\u212a',
      '234',
      '\u200b',
      'O',
      'AAAAAAAAAAA',
    ],
    take(text) {
      const code = parseCode(text)
      if (code.form === 'none') return 'refused'
      const form = code.form === 'link' ? /^(?:[\w-]{22}|[\w-]{43})$/ : /^[2-9A-HJKMNP-Z]{9}$/
      return form.test(code.secret) ? 'taken' : 'broken'
    },
    long: (length) => [fill(' ', length), fill('A', length), fill('-', length)],
  },
  {
    name: 'parseOwnSegment',
    file: 'token/token-text.ts',
    valid: [segment({ a: 1, b: ['\u00e9', null] }), segment({})],
    words: [segment({ a: '\0' }), segment([]), '_w', '77u_', 'e30', 'AAAA', '=', 'eyJ', 'In0'],
    take: (text) => nullOr(parseOwnSegment(text), (payload) => segment(payload) === text),
    long: (length) => [
      fill('A', length),
      segment({ a: 'x'.repeat((length * 3) / 4) }),
      Buffer.from(fill('[', length)).toString('base64url'),
    ],
  },
  {
    name: 'parseTokenText',
    file: 'token/token-text.ts',
    valid: [TOKEN, `${segment({})}.${segment({ b: [[]] })}.Zg`],
    words: [
      '.',
      segment({}),
      segment({ a: '\0' }),
      segment([]),
      '_w',
      '77u_e30',
      'AAAA',
      '=',
      TOKEN,
    ],
    take: (text) =>
      nullOr(
        parseTokenText(text),
        ({ header, payload, signature, signed }) =>
          typeof header === 'object' &&
          typeof payload === 'object' &&
          `${signed}.${toBase64Url(signature)}` === text,
      ),
    long: (length) => [
      fill('.', length),
      fill('a.', length),
      fill('A', length),
      `${segment({ a: fill('x', TOKEN_LIMIT / 2) })}.${segment({})}.${fill('A', length)}`,
    ],
  },
  {
    name: 'readNonce',
    file: 'proof/nonce-crypto.ts',
    // each of the right length takes an HMAC
    times: 300_000,
    valid: [NONCE],
    words: [NONCE, NONCE.slice(0, 8), NONCE.slice(8), 'A', '=', '.', '\n'],
    take: (text) => nullOr(readNonce(NONCE_KEY, text), (at) => createNonce(NONCE_KEY, at) === text),
    long: (length) => [fill('A', length), fill(NONCE, length)],
  },
  {
    name: 'hashSecret',
    file: 'token/secret.ts',
    valid: [SECRET],
    words: ['A', SECRET, '\n', '.'],
    take: (text) => nullOr(hashSecret(text), (hash) => /^[\w-]{43}$/.test(hash)),
    long: (length) => [fill('A', length)],
  },
  {
    name: 'parseNamedSecret',
    file: 'token/secret.ts',
    valid: [`${ID}.${SECRET}`, `.${SECRET}`],
    words: [ID, '.', SECRET, 'A', '..'],
    take: (text) =>
      nullOr(
        parseNamedSecret(text),
        ({ id, hash }) => text.startsWith(`${id}.`) && hash.length === 43,
      ),
    long: (length) => [fill('.', length), fill('A', length), `${fill('A', length)}.${SECRET}`],
  },
  {
    name: 'parseRefreshToken',
    file: 'session/refresh-token.ts',
    valid: [`${ID}.1.${SECRET}`, `${ID}.999999999.${SECRET}`],
    words: [ID, '.', SECRET, 'A', '..', 'ses_', '.0.', '.1.', '1', '9', '-', '+', 'e'],
    take: (text) =>
      nullOr(
        parseRefreshToken(text),
        ({ sessionId, generation, secret }) =>
          isId('ses', sessionId) &&
          Number.isInteger(generation) &&
          generation > 0 &&
          text === `${sessionId}.${generation}.${secret}`,
      ),
    long: (length) => [
      fill('.', length),
      fill('A', length),
      `${ID}.${fill('1', length)}`,
      `${ID}.1.${fill('A', length)}`,
    ],
  },
]
