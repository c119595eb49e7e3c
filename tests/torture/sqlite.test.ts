import { test } from 'vitest'
import { killRedeemers, raceForCodes } from './code-races.ts'
import { PATIENCE_MS } from './options.ts'

test(
  'CODE-03 of 8 processes with 25 in flight that all redeem the same 1,000 codes, one wins each (sqlite)',
  () => raceForCodes('sqlite', 1_000),
  PATIENCE_MS,
)

test(
  'CODE-06 after each of 200 kills in the midst of redeeming, codes are unused or redeemed with their one session (sqlite)',
  () => killRedeemers('sqlite', 200),
  PATIENCE_MS,
)
