import { fromBase62, toBase62 } from '../encoding/base62.ts'
import { sha256Base64Url, utf8 } from '../encoding/bytes.ts'
import { crc32 } from '../encoding/crc32.ts'
import type { RandomSource } from '../ports/runtime.ts'

/** The text of a key and what is stored of it. */
export interface DrawnAgentKey {
  /** `<prefix>_`, 256 random bits in 43 digits of base 62, and 6 more of their checksum. */
  text: string
  hash: string
}

const SECRET_BYTES = 32
const SECRET_DIGITS = 43
const CHECK_DIGITS = 6
const TOO_LARGE = 1n << 256n

const PREFIX = /^[a-z0-9]{2,12}$/

export function isAgentKeyPrefix(value: unknown): value is string {
  return typeof value === 'string' && PREFIX.test(value)
}

/** A fresh key, every one equally likely. */
export function drawAgentKey(prefix: string, random: RandomSource): DrawnAgentKey {
  let number = 0n
  for (const byte of random(SECRET_BYTES)) number = (number << 8n) | BigInt(byte)
  const named = `${prefix}_${toBase62(number, SECRET_DIGITS)}`
  const text = named + checkOf(named)
  return { text, hash: sha256Base64Url(text) }
}

/**
 * What is stored of a key; `null` where this is none. Its checksum tells a mistake, or any text that only looks like a key,
 * before anything is looked up. Secret scanners go by the same.
 */
export function hashAgentKey(prefix: string, text: string): string | null {
  const start = prefix.length + 1
  if (text.length !== start + SECRET_DIGITS + CHECK_DIGITS || !text.startsWith(`${prefix}_`))
    return null
  const named = text.slice(0, start + SECRET_DIGITS)
  if (text.slice(named.length) !== checkOf(named)) return null
  const number = fromBase62(named.slice(start))
  return number === null || number >= TOO_LARGE ? null : sha256Base64Url(text)
}

/** CRC-32 of all that stands before it, as secret scanners expect. */
function checkOf(named: string): string {
  return toBase62(BigInt(crc32(utf8(named))), CHECK_DIGITS)
}
