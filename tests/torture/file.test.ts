import { test } from 'vitest'
import { killRedeemers, raceForCodes } from './code-races.ts'
import { EXTENT, PATIENCE_MS } from './options.ts'

// each code leaves some six records, and a file has room for 5,000
test(
  'CODE-03 of 8 processes with 25 in flight that all redeem the same codes, one wins each (file)',
  () => raceForCodes('file', EXTENT.fileCodes),
  PATIENCE_MS,
)

test(
  'CODE-06 after each kill in the midst of redeeming, codes are unused or redeemed with their one session (file)',
  () => killRedeemers('file', EXTENT.kills),
  PATIENCE_MS,
)
