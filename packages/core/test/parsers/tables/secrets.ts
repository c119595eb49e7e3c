import { parseCode } from '../../../src/bootstrap/typed-code.ts'
import { toBase64Url } from '../../../src/encoding/base64url.ts'
import { isId } from '../../../src/ids.ts'
import { parseRefreshToken } from '../../../src/session/refresh-token.ts'
import { hashSecret, parseNamedSecret } from '../../../src/token/secret.ts'
import { parseTokenText, TOKEN_LIMIT } from '../../../src/token/token-text.ts'
import { fill, nullOr, type TextParser } from '../parser.ts'

export const ID = 'ses_AbCdEfGhIjKlMnOpQrStUg'
export const SECRET = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE'
const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
export const TOKEN = `${segment({ alg: 'HS256', kid: 'a' })}.${segment({ a: 1, b: '\u00e9' })}.AAAA`

/** What reads a secret: codes, tokens, and texts that name what they are for. */
export const secrets: readonly TextParser[] = [
  {
    name: 'parseCode',
    file: 'bootstrap/typed-code.ts',
    valid: ['ABC-DEF-GHJ', 'abc def ghj', '\uff21\uff22\uff23\u30fcDEF\u2212GHJ', 'A'.repeat(22)],
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
      const form = code.form === 'link' ? /^[\w-]{22}$/ : /^[2-9A-HJKMNP-Z]{9}$/
      return form.test(code.secret) ? 'taken' : 'broken'
    },
    long: (length) => [fill(' ', length), fill('A', length), fill('-', length)],
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
    valid: [`${ID}.${SECRET}`],
    words: [ID, '.', SECRET, 'A', '..', 'ses_'],
    take: (text) => nullOr(parseRefreshToken(text), ({ sessionId }) => isId('ses', sessionId)),
    long: (length) => [fill('.', length), fill('A', length), `${ID}.${fill('A', length)}`],
  },
]
