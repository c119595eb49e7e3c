import { afterEach, describe, expect, it, test, vi } from 'vitest'
import {
  drawTypedCode,
  formatTypedCode,
  parseCode,
  TYPED_ALPHABET,
  TYPED_CODE_BITS,
  TYPED_LENGTHS,
  typedCodeBits,
} from '../../src/bootstrap/typed-code.ts'
import * as entry from '../../src/index.ts'
import type { RandomSource } from '../../src/ports/runtime.ts'
import { createServer } from '../kit/newcomers.ts'

afterEach(() => vi.restoreAllMocks())

/** Hands out these bytes, then zeros. */
function bytesOf(...script: number[]): RandomSource {
  return (length) => Uint8Array.from({ length }, () => script.shift() ?? 0)
}

describe('drawing', () => {
  test.each([
    [1_000_000, 9],
    [200_000, 12],
    [200_000, 15],
  ] as const)(
    'CODE-01 %d drawn codes pass chi-square at each of the %d places',
    { timeout: 60_000 },
    (draws, symbols) => {
      const counts = Array.from({ length: symbols }, () => new Float64Array(128))
      const pool = new Uint8Array(65_529)
      let at = pool.length
      const random: RandomSource = (length) => {
        if (at + length > pool.length) {
          crypto.getRandomValues(pool)
          at = 0
        }
        return pool.subarray(at, (at += length))
      }
      for (let draw = 0; draw < draws; draw++) {
        const code = drawTypedCode(random, symbols)
        for (let place = 0; place < symbols; place++)
          counts[place]![code.charCodeAt(place + Math.floor(place / 3))]! += 1
      }
      const expected = draws / 31
      for (const seen of counts) {
        const drawn = Array.from(TYPED_ALPHABET, (symbol) => seen[symbol.charCodeAt(0)]!)
        expect(drawn.reduce((sum, count) => sum + count, 0)).toBe(draws)
        // 30 degrees of freedom: beyond 110 once in 10^10; bytes taken modulo 31 come to some hundreds
        expect(
          drawn.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0),
        ).toBeLessThan(110)
      }
    },
  )

  test('CODE-01 a code of twelve or fifteen symbols has groups of three as well, none empty', () => {
    const bytes = Array.from({ length: 15 }, (_, place) => place + 1)
    expect(drawTypedCode(bytesOf(...bytes), 9)).toBe('345-678-9AB')
    expect(drawTypedCode(bytesOf(...bytes), 12)).toBe('345-678-9AB-CDE')
    expect(drawTypedCode(bytesOf(...bytes), 15)).toBe('345-678-9AB-CDE-FGH')
    expect(drawTypedCode(bytesOf(255, 248, ...bytes), 15)).toBe('345-678-9AB-CDE-FGH')
    expect(formatTypedCode('K7QM4PXW2')).toBe('K7Q-M4P-XW2')
  })

  test('CODE-01 twelve symbols are 59.45 bits, fifteen are 74.31', () => {
    expect(TYPED_LENGTHS.map((symbols) => typedCodeBits(symbols).toFixed(2))).toEqual([
      '44.59',
      '59.45',
      '74.31',
    ])
  })

  test('CODE-01 a byte of 248 or more is drawn anew, wherever it stands', () => {
    for (let byte = 248; byte <= 255; byte++) {
      expect(drawTypedCode(bytesOf(byte, 1, 2, 3, 4, 5, 6, 7, 8, 9))).toBe('345-678-9AB')
      expect(drawTypedCode(bytesOf(1, 2, 3, 4, byte, byte, 5, 6, 7, 8, 9))).toBe('345-678-9AB')
      expect(drawTypedCode(bytesOf(1, 2, 3, 4, 5, 6, 7, 8, byte, ...Array(9).fill(byte), 9))).toBe(
        '345-678-9AB',
      )
    }
    expect(drawTypedCode(bytesOf(...Array(9).fill(247)))).toBe('ZZZ-ZZZ-ZZZ')
  })

  test('CODE-01 each of the 248 fair bytes gives each symbol as often as any other', () => {
    const seen = new Map<string, number>()
    for (let byte = 0; byte < 248; byte++) {
      const symbol = drawTypedCode(bytesOf(byte))[0]!
      seen.set(symbol, (seen.get(symbol) ?? 0) + 1)
    }
    expect([...seen.keys()].sort().join('')).toBe('23456789ABCDEFGHJKMNPQRSTUVWXYZ')
    expect(new Set(seen.values())).toEqual(new Set([8]))
  })

  test('CODE-01 the entry exposes the alphabet and 44.59 bits', () => {
    expect(entry.TYPED_ALPHABET).toBe('23456789ABCDEFGHJKMNPQRSTUVWXYZ')
    expect(entry.TYPED_ALPHABET).not.toMatch(/[01OIL]/)
    expect(entry.TYPED_CODE_BITS).toBeCloseTo(44.59, 2)
    expect(TYPED_CODE_BITS).toBe(9 * Math.log2(31))
  })

  test('CODE-01 codes come from the generator of the platform and never from Math.random', async () => {
    const real = crypto.getRandomValues.bind(crypto)
    const lengths: number[] = []
    vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
      lengths.push(array!.byteLength)
      return real(array)
    })
    const weak = vi.spyOn(Math, 'random')
    const { pair } = createServer()
    const { typed } = await pair.codes.issue()
    expect(typed).toMatch(/^(?:[2-9A-HJKMNP-Z]{3}-){2}[2-9A-HJKMNP-Z]{3}$/)
    expect(lengths).toContain(16)
    expect(lengths).toContain(9)
    expect(weak).not.toHaveBeenCalled()
  })
})

const CANONICAL = 'K7QM4PXW2'
const typed = { form: 'typed', secret: CANONICAL }

describe('typing', () => {
  test.each([
    ['as printed', 'K7Q-M4P-XW2'],
    ['in lower case', 'k7q-m4p-xw2'],
    ['in mixed case', 'k7Q-M4p-xW2'],
    ['without dashes', 'k7qm4pxw2'],
    ['with a dash missing', 'k7qm4p-xw2'],
    ['with blanks', ' k7q m4p xw2 '],
    ['with tabs and line ends', '\tk7q\r\nm4p\nxw2\n'],
    ['with a no-break and an ideographic space', 'k7q\u00a0m4p\u3000xw2'],
    ['with en and em dashes', 'k7q–m4p—xw2'],
    ['with a minus sign', 'k7q\u2212m4p\u2212xw2'],
    ['with dashes doubled and in odd places', '-k-7q--m4-p-xw2-'],
    ['with hyphens that do not break', 'k7q\u2011m4p\u2011xw2'],
    ['in full-width forms', 'Ｋ７Ｑ－Ｍ４Ｐ－ＸＷ２'],
    ['in full-width lower case', 'ｋ７ｑ－ｍ４ｐ－ｘｗ２'],
    ['with the long sound mark that a Japanese keyboard has for a dash', 'ｋ７ｑーｍ４ｐｰｘｗ２'],
    ['with soft hyphens', 'k7q\u00adm4p\u00adxw2'],
    ['with hyphen bullets', 'k7q\u2043m4p\u2043xw2'],
    ['with invisible joiners from a copied page', '\u200bk7q-\u2060m4p-\u200dxw2\ufeff'],
  ])('CODE-02 a code is read %s', (_, text) => {
    expect(parseCode(text)).toEqual(typed)
  })

  test.each([
    '0',
    'O',
    'o',
    '1',
    'I',
    'i',
    'L',
    'l',
    '０',
    'Ｏ',
    'ｌ',
    '_',
    '.',
    '/',
    '+',
    '!',
    '\0',
    '💥',
    'é',
  ])('CODE-02 the glyph %j makes it no code', (glyph) => {
    expect(parseCode(`${glyph}7Q-M4P-XW2`)).toEqual({ form: 'none' })
    expect(parseCode(`K7Q-M4P-XW${glyph}`)).toEqual({ form: 'none' })
  })

  it('has nine symbols, no fewer and no more', () => {
    for (const text of ['', '-', 'K7QM4PXW', 'K7QM4PXW22', 'K7Q'.repeat(50)])
      expect(parseCode(text)).toEqual({ form: 'none' })
  })

  it.each(TYPED_LENGTHS)(
    'of %d symbols is read as it was printed, and in no other length',
    (length) => {
      const secret = 'K7QM4PXW2ABCDEF'.slice(0, length)
      for (const symbols of TYPED_LENGTHS) {
        const read = symbols === length ? { form: 'typed', secret } : { form: 'none' }
        expect(parseCode(formatTypedCode(secret), symbols)).toEqual(read)
        expect(parseCode(` ${formatTypedCode(secret).toLowerCase()} `, symbols)).toEqual(read)
        expect(parseCode(secret, symbols)).toEqual(read)
      }
      expect(parseCode(secret.slice(1), length)).toEqual({ form: 'none' })
      expect(parseCode(`${secret}2`, length)).toEqual({ form: 'none' })
      const link = 'abcDEF-_0123456789OIlx'
      expect(parseCode(link, length)).toEqual({ form: 'link', secret: link })
    },
  )

  it('takes the secret of a link to the letter', () => {
    expect(parseCode(' abcDEF-_0123456789OIlx ')).toEqual({
      form: 'link',
      secret: 'abcDEF-_0123456789OIlx',
    })
    expect(parseCode('abcDEF-_0123456789OIl')).toEqual({ form: 'none' })
    expect(parseCode('abcDEF-_0123456789OIl=')).toEqual({ form: 'none' })
  })

  it('takes the seed of a launcher to the letter, and what is longer or shorter is neither', () => {
    const seed = 'abcDEF-_0123456789OIlabcDEF-_0123456789OIlx'
    expect(parseCode(` ${seed}\n`)).toEqual({ form: 'link', secret: seed })
    for (const text of [seed.slice(1), `${seed}x`, seed.repeat(2), `${seed.slice(1)}=`])
      expect(parseCode(text)).toEqual({ form: 'none' })
  })

  it('never takes long for long junk', () => {
    for (const text of [' '.repeat(1e6), '-'.repeat(1e6), 'K'.repeat(1e6), '\u0301'.repeat(1e6)]) {
      expect(parseCode(text)).toEqual({ form: 'none' })
    }
  })
})

describe('canonical form', () => {
  test(
    'SEC-01 of all code points only ASCII symbols and their full-width forms are a symbol',
    { timeout: 60_000 },
    () => {
      const accepted = new Map<string, string>()
      for (let point = 0; point <= 0x10_ffff; point++) {
        const glyph = String.fromCodePoint(point)
        const parsed = parseCode(`7QM4PXW2${glyph}`)
        if (parsed.form === 'typed') accepted.set(glyph, parsed.secret.slice(8))
      }
      const fullWidth = (text: string): string[] =>
        Array.from(text, (symbol) => String.fromCharCode(symbol.charCodeAt(0) + 0xfee0))
      const plain = [...TYPED_ALPHABET, ...TYPED_ALPHABET.toLowerCase()]
      const expected = new Set([...plain, ...fullWidth(plain.join(''))])
      expect(new Set(accepted.keys())).toEqual(expected)
      for (const [glyph, symbol] of accepted)
        expect(symbol).toBe(glyph.normalize('NFKC').toUpperCase())
    },
  )

  test.each([
    'ſ',
    'ı',
    '\u212a',
    'ﬀ',
    'ﬆ',
    'İ',
    '\u212b',
    'ß',
    'Ｉ',
    'ｓ\u0307',
    'k\u0307',
    '𝐊',
    'Ⓚ',
    'ᴷ',
    '\u041a',
    '\u039a',
    '٢',
    '２\u20e3',
  ])('SEC-01 %j is no symbol and folds to none', (glyph) => {
    expect(parseCode(`${glyph}M4PXW278`)).toEqual({ form: 'none' })
    expect(parseCode(`M4PXW278${glyph}`)).toEqual({ form: 'none' })
    expect(parseCode(`M4PX${glyph}W278`)).toEqual({ form: 'none' })
  })

  test('SEC-01 a Turkish locale changes nothing', () => {
    const { toLocaleUpperCase, toLocaleLowerCase } = String.prototype
    vi.spyOn(String.prototype, 'toLocaleUpperCase').mockImplementation(function (this: string) {
      return toLocaleUpperCase.call(this, 'tr')
    })
    vi.spyOn(String.prototype, 'toLocaleLowerCase').mockImplementation(function (this: string) {
      return toLocaleLowerCase.call(this, 'tr')
    })
    expect('i'.toLocaleUpperCase()).toBe('İ')
    expect(parseCode('k7q-m4p-xw2')).toEqual(typed)
    for (const glyph of ['i', 'I', 'ı', 'İ'])
      expect(parseCode(`${glyph}7q-m4p-xw2`)).toEqual({ form: 'none' })
  })

  test('SEC-01 whatever is parsed is ASCII, and parsing it again changes nothing', () => {
    const pieces = [
      'k7q',
      'ＫＱＭ',
      '-',
      '–',
      ' ',
      '\u3000',
      'ſ',
      'ı',
      'm4p',
      'xw2',
      '２３４',
      '\u212a',
    ]
    let state = 7
    const next = (below: number): number =>
      (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) % below
    let parsedSome = 0
    for (let round = 0; round < 20_000; round++) {
      const text = Array.from({ length: 1 + next(8) }, () => pieces[next(pieces.length)]!).join('')
      const parsed = parseCode(text)
      if (parsed.form === 'none') continue
      parsedSome++
      expect(parsed.secret).toMatch(
        parsed.form === 'typed' ? /^[2-9A-HJKMNP-Z]{9}$/ : /^[\w-]{22}$/,
      )
      expect(parseCode(parsed.secret)).toEqual(parsed)
    }
    expect(parsedSome).toBeGreaterThan(50)
  })
})
