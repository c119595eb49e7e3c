import { createHash, randomBytes } from 'node:crypto'
import { crc32 as zlibCrc } from 'node:zlib'
import { expect, test } from 'vitest'
import { drawAgentKey, hashAgentKey, isAgentKeyPrefix } from '../../src/agent/agent-key-text.ts'
import { fromBase62, toBase62 } from '../../src/encoding/base62.ts'
import { utf8 } from '../../src/encoding/bytes.ts'
import { crc32 } from '../../src/encoding/crc32.ts'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

/** The same by other means: digits by long division, the checksum by zlib. */
function spell(prefix: string, bytes: Uint8Array): string {
  const digits = (hex: string, width: number): string => {
    let rest = BigInt(`0x${hex}`)
    const out: string[] = []
    for (; out.length < width; rest /= 62n) out.unshift(ALPHABET[Number(rest % 62n)]!)
    return out.join('')
  }
  const named = `${prefix}_${digits(Buffer.from(bytes).toString('hex'), 43)}`
  return named + digits(zlibCrc(named).toString(16), 6)
}

test('AGT-01 a key is its prefix, 256 bits in 43 digits of base 62, and the CRC-32 of what precedes in 6', () => {
  const edges = [new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(32).fill(1)]
  for (const bytes of [...edges, ...Array.from({ length: 500 }, () => random(32))]) {
    const { text, hash } = drawAgentKey('pak', () => bytes)
    expect(text).toBe(spell('pak', bytes))
    expect(text).toHaveLength(53)
    expect(hash).toBe(createHash('sha256').update(text).digest('base64url'))
    expect(hashAgentKey('pak', text)).toBe(hash)
  }
})

test('AGT-01 every other spelling of a key, and every text with one character changed, is none', () => {
  const { text } = drawAgentKey('pak', random)
  for (let at = 0; at < text.length; at++) {
    for (const other of `${ALPHABET}_-. \u0000`) {
      if (other === text[at]) continue
      expect(hashAgentKey('pak', text.slice(0, at) + other + text.slice(at + 1))).toBe(null)
    }
    expect(hashAgentKey('pak', text.slice(0, at) + text.slice(at + 1))).toBe(null)
  }
  for (const other of [`${text}0`, ` ${text}`, text.toUpperCase(), text.slice(4), '', 'pak_'])
    expect(hashAgentKey('pak', other)).toBe(null)
  expect(hashAgentKey('lab', text)).toBe(null)
  expect(hashAgentKey('lab', drawAgentKey('lab', random).text)).not.toBe(null)
})

test('AGT-01 digits that say more than 256 bits are no key, whatever their checksum', () => {
  const named = (number: bigint): string => {
    const front = `pak_${toBase62(number, 43)}`
    return front + toBase62(BigInt(crc32(utf8(front))), 6)
  }
  expect(hashAgentKey('pak', named((1n << 256n) - 1n))).not.toBe(null)
  expect(hashAgentKey('pak', named(1n << 256n))).toBe(null)
  expect(hashAgentKey('pak', named(62n ** 43n - 1n))).toBe(null)
})

test('the CRC-32 is that of zlib, and base 62 reads what it writes', () => {
  expect(crc32(utf8('123456789'))).toBe(0xcbf43926)
  for (let count = 0; count < 300; count++) {
    const bytes = random(count)
    expect(crc32(bytes)).toBe(zlibCrc(bytes))
    const number = BigInt(`0x0${Buffer.from(bytes.slice(0, 20)).toString('hex')}`)
    expect(fromBase62(toBase62(number, 43))).toBe(number)
  }
  expect(fromBase62('-')).toBe(null)
})

test('AGT-01 a prefix is 2 to 12 of a-z and 0-9', () => {
  for (const right of ['pak', 'a1', 'abcdefghijkl']) expect(isAgentKeyPrefix(right)).toBe(true)
  for (const wrong of ['a', 'abcdefghijklm', 'Pak', 'p_k', '', 7, null, 'p k'])
    expect(isAgentKeyPrefix(wrong)).toBe(false)
})
