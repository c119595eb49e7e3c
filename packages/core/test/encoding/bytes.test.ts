import { createHash, hkdfSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  deriveKey,
  equalBytes,
  hmacSha256,
  sha256Base64Url,
  utf8,
} from '../../src/encoding/bytes.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('bytes', () => {
  it('text becomes UTF-8', () => {
    expect(hex(utf8('a€😀'))).toBe('61e282acf09f9880')
  })

  it('bytes are equal only if all are', () => {
    const bytes = crypto.getRandomValues(new Uint8Array(32))
    expect(equalBytes(bytes, bytes.slice())).toBe(true)
    expect(equalBytes(new Uint8Array(), new Uint8Array())).toBe(true)
    expect(equalBytes(bytes, bytes.slice(1))).toBe(false)
    expect(equalBytes(bytes.slice(1), bytes)).toBe(false)
    for (let bit = 0; bit < 256; bit++) {
      const other = bytes.slice()
      other[bit >> 3]! ^= 1 << (bit & 7)
      expect(equalBytes(bytes, other)).toBe(false)
    }
  })

  it('SHA-256 is that of FIPS 180-4, of text and of bytes', () => {
    const digest = Buffer.from(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      'hex',
    ).toString('base64url')
    expect(sha256Base64Url('abc')).toBe(digest)
    expect(sha256Base64Url(utf8('abc'))).toBe(digest)
    expect(sha256Base64Url('€')).toBe(createHash('sha256').update('€', 'utf8').digest('base64url'))
  })

  it('HMAC-SHA-256 is that of RFC 4231', () => {
    const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
    expect(hex(hmacSha256(utf8('Jefe'), 'what do ya want for nothing?'))).toBe(expected)
    expect(hex(hmacSha256(utf8('Jefe'), utf8('what do ya want for nothing?')))).toBe(expected)
  })

  it('a derived key is HKDF-SHA-256 of the master and another for each purpose', () => {
    const master = crypto.getRandomValues(new Uint8Array(32))
    expect(hex(deriveKey(master, 'session'))).toBe(
      Buffer.from(hkdfSync('sha256', master, new Uint8Array(), 'pair/session/v1', 32)).toString(
        'hex',
      ),
    )
    expect(deriveKey(master, 'session')).toHaveLength(32)
    expect(deriveKey(master, 'code')).not.toEqual(deriveKey(master, 'session'))
  })
})
