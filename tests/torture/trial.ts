import { expect } from 'vitest'
import { startApp, type App } from './apps.ts'
import { openArena } from './arena.ts'
import type { PostgresPlace } from './fresh-place.ts'
import { followJournal } from './journal.ts'
import { judge } from './judge.ts'
import { wordsOf, type Ledger } from './ledger.ts'
import { startLoad } from './load.ts'

/** Two apps on one place under load, while something befalls them. */
export interface Trial {
  /** Those that run; replace one that was ended. */
  apps: App[]
  ledger: Ledger
  /**
   * No load any more; they recover by themselves, and what was told is judged. With `unheard` processes were killed: what they had
   * done by then stands, though nobody heard of it.
   */
  finish(told: string, unheard?: boolean): Promise<void>
}

export interface TrialOptions {
  /** How the apps reach the place. Default: as everybody does. */
  way?: PostgresPlace
  /** How many come at a time, of each sort. Default 4. */
  lanes?: number
}

export async function openTrial(
  place: PostgresPlace,
  { way = place, lanes = 4 }: TrialOptions = {},
): Promise<Trial> {
  const { store, pair } = openArena(place)
  await pair.sessions.list()
  const apps = await Promise.all([startApp({ place: way }), startApp({ place: way })])
  const readers = ['pair', 'door'].map((namespace) => followJournal(store, namespace))
  const load = startLoad({ apps: () => apps, lanes })
  const { ledger } = load
  return {
    apps,
    ledger,
    async finish(told, unheard = false) {
      await load.stop()
      console.log(
        `${told}; ${ledger.totals.length} counted, ${ledger.unsureCounts} unsure; ${JSON.stringify(wordsOf(ledger))}`,
      )
      for (const app of apps)
        await expect
          .poll(() => app.ask('issue'), { timeout: 30_000, interval: 100 })
          .toMatch(/^\w{3}-\w{3}-\w{3}$/)
      await judge({ ledger, apps, store, readers, unheard })
    },
  }
}

/** How many locks the lines of that name hold: behind a commit none is left. */
export const LOCKS_HELD = `SELECT count(*)::int AS held FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE application_name = $1 AND locktype = 'advisory'`
