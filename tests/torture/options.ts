import type { PairOptions } from '@pair/core'

const ALL = { max: 1_000_000 }

export const SECRET = 'a secret of these tests, 32 bytes or more'
export const ORIGIN = 'http://localhost'

/** Of every process: as many codes and attempts as it takes, each attempt from an address of its own. */
export const OPTIONS = {
  scopes: ['notes'],
  keyless: 'full',
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  limits: { redeem: ALL, change: ALL, poll: ALL, typedCodes: { max: 500_000 } },
  risk: { liveCodes: 1_000, guessProbability: 0.1, perMs: 86_400_000 },
} satisfies Partial<PairOptions<string>>

const SHORT = {
  codes: 1_000,
  fileCodes: 60,
  trialMs: 30_000,
  crashes: 3,
  ends: 3,
  kills: 12,
  rounds: 24,
}
const LONG: typeof SHORT = {
  codes: 25_000,
  fileCodes: 700,
  trialMs: 300_000,
  crashes: 40,
  ends: 60,
  kills: 200,
  rounds: 160,
}

/** How much of it. `PAIR_TORTURE=long`: what a night has time for; else what each run of all tests has. */
export const EXTENT = process.env['PAIR_TORTURE'] === 'long' ? LONG : SHORT

/** More than any of it takes. */
export const PATIENCE_MS = 3_600_000

/** An address from which no other attempt of this process or another comes. */
export function addressOf(process: number, attempt: number): string {
  return `10.${process % 256}.${(attempt >> 8) % 256}.${attempt % 256}`
}
