import { checkHistories, type TorturedStore } from '@pair/testkit/torture'
import { expect, test } from 'vitest'
import { postgresUrl } from '../../packages/store-postgres/test/kit/server.ts'
import { expectSound } from './expect-sound.ts'
import { EXTENT, PATIENCE_MS } from './extent.ts'
import { inSchemas } from './stores.ts'

const options = { histories: 1, rounds: EXTENT.rounds }

test(
  'SEC-05 SEC-18 a history of three processes whose lines are reset, hang and lose answers is linearizable for single use, decisions and counters, and their journal is read in order (postgres)',
  async () => expectSound(checkHistories(inSchemas(await postgresUrl()), options)),
  PATIENCE_MS,
)

test(
  'SEC-05 it is not where stores repeat what was not answered (postgres)',
  async () => {
    const module = new URL('places/repeating-postgres.ts', import.meta.url).href
    const repeating: TorturedStore = { ...inSchemas(await postgresUrl()), module }
    expect((await checkHistories(repeating, options)).faults).not.toEqual([])
  },
  PATIENCE_MS,
)
