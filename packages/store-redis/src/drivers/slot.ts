/** The slot of a cluster that has this key: CRC-16/XMODEM of what is in its braces. */
export function slotOf(key: string): number {
  let crc = 0
  for (const byte of Buffer.from(tagOf(key))) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff
  }
  return crc % 16_384
}

/** Keys with the same are on one server. Of empty braces, or without any, it is the whole key. */
export function tagOf(key: string): string {
  const open = key.indexOf('{')
  const close = key.indexOf('}', open)
  return open < 0 || close <= open + 1 ? key : key.slice(open + 1, close)
}
