import type { PairOptions } from '@pair/core'

const ALL = { max: 1_000_000 }

/** Of every process: as many codes and attempts as it takes, each attempt from an address of its own. */
export const OPTIONS = {
  scopes: ['notes'],
  keyless: 'full',
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  limits: { redeem: ALL, typedCodes: { max: 50_000 } },
  risk: { liveCodes: 1_000 },
} satisfies Partial<PairOptions<string>>

/** An address from which no other attempt of this process or another comes. */
export function addressOf(process: number, attempt: number): string {
  return `10.${process % 256}.${(attempt >> 8) % 256}.${attempt % 256}`
}
