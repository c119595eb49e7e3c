import type { RandomSource } from '../ports/runtime.ts'

/** `123 456`: short enough to compare at a glance, and made by the server alone. It is no secret. */
export function drawMatchCode(random: RandomSource): string {
  for (;;) {
    const bytes = random(3)
    const number = ((bytes[0]! << 16) | (bytes[1]! << 8) | bytes[2]!) & 0xfffff
    // rejection sampling: 2^20 numbers, a million of which are evenly many
    if (number < 1_000_000) {
      const digits = String(number).padStart(6, '0')
      return `${digits.slice(0, 3)} ${digits.slice(3)}`
    }
  }
}
