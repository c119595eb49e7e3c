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
  const { length } = text
  const rest = length & 3
  if (rest === 1) return null
  const bytes = new Uint8Array((length * 3) >> 2)
  let to = 0
  for (let at = 0; at < length; at += 4) {
    // Behind the end stand zeros; of anything that is no character of the alphabet the sign shows.
    const word =
      (sixBits(text, at) << 18) |
      (sixBits(text, at + 1) << 12) |
      (at + 2 < length ? sixBits(text, at + 2) << 6 : 0) |
      (at + 3 < length ? sixBits(text, at + 3) : 0)
    if (word < 0) return null
    bytes[to] = word >> 16
    bytes[to + 1] = word >> 8
    bytes[to + 2] = word
    to += 3
    // spare bits that aren't zero would be a second spelling of the same bytes
    if (at + 4 > length && word & (rest === 2 ? 0xffff : 0xff)) return null
  }
  return bytes
}

/** What each character stands for; -1: it is none of the alphabet. */
const SIX_BITS = Int8Array.from({ length: 128 }, (_, code) =>
  ALPHABET.indexOf(String.fromCharCode(code)),
)

function sixBits(text: string, at: number): number {
  return SIX_BITS[text.charCodeAt(at)] ?? -1
}
