import { killProcesses, raceForCodes } from '@pair/testkit/torture'
import { test } from 'vitest'
import { expectSound, untilTested } from './expect-sound.ts'
import { EXTENT, PATIENCE_MS } from './extent.ts'
import { onRedis } from './stores.ts'

test(
  'CODE-03 of 8 processes with 25 in flight that all redeem the same codes, a thousand and more, one wins each (redis)',
  async () => expectSound(raceForCodes(untilTested(onRedis()), { codes: EXTENT.codes })),
  PATIENCE_MS,
)

test(
  'CODE-06 after each kill in the midst of redeeming, codes are unused or redeemed with their one session (redis)',
  async () => expectSound(killProcesses(untilTested(onRedis()), { kills: EXTENT.kills })),
  PATIENCE_MS,
)
