import { toBase64Url } from '../../src/encoding/base64url.ts'
import { utf8 } from '../../src/encoding/bytes.ts'

type Members = Readonly<Record<string, unknown>>

export const segmentOf = (text: string): string => toBase64Url(utf8(text))

export const membersOf = (segment = ''): Record<string, unknown> =>
  JSON.parse(Buffer.from(segment, 'base64url').toString()) as Record<string, unknown>

/** The same members as JSON in other spellings. */
function respelled(members: Members): string[] {
  const text = JSON.stringify(members)
  const name = Object.keys(members)[0] ?? ''
  const turned = JSON.stringify(Object.fromEntries(Object.entries(members).toReversed()))
  const escaped = `\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}`
  return [
    ` ${text}`,
    `${text}\n`,
    text.replace('{', '{ '),
    text.replaceAll(':', ': '),
    turned,
    text.replace(`"${name}"`, `"${escaped}"`),
  ].filter((other) => other !== text)
}

/** What is not one JSON object that means one thing to all who read it. */
export function brokenJson(members: Members): string[] {
  const text = JSON.stringify(members)
  const name = Object.keys(members)[0] ?? ''
  const first = JSON.stringify({ [name]: members[name] }).slice(1, -1)
  const open = text.slice(0, -1)
  return [
    '',
    '{}',
    '[]',
    'null',
    'true',
    '1',
    '""',
    '"a"',
    `[${text}]`,
    `"${name}"`,
    text + text,
    `${text}x`,
    `${text},`,
    `\ufeff${text}`,
    open,
    text.slice(1),
    `${open},}`,
    text.replaceAll('"', "'"),
    `{${first},${text.slice(1)}`,
    `${open},${first}}`,
    `${open},"${name}":null}`,
    `{"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}":1,${text.slice(1)}`,
    `${open},"__proto__":{"a":1}}`,
    `${open},"constructor":1}`,
    `${open},"prototype":1}`,
    `${open},"a":{"__proto__":1}}`,
    `${open},"a":1e400}`,
    `${open},"a":NaN}`,
    `${open},"a":01}`,
    `${open}/**/}`,
    `${open},"a":undefined}`,
    `${open},"${'x'.repeat(5_000)}":1}`,
  ]
}

/** What JSON may hold and no stranger may send. */
function strangeJson(members: Members): string[] {
  const open = JSON.stringify(members).slice(0, -1)
  return ['"\\u0000"', '"\\ud800"', '[[[[1]]]]'].map((value) => `${open},"a":${value}}`)
}

/** Headers that say another thing than this one, or more, or less. */
export function otherHeaders(header: Members, kids: readonly string[] = []): string[] {
  const with_ = (more: Members): string => JSON.stringify({ ...header, ...more })
  const algs = [
    'none',
    'None',
    'NONE',
    'nOnE',
    '',
    'HS256',
    'hs256',
    'HS384',
    'HS512',
    'RS256',
    'PS256',
    'ES256',
    'ES512',
    'EdDSA',
    'eddsa',
    'Ed25519',
    'dir',
    null,
    0,
    ['HS256'],
    { alg: 'HS256' },
    undefined,
  ]
  const typs = [
    'JWT',
    'jwt',
    'dpop+jwt',
    'at+jwt',
    'secevent+jwt',
    'pair-session+jwt',
    'pair-resource+jwt',
    'pair-approval+jwt',
    'pair-relay+jwt',
    'PAIR-SESSION+JWT',
    'application/pair-session+jwt',
    'pair-session',
    '',
    null,
    ['pair-session+jwt'],
    undefined,
  ]
  const names = [
    '',
    'AAAAAAAA',
    '../../../dev/null',
    "' OR '1'='1",
    '__proto__',
    'key_first',
    0,
    null,
    [],
    ...kids,
    undefined,
  ]
  const key = { kty: 'oct', k: 'AAAA' }
  const more: Members[] = [
    { jwk: key },
    { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } },
    { jku: 'https://evil.example/jwks.json' },
    { x5u: 'https://evil.example/x' },
    { x5c: ['AAAA'] },
    { x5t: 'AAAA' },
    { 'x5t#S256': 'AAAA' },
    { crit: [] },
    { crit: ['exp'], exp: 1 },
    { crit: ['b64'], b64: false },
    { b64: false },
    { b64: true },
    { zip: 'DEF' },
    { cty: 'JWT' },
    { enc: 'A128GCM' },
    { nonce: 'x' },
    { iss: 'x' },
    { exp: 1 },
    { p2c: 1 },
    { epk: key },
    { ALG: 'none' },
    { Alg: 'none' },
    { 'alg ': 'none' },
    { '': 1 },
  ]
  return [
    ...algs.map((alg) => with_({ alg })),
    ...typs.map((typ) => with_({ typ })),
    ...names.map((kid) => with_({ kid })),
    ...more.map(with_),
  ].filter((text) => text !== JSON.stringify(header))
}

/** What somebody without the key may try: each header and payload under the signature that the token has. */
export function forgedTexts(token: string, kids: readonly string[] = []): string[] {
  const [head = '', body = '', tail = ''] = token.split('.')
  const header = membersOf(head)
  const claims = membersOf(body)
  const changed = Object.keys(claims).flatMap((name) => {
    const value = claims[name]
    const others = [
      undefined,
      null,
      0,
      '',
      [],
      {},
      [value],
      typeof value === 'number' ? value + 1 : `${String(value)}x`,
      typeof value === 'number' ? String(value) : 1,
    ]
    return others.map((other) => JSON.stringify({ ...claims, [name]: other }))
  })
  const added = [
    { scope: 'access:write' },
    { admin: true },
    { cnf: { jkt: 'A'.repeat(43) } },
    { nbf: 1 },
    { act: {} },
  ]
  const heads = [...respelled(header), ...brokenJson(header), ...otherHeaders(header, kids)]
  const bodies = [
    ...respelled(claims),
    ...brokenJson(claims),
    ...changed,
    ...added.map((more) => JSON.stringify({ ...claims, ...more })),
  ]
  const forged = [
    ...heads.map((text) => `${segmentOf(text)}.${body}.${tail}`),
    ...bodies.map((text) => `${head}.${segmentOf(text)}.${tail}`),
  ]
  const none = segmentOf('{"alg":"none"}')
  const unsigned = [
    `${none}.${body}.`,
    `${none}.${body}`,
    `${none}.${body}.${tail}`,
    `${head}.${body}.${segmentOf('none')}`,
  ]
  return [...new Set([...forged, ...unsigned])].filter((text) => text !== token)
}

/** What our own key may sign and is none of our tokens all the same. `isFree`: whose header may be spelled in any way, as a stranger writes it. */
export function signedWrong(
  token: string,
  kids: readonly string[] = [],
  isFree = false,
): [string, string][] {
  const [head = '', body = ''] = token.split('.')
  const header = membersOf(head)
  const wrong = [
    ...brokenJson(header),
    ...otherHeaders(header, kids),
    ...(isFree ? strangeJson(header) : respelled(header)),
  ]
  const bodies = [
    ...brokenJson(membersOf(body)),
    ...(isFree
      ? strangeJson(membersOf(body))
      : // Members have no order.
        respelled(membersOf(body)).filter((text) => JSON.stringify(JSON.parse(text)) !== text)),
  ]
  return [
    ...wrong.map((text): [string, string] => [segmentOf(text), body]),
    ...bodies.map((text): [string, string] => [head, segmentOf(text)]),
  ]
}
