import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { newPool } from '../../packages/store-postgres/test/kit/clients.ts'
import { startApp } from './apps.ts'
import { freshPlace, type PostgresPlace } from './fresh-place.ts'
import { EXTENT, PATIENCE_MS } from './options.ts'
import { LOCKS_HELD, openTrial, type Trial } from './trial.ts'

/** So many that something is under way whenever one ends. */
const LANES = 10

/** Ends one app after the other in the midst of its work; answers their exit codes. */
async function endInTurn(
  { apps, ledger }: Trial,
  place: PostgresPlace,
  signal: NodeJS.Signals,
): Promise<(number | null)[]> {
  const codes: (number | null)[] = []
  for (let nth = 0; nth < EXTENT.ends; nth++) {
    const next = await startApp({ place })
    const before = ledger.totals.length
    await expect
      .poll(() => ledger.totals.length, { timeout: 30_000, interval: 20 })
      .toBeGreaterThan(before + 100)
    await pause(Math.random() * 100)
    const [ended] = apps.splice(nth % 2, 1, next)
    codes.push(await ended!.end(signal))
  }
  return codes
}

test(
  'SEC-13 of apps that end by SIGTERM under load each call is answered: what was acknowledged is stored, what was not is refused (postgres)',
  async () => {
    const place = (await freshPlace('postgres')) as PostgresPlace
    const trial = await openTrial(place, { lanes: LANES })
    const codes = await endInTurn(trial, place, 'SIGTERM')
    await trial.finish(`${codes.length} ended by SIGTERM`)
    expect(new Set(codes)).toEqual(new Set([0]))
    const entries = trial.ledger.newcomers.flatMap(({ entries: tries }) => tries)
    expect(entries.filter(({ status }) => status === null)).toEqual([])
  },
  PATIENCE_MS,
)

test(
  'CODE-06 SEC-18 of apps that are killed in the midst of commits nothing is half done, no lock is left, and streams are read in order to their end (postgres)',
  async () => {
    const place = (await freshPlace('postgres')) as PostgresPlace
    const trial = await openTrial(place, { lanes: LANES })
    await endInTurn(trial, place, 'SIGKILL')
    await trial.finish(`${EXTENT.ends} killed`, true)
    const pool = newPool({ connectionString: place.url, max: 1 })
    onTestFinished(() => pool.end())
    await expect
      .poll(async () => (await pool.query(LOCKS_HELD, [place.name])).rows, { timeout: 5_000 })
      .toEqual([{ held: 0 }])
  },
  PATIENCE_MS,
)
