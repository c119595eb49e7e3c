import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { newPool } from '../../packages/store-postgres/test/kit/clients.ts'
import { postgresUrl } from '../../packages/store-postgres/test/kit/server.ts'
import { startApp } from '../../packages/testkit/src/torture/apps.ts'
import { scoped, type Scope } from '../../packages/testkit/src/torture/scope.ts'
import { openTrial, type Trial } from '../../packages/testkit/src/torture/trial.ts'
import { EXTENT, PATIENCE_MS } from './extent.ts'
import { LOCKS_HELD } from './locks.ts'
import type { PostgresPlace } from './places/postgres.ts'
import { inSchemas } from './stores.ts'

/** So many that something is under way whenever one ends. */
const LANES = 10

/** Ends one app after the other in the midst of its work; answers how that went, and their exit codes. */
async function endInTurn(
  scope: Scope,
  signal: NodeJS.Signals,
): Promise<{ trial: Trial; codes: (number | null)[] }> {
  const store = inSchemas(await postgresUrl())
  const trial = await openTrial(store, scope, { lanes: LANES })
  const codes: (number | null)[] = []
  for (let nth = 0; nth < EXTENT.ends; nth++) {
    const next = await startApp(store, scope, { setting: trial.place.setting })
    await trial.atWork(100)
    await pause(Math.random() * 100)
    const [ended] = trial.apps.splice(nth % 2, 1, next)
    codes.push(await ended!.end(signal))
  }
  return { trial, codes }
}

test(
  'SEC-13 of apps that end by SIGTERM under load each call is answered: what was acknowledged is stored, what was not is refused (postgres)',
  () =>
    scoped(async (scope) => {
      const { trial, codes } = await endInTurn(scope, 'SIGTERM')
      expect(await trial.finish()).toEqual([])
      expect(new Set(codes)).toEqual(new Set([0]))
      const entries = trial.ledger.newcomers.flatMap(({ entries: tries }) => tries)
      expect(entries.filter(({ status }) => status === null)).toEqual([])
    }),
  PATIENCE_MS,
)

test(
  'CODE-06 SEC-18 of apps that are killed in the midst of commits nothing is half done, no lock is left, and streams are read in order to their end (postgres)',
  () =>
    scoped(async (scope) => {
      const { trial } = await endInTurn(scope, 'SIGKILL')
      expect(await trial.finish(true)).toEqual([])
      const { url, name } = trial.place.setting as PostgresPlace
      const pool = newPool({ connectionString: url, max: 1 })
      scope.atEnd(() => pool.end())
      await expect
        .poll(async () => (await pool.query(LOCKS_HELD, [name])).rows, { timeout: 5_000 })
        .toEqual([{ held: 0 }])
    }),
  PATIENCE_MS,
)
