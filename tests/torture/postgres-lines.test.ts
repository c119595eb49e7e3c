import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { newPool } from '../../packages/store-postgres/test/kit/clients.ts'
import { freshPlace, type PostgresPlace } from './fresh-place.ts'
import { EXTENT, PATIENCE_MS } from './options.ts'
import { blow, proxyOf } from './proxied.ts'
import { LOCKS_HELD, openTrial } from './trial.ts'

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
  async () => {
    const place = (await freshPlace('postgres')) as PostgresPlace
    const trial = await openTrial(place)
    const killer = newPool({ connectionString: place.url, max: 1 })
    onTestFinished(() => killer.end())
    let ended = 0
    for (const until = performance.now() + EXTENT.trialMs; performance.now() < until;) {
      await pause(100)
      ended += (await killer.query(END_TWO, [place.name])).rowCount ?? 0
    }
    await trial.finish(`${ended} lines ended`)
    expect(trial.ledger.unsureCounts).toBeGreaterThan(0)
    expect((await killer.query(LOCKS_HELD, [place.name])).rows).toEqual([{ held: 0 }])
  },
  PATIENCE_MS,
)

test(
  'SEC-05 CODE-05 where lines are reset, hang and lose answers, what two apps answered holds and what they refused is nothing (postgres)',
  async () => {
    const place = (await freshPlace('postgres')) as PostgresPlace
    const { proxy, url } = await proxyOf(place.url)
    const trial = await openTrial(place, { way: { ...place, url } })
    const stop = blow(proxy, { seed: 1, chance: 0.03 })
    await pause(EXTENT.trialMs / 2)
    stop()
    await trial.finish(JSON.stringify(proxy.struck()))
    for (const fault of ['cut', 'lose-answer', 'swallow'] as const)
      expect(proxy.struck()[fault]).toBeGreaterThan(2)
  },
  PATIENCE_MS,
)
