import { toBase64Url } from '../encoding/base64url.ts'
import { hmacSha256, utf8 } from '../encoding/bytes.ts'

/**
 * The name under which a user code is looked up, and by which it is compared: an HMAC under a key that is not in the database.
 * It is never that of a pairing code, whatever its symbols are.
 */
export function userCodeDigest(pepper: Uint8Array, symbols: string): string {
  return toBase64Url(hmacSha256(pepper, utf8(`device:${symbols}`)))
}

/** The same under each key that counts. */
export function userCodeDigests(peppers: readonly Uint8Array[], symbols: string): string[] {
  return peppers.map((pepper) => userCodeDigest(pepper, symbols))
}
