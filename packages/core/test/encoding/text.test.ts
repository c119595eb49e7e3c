import { describe, expect, it } from 'vitest'
import { cleanLabel, isAsciiToken } from '../../src/encoding/text.ts'

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n)

describe('labels', () => {
  it.each([
    ['Kitchen tablet', 'Kitchen tablet'],
    ['  Kitchen \u00a0\u3000 tablet ', 'Kitchen tablet'],
    ['Cafe\u0301', 'Café'],
    ['👩‍💻 laptop', '👩‍💻 laptop'],
    ['мой ноутбук', 'мой ноутбук'],
    ['<b>&"\'', '<b>&"\''],
  ])('%j is shown as %j', (text, label) => {
    expect(cleanLabel(text)).toBe(label)
  })

  it('a cleaned label is clean: cleaning it again changes nothing', () => {
    const label = cleanLabel(' A\u030a \u2003x\u0323\u0307 ')
    expect(label).toBe('Å ẋ̣'.normalize('NFC'))
    expect(cleanLabel(label)).toBe(label)
  })

  it('length counts code points, after cleaning', () => {
    expect(cleanLabel('x'.repeat(80))).toHaveLength(80)
    expect(cleanLabel('x'.repeat(81))).toBeNull()
    expect(cleanLabel('😀'.repeat(80))).not.toBeNull()
    expect(cleanLabel('😀'.repeat(81))).toBeNull()
    expect(cleanLabel('e\u0301'.repeat(80))).toHaveLength(80)
    expect(cleanLabel(`${' '.repeat(100)}x`)).toBe('x')
    expect(cleanLabel('abc', 3)).toBe('abc')
    expect(cleanLabel('abcd', 3)).toBeNull()
    expect(cleanLabel('a' + '\u0315\u0300'.repeat(500_000))).toBeNull()
  })

  it.each([undefined, null, 1, true, {}, ['x'], '', ' ', '\u3000', '\u200b', '\u200d\u2060 '])(
    '%j is no label',
    (text) => {
      expect(cleanLabel(text)).toBeNull()
    },
  )

  it.each([
    ['C0 and C1 controls', [...range(0, 0x1f), ...range(0x7f, 0x9f)]],
    ['line and paragraph separators', [0x2028, 0x2029]],
    ['bidi controls', [0x61c, 0x200e, 0x200f, ...range(0x202a, 0x202e), ...range(0x2066, 0x2069)]],
    ['lone surrogates', [0xd800, 0xdbff, 0xdc00, 0xdfff]],
  ])('%s make a label void wherever they stand', (_, codes) => {
    for (const code of codes) {
      const mark = String.fromCharCode(code)
      for (const text of [mark, `${mark}a`, `a${mark}`, `a${mark}b`])
        expect(cleanLabel(text)).toBeNull()
    }
  })
})

describe('parts of keys', () => {
  it('are printable ASCII, 1 to 512 characters', () => {
    expect(isAsciiToken('dev_AZaz09-_.:/%*{}"\'\\')).toBe(true)
    expect(isAsciiToken('!')).toBe(true)
    expect(isAsciiToken('~')).toBe(true)
    expect(isAsciiToken('x'.repeat(512))).toBe(true)
    for (const text of [
      '',
      ' ',
      'a b',
      'a\n',
      '\x7f',
      '\0',
      'é',
      '\u212a',
      '\ud800',
      'x'.repeat(513),
    ]) {
      expect(isAsciiToken(text)).toBe(false)
    }
    for (const value of [undefined, null, 1, ['a'], {}]) expect(isAsciiToken(value)).toBe(false)
  })
})
