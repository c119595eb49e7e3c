import { fromBase64Url, toBase64Url } from '../encoding/base64url.ts'
import { equalBytes, hmacSha256 } from '../encoding/bytes.ts'
import type { Millis } from '../time.ts'

/** 48 bits of time, then 144 of HMAC-SHA-256 over it: 32 characters. */
const TIME_BYTES = 6
const NONCE_BYTES = 24

/**
 * A nonce of this moment (RFC 9449 §8). It holds its own time, so that nothing is kept of it; nobody without the key makes one.
 */
export function createNonce(key: Uint8Array, now: Millis): string {
  return toBase64Url(sealed(key, now))
}

/** When that nonce was made, or `null` where this key did not make it. */
export function readNonce(key: Uint8Array, text: string): Millis | null {
  if (text.length !== (NONCE_BYTES / 3) * 4) return null
  const bytes = fromBase64Url(text)
  if (!bytes) return null
  const at = bytes.subarray(0, TIME_BYTES).reduce((time, byte) => time * 256 + byte, 0)
  return equalBytes(bytes, sealed(key, at)) ? at : null
}

function sealed(key: Uint8Array, at: Millis): Uint8Array {
  const bytes = new Uint8Array(NONCE_BYTES)
  const time = bytes.subarray(0, TIME_BYTES)
  let left = Math.floor(at)
  for (let index = TIME_BYTES - 1; index >= 0; index--) {
    time[index] = left % 256
    left = Math.floor(left / 256)
  }
  bytes.set(hmacSha256(key, time).subarray(0, NONCE_BYTES - TIME_BYTES), TIME_BYTES)
  return bytes
}
