import { createPair, type Pair, type PairOptions, type Store } from '@pair/core'

const ALL = { max: 1_000_000 }

export const ORIGIN = 'http://localhost'

/** Of every process: as many codes and attempts as it takes, each attempt from an address of its own. */
const ROOMY = {
  secret: 'a secret of these tests, 32 bytes or more',
  scopes: ['notes'],
  keyless: 'full',
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  limits: { redeem: ALL, change: ALL, poll: ALL, typedCodes: { max: 500_000 } },
  risk: { liveCodes: 1_000, guessProbability: 0.1, perMs: 86_400_000 },
} satisfies Partial<PairOptions<string>>

/** An instance in which nobody meets a limit, but those that are named. */
export function roomyPair(
  store: Store,
  { limits, ...others }: Partial<Omit<PairOptions<string>, 'store'>> = {},
): Pair<string> {
  return createPair<string>({
    ...ROOMY,
    ...others,
    limits: { ...ROOMY.limits, ...limits },
    store,
  })
}

/** An address from which no other attempt of this process or another comes. */
export function addressOf(process: number, attempt: number): string {
  return `10.${process % 256}.${(attempt >> 8) % 256}.${attempt % 256}`
}

export function redeemRequest(code: string): Request {
  return new Request(`${ORIGIN}/auth/redeem`, {
    method: 'POST',
    body: JSON.stringify({ code, transport: 'bearer' }),
    headers: { 'content-type': 'application/json' },
  })
}
