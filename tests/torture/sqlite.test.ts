import { killProcesses, raceForCodes } from '@pair/testkit/torture'
import { test } from 'vitest'
import { expectSound } from './expect-sound.ts'
import { EXTENT, PATIENCE_MS } from './extent.ts'
import { inFolders } from './stores.ts'

test(
  'CODE-03 of 8 processes with 25 in flight that all redeem the same codes, a thousand and more, one wins each (sqlite)',
  () => expectSound(raceForCodes(inFolders('sqlite'), { codes: EXTENT.codes })),
  PATIENCE_MS,
)

test(
  'CODE-06 after each of 100 kills and more in the midst of redeeming, codes are unused or redeemed with their one session (sqlite)',
  () => expectSound(killProcesses(inFolders('sqlite'), { kills: EXTENT.sqliteKills })),
  PATIENCE_MS,
)
