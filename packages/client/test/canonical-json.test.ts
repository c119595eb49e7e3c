import { expect, test } from 'vitest'
import { canonicalJson } from '../src/canonical-json.ts'

test('the example of RFC 8785 section 3.2.2 comes out as printed there', () => {
  const value: unknown = JSON.parse(String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`)
  expect(canonicalJson(value)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  )
})

test('names are sorted by UTF-16 code units, as in RFC 8785 section 3.2.3', () => {
  const value = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  }
  const order = Object.values(
    JSON.parse(`[${[...canonicalJson(value).matchAll(/:("[^"]*")/g)].map((m) => m[1]).join()}]`),
  )
  expect(order).toEqual([
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ])
})

test.each([
  [0, '0'],
  [-0, '0'],
  [5e-324, '5e-324'],
  [1.7976931348623157e308, '1.7976931348623157e+308'],
  [9007199254740992, '9007199254740992'],
  [1e21, '1e+21'],
  [9.5367431640625e-7, '9.5367431640625e-7'],
])('%d is written as %s', (number, text) => {
  expect(canonicalJson(number)).toBe(text)
})

test('an undefined member is left out, as JSON.stringify does', () => {
  expect(canonicalJson({ b: undefined, a: { c: undefined } })).toBe('{"a":{}}')
})

test('the order of members makes no difference', () => {
  expect(canonicalJson({ b: [1, { d: 1, c: 2 }], a: '' })).toBe(
    canonicalJson({ a: '', b: [1, { c: 2, d: 1 }] }),
  )
})

test('a member named __proto__ is a member like any other', () => {
  expect(canonicalJson(JSON.parse('{"__proto__":1,"a":2}'))).toBe('{"__proto__":1,"a":2}')
})

test.each([
  ['NaN', Number.NaN],
  ['infinity', -Infinity],
  ['a lone surrogate', 'a\ud800'],
  ['a lone surrogate in a name', { '\udc00': 1 }],
  ['a hole in a list', [undefined]],
  ['undefined', undefined],
  ['a function', () => 1],
  ['a bigint', 1n],
  ['a date', new Date(0)],
  ['a map', new Map()],
])('%s is refused', (_name, value) => {
  expect(() => canonicalJson({ value: value === undefined ? [value] : value })).toThrow(TypeError)
})
