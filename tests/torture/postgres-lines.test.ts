import { setTimeout as pause } from 'node:timers/promises'
import { loseAnswers, type TorturedStore } from '@pair/testkit/torture'
import { expect, test } from 'vitest'
import { newPool } from '../../packages/store-postgres/test/kit/clients.ts'
import { postgresUrl } from '../../packages/store-postgres/test/kit/server.ts'
import { scoped } from '../../packages/testkit/src/torture/scope.ts'
import { openTrial } from '../../packages/testkit/src/torture/trial.ts'
import { expectSound } from './expect-sound.ts'
import { EXTENT, PATIENCE_MS } from './extent.ts'
import { LOCKS_HELD } from './locks.ts'
import type { PostgresPlace } from './places/postgres.ts'
import { inSchemas } from './stores.ts'

/** One at work, and any other. */
const END_TWO = `
  SELECT pg_terminate_backend(pid) FROM (
    SELECT pid FROM pg_stat_activity WHERE application_name = $1 ORDER BY state = 'active' DESC, random() LIMIT 1
  ) AS busy UNION ALL
  SELECT pg_terminate_backend(pid) FROM (
    SELECT pid FROM pg_stat_activity WHERE application_name = $1 ORDER BY random() LIMIT 1
  ) AS any_line`

test(
  'SEC-13 CODE-05 CODE-06 where lines to the server are ended at random all the time, what two apps answered holds and what they refused is nothing (postgres)',
  () =>
    scoped(async (scope) => {
      const trial = await openTrial(inSchemas(await postgresUrl()), scope)
      const { url, name } = trial.place.setting as PostgresPlace
      const killer = newPool({ connectionString: url, max: 1 })
      scope.atEnd(() => killer.end())
      let ended = 0
      for (const until = performance.now() + EXTENT.trialMs; performance.now() < until;) {
        await pause(100)
        ended += (await killer.query(END_TWO, [name])).rowCount ?? 0
      }
      expect(await trial.finish()).toEqual([])
      console.log(`${ended} lines ended; ${trial.ledger.unsureCounts} of unknown outcome`)
      expect(trial.ledger.unsureCounts).toBeGreaterThan(0)
      expect((await killer.query(LOCKS_HELD, [name])).rows).toEqual([{ held: 0 }])
    }),
  PATIENCE_MS,
)

test(
  'SEC-05 CODE-05 where lines are reset, hang and lose answers, what two apps answered holds and what they refused is nothing (postgres)',
  async () => expectSound(loseAnswers(inSchemas(await postgresUrl()), { ms: EXTENT.trialMs / 2 })),
  PATIENCE_MS,
)

test(
  'SEC-05 CODE-05 it does not where stores take for done what was not answered (postgres)',
  async () => {
    const module = new URL('places/hasty-postgres.ts', import.meta.url).href
    const hasty: TorturedStore = { ...inSchemas(await postgresUrl()), module }
    const { faults } = await loseAnswers(hasty, { ms: 6_000, settleMs: 1_000 })
    expect(faults.join('\n')).toMatch(/has two (winners|verdicts)|and stands$|in place of \d/m)
  },
  PATIENCE_MS,
)
