/** The reversed polynomial of CRC-32 (ISO-HDLC), as zip and Ethernet have it. */
const POLYNOMIAL = 0xedb88320

/** The CRC-32 of these bytes: 0 to 2^32 − 1. Finds mistakes and nothing else. */
export function crc32(bytes: Uint8Array): number {
  let rest = 0xffffffff
  for (const byte of bytes) {
    rest ^= byte
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? POLYNOMIAL : 0)
  }
  return (rest ^ 0xffffffff) >>> 0
}
