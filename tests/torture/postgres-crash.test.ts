import { killServer } from '@pair/testkit/torture'
import { test } from 'vitest'
import { expectSound, untilTested } from './expect-sound.ts'
import { EXTENT, PATIENCE_MS } from './extent.ts'
import { onPostgres } from './stores.ts'

test(
  'SEC-13 CODE-05 CODE-06 where the server itself is killed again and again, what two apps answered is there after its recovery and what they refused is nothing (postgres)',
  () => expectSound(killServer(untilTested(onPostgres()), { kills: EXTENT.crashes })),
  PATIENCE_MS,
)
