import { test } from 'vitest'
import { killRedeemers, raceForCodes } from './code-races.ts'
import { EXTENT, PATIENCE_MS } from './options.ts'

test(
  'CODE-03 of 8 processes with 25 in flight that all redeem the same codes, a thousand and more, one wins each (redis)',
  () => raceForCodes('redis', EXTENT.codes),
  PATIENCE_MS,
)

test(
  'CODE-06 after each kill in the midst of redeeming, codes are unused or redeemed with their one session (redis)',
  () => killRedeemers('redis', EXTENT.kills),
  PATIENCE_MS,
)
