import { freshPlace, openArena } from './arena.ts'
import { startApp, type App } from './apps.ts'
import { followJournal } from './journal.ts'
import { judge } from './judge.ts'
import { wordsOf, type Ledger } from './ledger.ts'
import { startLoad } from './load.ts'
import { until, type Scope } from './scope.ts'
import { surely } from './surely.ts'
import type { TorturedPlace, TorturedStore } from './tortured-store.ts'

/** Two apps on one place under load, while something befalls them. */
export interface Trial {
  place: TorturedPlace
  /** Those that run; replace one that was ended. */
  apps: App[]
  ledger: Ledger
  /** Resolves when so many more were counted: the apps are at work. */
  atWork(more: number): Promise<void>
  /**
   * No load any more; they recover by themselves, and what was told is judged: answers what is wrong. With `unheard` processes were
   * killed: what they had done by then stands, though nobody heard of it.
   */
  finish(unheard?: boolean): Promise<string[]>
}

export interface TrialOptions {
  place?: TorturedPlace
  /** How the apps reach the place. Default: as everybody does. */
  setting?: unknown
  /** How many come at a time, of each sort. Default 4. */
  lanes?: number
  /** How long what was refused may take to be ended behind its answer. Milliseconds, default 60,000. */
  settleMs?: number
}

const AT_WORK = { withinMs: 60_000, everyMs: 20 }
const RECOVERED = { withinMs: 30_000, everyMs: 100 }

export async function openTrial(
  store: TorturedStore,
  scope: Scope,
  options: TrialOptions = {},
): Promise<Trial> {
  const place = options.place ?? (await freshPlace(store, scope))
  const { setting = place.setting, lanes = 4, settleMs = 60_000 } = options
  const arena = await openArena(store, place, scope)
  await surely(() => arena.pair.sessions.list())
  const apps = await Promise.all([0, 1].map(() => startApp(store, scope, { setting })))
  const readers = ['pair', 'door'].map((name) => followJournal(arena.store, name, scope))
  const load = startLoad(scope, { apps: () => apps, lanes })
  const { ledger } = load
  return {
    place,
    apps,
    ledger,
    async atWork(more) {
      const enough = ledger.totals.length + more
      const count = await until(
        () => ledger.totals.length,
        (found) => found >= enough,
        AT_WORK,
      )
      if (count < enough) throw new Error(`the apps are not at work: ${describeLedger(ledger)}`)
    },
    async finish(unheard = false) {
      await load.stop()
      for (const app of apps) {
        const issue = (): Promise<string> => app.ask('issue').catch(String)
        const told = await until(issue, (code) => /^\w{3}-\w{3}-\w{3}$/.test(code), RECOVERED)
        if (!/^\w{3}-\w{3}-\w{3}$/.test(told)) return [`an app does not recover: ${told}`]
      }
      return judge({ ledger, apps, store: arena.store, readers, unheard, settleMs })
    },
  }
}

/** Of each word how often it was told, for people. */
export function describeLedger(ledger: Ledger): string {
  const words = Object.entries(wordsOf(ledger)).map(([word, count]) => `${count} ${word}`)
  return `${ledger.totals.length} counted, ${ledger.unsureCounts} unsure; ${words.join(', ')}`
}
