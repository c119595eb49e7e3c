import { killProcesses, raceForCodes } from '@pair/testkit/torture'
import { test } from 'vitest'
import { expectSound } from './expect-sound.ts'
import { EXTENT, PATIENCE_MS } from './extent.ts'
import { inFolders } from './stores.ts'

// each code leaves some six records, and a file has room for 5,000
test(
  'CODE-03 of 8 processes with 25 in flight that all redeem the same codes, one wins each (file)',
  () => expectSound(raceForCodes(inFolders('file'), { codes: EXTENT.fileCodes, codesAPlace: 500 })),
  PATIENCE_MS,
)

test(
  'CODE-06 after each kill in the midst of redeeming, codes are unused or redeemed with their one session (file)',
  () => expectSound(killProcesses(inFolders('file'), { kills: EXTENT.kills })),
  PATIENCE_MS,
)
