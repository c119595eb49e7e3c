const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BASE = 62n

/** A number in so many digits of `0-9 A-Z a-z`, the highest first. It has to fit. */
export function toBase62(number: bigint, width: number): string {
  let rest = number
  let text = ''
  for (let at = 0; at < width; at++) {
    text = ALPHABET.charAt(Number(rest % BASE)) + text
    rest /= BASE
  }
  return text
}

/** The number that these digits say; `null` where one is none. */
export function fromBase62(text: string): bigint | null {
  let number = 0n
  for (const digit of text) {
    const value = ALPHABET.indexOf(digit)
    if (value < 0) return null
    number = number * BASE + BigInt(value)
  }
  return number
}
