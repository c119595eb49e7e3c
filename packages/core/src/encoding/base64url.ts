const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** These bytes as base64url without padding. @see https://www.rfc-editor.org/rfc/rfc4648#section-5 */
export function toBase64Url(bytes: Uint8Array): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = ((held & 63) << 8) | byte
    for (bits += 8; bits >= 6;) text += ALPHABET[(held >> (bits -= 6)) & 63]
  }
  return bits > 0 ? text + ALPHABET[(held << (6 - bits)) & 63] : text
}

/** The bytes of this text, or `null` where it isn't the one canonical spelling of any. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 === 1) return null
  const bytes = new Uint8Array((text.length * 3) >> 2)
  let length = 0
  let held = 0
  let bits = 0
  for (let at = 0; at < text.length; at++) {
    const six = sixBits(text.charCodeAt(at))
    if (six < 0) return null
    held = ((held & 63) << 6) | six
    bits += 6
    if (bits >= 8) bytes[length++] = held >> (bits -= 8)
  }
  // spare bits that aren't zero would be a second spelling of the same bytes
  return held & ((1 << bits) - 1) ? null : bytes
}

function sixBits(code: number): number {
  if (code >= 97 && code <= 122) return code - 71
  if (code >= 65 && code <= 90) return code - 65
  if (code >= 48 && code <= 57) return code + 4
  return code === 45 ? 62 : code === 95 ? 63 : -1
}
