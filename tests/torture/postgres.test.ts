import { killProcesses, raceForCodes } from '@pair/testkit/torture'
import { test } from 'vitest'
import { postgresUrl } from '../../packages/store-postgres/test/kit/server.ts'
import { expectSound } from './expect-sound.ts'
import { EXTENT, PATIENCE_MS } from './extent.ts'
import { inSchemas } from './stores.ts'

test(
  'CODE-03 of 8 processes with 25 in flight that all redeem the same codes, a thousand and more, one wins each (postgres)',
  async () => expectSound(raceForCodes(inSchemas(await postgresUrl()), { codes: EXTENT.codes })),
  PATIENCE_MS,
)

test(
  'CODE-06 after each kill in the midst of redeeming, codes are unused or redeemed with their one session (postgres)',
  async () => expectSound(killProcesses(inSchemas(await postgresUrl()), { kills: EXTENT.kills })),
  PATIENCE_MS,
)
