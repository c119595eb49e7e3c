import { expect, test } from 'vitest'
import {
  drawTypedCode,
  formatTypedCode,
  parseCode,
  TYPED_ALPHABET,
  TYPED_CODE_BITS,
  typedCodeBits,
} from '../../src/bootstrap/typed-code.ts'

const typed = (secret: string): object => ({ form: 'typed', secret })
const NONE = { form: 'none' }

test('CODE-01 nine symbols of 31 are 44.59 bits', () => {
  expect(TYPED_ALPHABET).toBe('23456789ABCDEFGHJKMNPQRSTUVWXYZ')
  expect(TYPED_CODE_BITS).toBe(9 * Math.log2(31))
  expect(typedCodeBits(12)).toBe(12 * Math.log2(31))
})

test('CODE-01 a byte that would favour some symbols is drawn again', () => {
  const bytes = [[248, 0, 255, 1, 30, 31, 247, 2, 3], [4, 5, 6, 7, 8, 9, 10, 11, 12], []]
  expect(drawTypedCode(() => Uint8Array.from(bytes.shift()!))).toBe('23Z-2Z4-567')
})

test('CODE-01 it is as long as was asked for, in groups of three', () => {
  const random = (length: number): Uint8Array => new Uint8Array(length)
  expect(drawTypedCode(random)).toBe('222-222-222')
  expect(drawTypedCode(random, 12)).toBe('222-222-222-222')
  expect(formatTypedCode('ABCDEF')).toBe('ABC-DEF')
  expect(formatTypedCode('ABCDEFG')).toBe('ABC-DEF-G')
})

test('CODE-02 it is read whatever its case, blanks, dashes and width', () => {
  for (const text of [
    'ABC-DEF-GHJ',
    'abcdefghj',
    ' a b c\td\ne f g h j ',
    'ABC–DEF—GHJ',
    'ABC\u00ad\u2043\u2212\u30fc\uff70\u200b\u200c\u200d\u2060DEFGHJ',
    'ＡＢＣ－ｄｅｆ－ＧＨＪ',
  ])
    expect(parseCode(text), text).toEqual(typed('ABCDEFGHJ'))
  expect(parseCode('２３４-５６７-８９z')).toEqual(typed('23456789Z'))
  expect(parseCode('zzz-aaa-zzz')).toEqual(typed('ZZZAAAZZZ'))
})

test('CODE-02 what is no code is none, and no letter is folded into another', () => {
  const others = ['ABCDEFGH', 'ABCDEFGHJK', '', 'ABCDEFGH0', 'ABCDEFGHO', 'ABCDEFGHI', 'ABCDEFGHL']
  const odd = [
    'ABCDEFGHſ',
    'ABCDEFGHı',
    'ABCDEFGH\u212a',
    'ABCDEFGHﬀ',
    'ABCDEFGH😀',
    'ABCDEFGH`',
    'ABCDEFGH{',
    'ABCDEFGH\uff00',
  ]
  for (const text of [...others, ...odd]) expect(parseCode(text), text).toEqual(NONE)
})

test('CODE-02 it is as long as this server draws them', () => {
  expect(parseCode('ABC-DEF-GHJ-KMN', 12)).toEqual(typed('ABCDEFGHJKMN'))
  expect(parseCode('ABC-DEF-GHJ', 12)).toEqual(NONE)
})

test('CODE-07 the secret of a link is read as it is', () => {
  const secret = 'Az09_-'.padEnd(22, 'x')
  expect(parseCode(secret)).toEqual({ form: 'link', secret })
  expect(parseCode(` ${secret}\n`)).toEqual({ form: 'link', secret })
  for (const text of [`${secret}x`, secret.slice(1), `${secret.slice(1)}+`, `x ${secret}`])
    expect(parseCode(text), text).toEqual(NONE)
})

test('SEC-14 no more than 128 characters are looked at', () => {
  expect(parseCode('ABCDEFGHJ'.padEnd(128))).toEqual(typed('ABCDEFGHJ'))
  expect(parseCode('ABCDEFGHJ'.padEnd(129))).toEqual(NONE)
})
