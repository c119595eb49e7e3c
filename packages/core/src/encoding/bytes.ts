import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { toBase64Url } from './base64url.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The UTF-8 bytes of this text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/** The text of these UTF-8 bytes, or `null` where they are none. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

/** Are these the same text? Takes the same time wherever they differ; only the length shows. */
export function equalText(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let at = 0; at < a.length; at++) difference |= a.charCodeAt(at) ^ b.charCodeAt(at)
  return difference === 0
}

/** Are these the same bytes? Takes the same time wherever they differ; only the length shows. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let at = 0; at < a.length; at++) difference |= a[at]! ^ b[at]!
  return difference === 0
}

/** The SHA-256 of these bytes, or of this text's UTF-8, as base64url. */
export function sha256Base64Url(data: string | Uint8Array): string {
  return toBase64Url(sha256(toBytes(data)))
}

/** The HMAC-SHA-256 of a message under a key. */
export function hmacSha256(key: Uint8Array, message: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return hmac(sha256, key, toBytes(message))
}

/** The 32-byte key of one purpose: HKDF-SHA-256 of the master secret, no salt. @see https://www.rfc-editor.org/rfc/rfc5869 */
export function deriveKey(master: Uint8Array, purpose: string): Uint8Array<ArrayBuffer> {
  return hkdf(sha256, master, undefined, utf8(`pair/${purpose}/v1`), 32)
}

function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? utf8(data) : data
}
