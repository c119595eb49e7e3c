import { describe, expect, it } from 'vitest'
import { fromBase64Url, toBase64Url } from '../../src/encoding/base64url.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

describe('base64url', () => {
  it.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
    ['\xfb\xff\xfe', '-__-'],
  ])('%j is spelled %j, as in RFC 4648 without padding', (plain, text) => {
    expect(toBase64Url(bytesOf(plain))).toBe(text)
    expect(fromBase64Url(text)).toEqual(bytesOf(plain))
  })

  it('agrees with another implementation for every length up to 300', () => {
    for (let length = 0; length <= 300; length++) {
      const bytes = crypto.getRandomValues(new Uint8Array(length))
      const text = toBase64Url(bytes)
      expect(text).toBe(Buffer.from(bytes).toString('base64url'))
      expect(fromBase64Url(text)).toEqual(bytes)
    }
  })

  it('has one spelling for each value: of all two and three character texts only canonical ones are read', () => {
    for (const a of ALPHABET) {
      for (const b of ALPHABET) {
        for (const text of [a + b, `A${a}${b}`]) {
          const bytes = fromBase64Url(text)
          const canonical = Buffer.from(text, 'base64url').toString('base64url') === text
          expect(bytes !== null).toBe(canonical)
          expect(bytes === null || toBase64Url(bytes) === text).toBe(true)
        }
      }
    }
  })

  it.each([
    'A',
    'AAAAA',
    'Zg==',
    'Zg=',
    'Zm8=',
    'Zh',
    'Zm9',
    ' Zm9v',
    'Zm9v ',
    'Zm\n9v',
    'Zm9v\n',
    '+__-',
    '/AAA',
    'Zm9v.',
    'Zm9\u212a',
    'Zm9\uff21',
    '\0AAA',
    'Zm9\ud800',
    'Zm9\u0141',
  ])('refuses %j', (text) => {
    expect(fromBase64Url(text)).toBeNull()
  })
})
