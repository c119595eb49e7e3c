import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parseStrictJson } from '../../src/encoding/strict-json.ts'

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

function parsePlain(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return null
  }
}

describe('strict JSON', () => {
  it.each([
    'null',
    '0',
    '-1.5e-7',
    '"a"',
    '""',
    '[]',
    '{}',
    ' { "a" : [ 1 , "b" , { } ] }\r\n\t',
    '{"a":{"a":{"a":1}},"b":{"a":2}}',
    '["a","a",{"a":"a"},{"a":"a"}]',
    '{"a":":","b":"\\":"}',
    '{"a":"[{]}","b":"\\"[[","c":"\\\\"}',
    '"\\ud83d\\ude00😀"',
    '{"\\u0061":1,"A":2}',
    '["__proto__","constructor"]',
    '{"":1," ":2}',
    '"a \\n\\t\\b\\f\\r\\/"',
  ])('reads %j as JSON.parse does', (text) => {
    expect(parseStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
  })

  it.each([
    '',
    ' ',
    '{',
    '[',
    ']',
    '}',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    "{'a':1}",
    '01',
    '1 2',
    'NaN',
    'undefined',
    '"a',
    '"\\',
    '"\\"',
    '"\\x"',
    '"\\u12"',
    '"\n"',
    '"\0"',
    '[}',
    '{]',
    '{"a"}',
    '{"a":}',
    '{"a" "b"}',
    '\ufeff{}',
    '[1]x',
    '//',
    '{"a":1"a":1}',
    '{"\\q":1}',
  ])('calls %j bad syntax', (text) => {
    expect(parseStrictJson(text)).toEqual({ ok: false, fault: 'syntax' })
  })

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"\\u0061":1,"a":2}',
    '{"\\u0061":1,"\\u0061":2}',
    '{"a":1,"b":{},"a":2}',
    '[{"x":{"k":[],"k" \n :1}}]',
    '{"":1,"":2}',
    '{"\\/":1,"/":2}',
    '{"é":1,"\\u00E9":1}',
    '{"a":{"b":1},"c":"d","a":{"b":1}}',
    '{"\\ud83d\\ude00":1,"😀":2}',
  ])('refuses %j: a name twice', (text) => {
    expect(parseStrictJson(text)).toEqual({ ok: false, fault: 'duplicate_key' })
  })

  it.each(['__proto__', 'constructor', 'prototype'])(
    'refuses the name %s at any depth and in any spelling',
    (name) => {
      const escaped = `\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}`
      for (const text of [`{"${name}":1}`, `{"a":[{"${name}":{}}]}`, `{"${escaped}" : 1}`]) {
        expect(parseStrictJson(text)).toEqual({ ok: false, fault: 'forbidden_key' })
      }
    },
  )

  it.each([
    '"\\u0000"',
    '{"a":"b\\u0000"}',
    '{"\\u0000":1}',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '["\\uD83Dx"]',
    '"\ud800"',
    '{"\udfff":1}',
    '["a",{"b":"\\udead"}]',
  ])('refuses %j: text that is no text', (text) => {
    expect(parseStrictJson(text)).toEqual({ ok: false, fault: 'bad_text' })
  })

  it('takes sixteen levels and no more, unless told otherwise', () => {
    expect(parseStrictJson(nested(16)).ok).toBe(true)
    expect(parseStrictJson(nested(17))).toEqual({ ok: false, fault: 'too_deep' })
    expect(parseStrictJson('{"a":[{}]}', { maxDepth: 3 }).ok).toBe(true)
    expect(parseStrictJson('{"a":[{}]}', { maxDepth: 2 })).toEqual({ ok: false, fault: 'too_deep' })
    expect(parseStrictJson('[[],[],[]]', { maxDepth: 2 }).ok).toBe(true)
    expect(parseStrictJson('1', { maxDepth: 0 }).ok).toBe(true)
  })

  it('a million brackets overflow nothing', () => {
    expect(parseStrictJson('['.repeat(1_000_000))).toEqual({ ok: false, fault: 'too_deep' })
    expect(parseStrictJson('{"a":'.repeat(100_000))).toEqual({ ok: false, fault: 'too_deep' })
    expect(parseStrictJson(']'.repeat(1_000_000))).toEqual({ ok: false, fault: 'syntax' })
  })

  it('a value that is not text at all is bad syntax', () => {
    for (const value of [null, undefined, 1, {}, []]) {
      expect(parseStrictJson(value as unknown as string).ok).toBe(typeof value === 'number')
    }
  })

  it('never throws and never accepts what JSON.parse does not, whatever is cut, doubled or swapped', () => {
    const wrong: string[] = []
    const seed =
      '{"a":[1,{"b":"\\u00e9\\\\\\""},null],"c":"x:y","d":{"e":-1.5e3,"f":[true,false,"{"]}}'
    const marks = [
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      ' ',
      '0',
      'u',
      '\ud800',
      '\0',
      '__proto__',
    ]
    for (let at = 0; at <= seed.length; at++) {
      for (const mark of marks) {
        for (const cut of [0, 1, 3]) {
          const text = seed.slice(0, at) + mark + seed.slice(at + cut)
          const result = parseStrictJson(text)
          const plain = parsePlain(text)
          if (result.ok && !isDeepStrictEqual(plain, { value: result.value })) wrong.push(text)
          // anything but bad syntax is only said of what is JSON
          if (!result.ok && plain === null && !['syntax', 'too_deep'].includes(result.fault))
            wrong.push(text)
        }
      }
    }
    expect(wrong).toEqual([])
  })

  it('long blanks, long runs of escapes and many names are read in one go', () => {
    const names = Array.from(
      { length: 50_000 },
      (_, n) => `"k${n}"${' '.repeat(20)}:"\\\\\\""`,
    ).join(',')
    expect(parseStrictJson(`{${names}}`).ok).toBe(true)
    expect(parseStrictJson(`"${'\\\\'.repeat(500_000)}"`).ok).toBe(true)
    expect(parseStrictJson('"a'.repeat(200_000))).toEqual({ ok: false, fault: 'syntax' })
    expect(parseStrictJson(' '.repeat(1_000_000))).toEqual({ ok: false, fault: 'syntax' })
  })
})
