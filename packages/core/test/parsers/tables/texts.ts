import { toLinkBase } from '../../../src/bootstrap/code-request.ts'
import { fromBase64Url, toBase64Url } from '../../../src/encoding/base64url.ts'
import { parseStrictJson, parseWrittenJson } from '../../../src/encoding/strict-json.ts'
import { cleanLabel, isAsciiToken } from '../../../src/encoding/text.ts'
import { isAccessScope, isScope } from '../../../src/grant/scopes.ts'
import { parseForm } from '../../../src/http/oauth-form.ts'
import { isId, isThumbprint } from '../../../src/ids.ts'
import { checkResources } from '../../../src/resource-options.ts'
import { readMessageClass } from '../../../src/resource/message-class.ts'
import { isAudience } from '../../../src/relay/mint-request.ts'
import { parseAccess } from '../../../src/resource/resource.ts'
import { fill, nullOr, orRefused, type Taken, type TextParser } from '../parser.ts'
import { ID, SECRET } from './secrets.ts'

const yes = (is: boolean): Taken => (is ? 'taken' : 'refused')
const JSON_WORDS = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"a"',
  '"b"',
  '""',
  '"\\u0061"',
  '"__proto__"',
  ' ',
  '\n',
  '1',
  '-1.5e3',
  '1e400',
  'null',
  'true',
  '"\\ud800"',
  '"\\',
  '\\"',
  '"',
  '0x1',
  '﻿',
  '{"a":',
]

const KINDS = checkResources({ screen: { modes: ['view'] }, camera: { modes: ['view'] } }, [])

/** What reads one text and nothing beside it. */
export const texts: readonly TextParser[] = [
  {
    name: 'fromBase64Url',
    file: 'encoding/base64url.ts',
    valid: ['', 'Zg', 'Zm9vYmFy', '-__-', SECRET],
    words: ['A', 'Zg', '-_', '=', '+', '/', 'AAAA', '\u212a', '\uff21'],
    take: (text) => nullOr(fromBase64Url(text), (bytes) => toBase64Url(bytes) === text),
    long: (length) => [fill('A', length), fill('_-9z', length - 1), `${fill('A', length)}=`],
  },
  {
    name: 'isAudience',
    file: 'relay/mint-request.ts',
    valid: ['https://home.example/auth', 'http://[::1]:3000', 'https://a.example/b/c~d'],
    words: ['https://', 'http:', '/', 'a', '.', ':80', '?', '#', '@', '%2f', '..', '\\', 'Ä'],
    take: (text) =>
      isAudience(text) ? (new URL(text).href.startsWith(text) ? 'taken' : 'broken') : 'refused',
    long: (length) => [
      `https://a/${fill('a', length)}`,
      `https://${fill('a.', length)}`,
      fill('/', length),
    ],
  },
  {
    name: 'parseAccess',
    file: 'resource/resource.ts',
    valid: ['screen', 'screen:1', 'camera:A.b_c~d-9', `screen:${'a'.repeat(128)}`],
    words: ['screen', ':', 'camera', '1', '-', '~', '%', ' ', '/', '\u212a', '__proto__'],
    take: (text) =>
      nullOr(
        parseAccess(KINDS, text, 'view'),
        ({ name }) => name === text && /^(?:screen|camera)(?::[\w.~-]{1,128})?$/.test(text),
      ),
    long: (length) => [fill('screen:', length), `screen:${fill('a', length)}`, fill('a', length)],
  },
  {
    name: 'readMessageClass',
    file: 'resource/message-class.ts',
    // parseStrictJson, which it asks, takes a million
    times: 200_000,
    valid: ['{"type":"key"}', '{"x":[1,{"y":2}],"type":"pointer"}', ' {"type" : ""} '],
    words: [...JSON_WORDS, '"type"', '"type":"key"', '"key"'],
    take: (text) =>
      nullOr(
        readMessageClass(text),
        (found) => (JSON.parse(text) as { type: unknown }).type === found,
      ),
    long: (length) => [
      fill('[', length),
      `{"type":"${fill('k', length - 12)}"}`,
      `{"a":"${fill('\\"', length)}`,
    ],
  },
  {
    name: 'parseWrittenJson',
    file: 'encoding/strict-json.ts',
    valid: ['{"a":1,"b":[true,null,"x\u00e9"]}', '[[{"a":{}}],-1500]', '"a\\n"', '1'],
    words: JSON_WORDS,
    take: (text) => nullOr(parseWrittenJson(text), (value) => JSON.stringify(value) === text),
    long: (length) => [
      fill('[', length),
      `"${fill('\\\\', length)}"`,
      `"${fill('\\u0061', length)}`,
      `${fill('[', length / 2)}${fill(']', length / 2)}`,
    ],
  },
  {
    name: 'parseStrictJson',
    file: 'encoding/strict-json.ts',
    valid: ['{"a":1,"b":[true,null,"x\\u00e9"]}', '[[{"a":{}}],-1.5e3]', '"a\\n"', ' { } ', '1'],
    words: JSON_WORDS,
    take(text) {
      const found = parseStrictJson(text)
      if (found.ok)
        return JSON.stringify(found.value) === JSON.stringify(JSON.parse(text)) ? 'taken' : 'broken'
      return /^(?:syntax|duplicate_key|too_deep|forbidden_key|bad_text)$/.test(found.fault)
        ? 'refused'
        : 'broken'
    },
    long: (length) => [
      fill('[', length),
      fill(']', length),
      `"${fill('\\\\', length)}"`,
      `"${fill('\\u0061', length)}`,
      fill('"a', length),
      `[${fill('[],', length)}[]]`,
      `{${Array.from({ length: length / 12 }, (_, at) => `"${at}":"\\n"`).join(',')}}`,
      fill(' ', length),
      fill('"\ud800" ', length),
      `"a"${fill(' ', length)}:`,
    ],
  },
  {
    name: 'cleanLabel',
    file: 'encoding/text.ts',
    valid: [
      'Kitchen tablet',
      'Cafe\u0301 \u00a0 x',
      '\u{1f469}\u200d\u{1f4bb} laptop',
      '\u043c\u043e\u0439',
    ],
    words: [
      ' ',
      '\u00a0',
      'e\u0301',
      '\u0315\u0300',
      '\u200b',
      'x',
      '\u{1f600}',
      '\u202e',
      '\u3000',
    ],
    take: (text) =>
      nullOr(cleanLabel(text), (label) => cleanLabel(label) === label && label.length <= 160),
    long: (length) => [
      fill(' ', length),
      `a${fill('\u0315\u0300', length)}`,
      fill('a \u00a0', length),
      fill('\u200b', length),
      fill('\u{1f600}', length),
    ],
  },
  {
    name: 'isAsciiToken',
    file: 'encoding/text.ts',
    valid: ['a', 'dev_AZ09-_', 'x'.repeat(512)],
    words: ['a', ' ', '\n', '~', '!', '\u00e9'],
    take: (text) => yes(isAsciiToken(text)),
    long: (length) => [fill('a', length), `${fill('a', length)} `],
  },
  {
    name: 'isId',
    file: 'ids.ts',
    valid: [ID],
    words: ['ses_', 'cod_', 'A', 'AAAAAAAAAAAAAAAAAAAAAA', '\n', '_', '-'],
    take: (text) => yes(isId('ses', text)),
    long: (length) => [`ses_${fill('A', length)}`, fill('ses_', length)],
  },
  {
    name: 'isThumbprint',
    file: 'ids.ts',
    valid: [SECRET],
    words: ['A', SECRET, '\n', '=', '.'],
    take: (text) => yes(isThumbprint(text)),
    long: (length) => [fill('A', length)],
  },
  {
    name: 'isScope',
    file: 'grant/scopes.ts',
    valid: ['notes:read', 'a'],
    words: ['notes', ':', ' ', '"', '\\', 'read'],
    take: (text) => yes(isScope(text)),
    long: (length) => [fill('a', length)],
  },
  {
    name: 'isAccessScope',
    file: 'grant/scopes.ts',
    valid: ['access:read', 'access:'],
    words: ['access', ':', 'read', ' '],
    take: (text) => yes(isAccessScope(text)),
    long: (length) => [fill('access:', length)],
  },
  {
    name: 'toLinkBase',
    file: 'bootstrap/code-request.ts',
    valid: ['https://home.example', 'http://localhost:3000/app/', 'http://[::1]:8080'],
    words: [
      'http://',
      'https://',
      'home.example',
      ':80',
      '/',
      '//',
      '@',
      '#',
      '?',
      '[::1]',
      '%00',
      '..',
    ],
    take: (text) =>
      nullOr(toLinkBase(text), (base) => /^https?:\/\/./.test(base) && !/[/?#]$/.test(base)),
    long: (length) => [
      `https://a/${fill('/', length)}x`,
      `https://a${fill('/', length)}`,
      `https://a/${fill('../', length)}`,
      `https://${fill('a.', length)}`,
      `https://${fill('@', length)}`,
    ],
  },
  {
    name: 'parseForm',
    file: 'http/oauth-form.ts',
    valid: ['client_id=cli&scope=notes%3Aread+notes%3Awrite', 'a=1&b=&c', 'grant_type=urn:x'],
    words: ['&', '=', '+', '%', '%00', '%ff', '%C3%A9', '%c0%af', 'scope', '&&', '%73cope=1'],
    take: (text) =>
      orRefused(['invalid_request', 'body_too_large'], () => {
        const entries = [...parseForm(text)]
        return entries.every((pair) => pair[1] !== '' && /^[ -~]*=[ -~]+$/.test(pair.join('=')))
          ? 'taken'
          : 'broken'
      }),
    long: (length) => [
      fill('&', length),
      fill('a=1&', length),
      fill('%41', length),
      `a=${fill('+', length)}`,
      Array.from({ length: length / 8 }, (_, at) => `p${at}=1`).join('&'),
    ],
  },
]
