import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { checkHistory } from '../history/check-history.ts'
import { mergeHistories, type HistoryEvent } from '../history/history.ts'
import { freshPlace, openArena } from './arena.ts'
import { startChild } from './child.ts'
import { followJournal } from './journal.ts'
import { scoped, timed, type Scope } from './scope.ts'
import { blow, proxyOf } from './storm.ts'
import type { TorturedPlace, TorturedStore, TortureRow } from './tortured-store.ts'

export interface HistoriesOptions {
  /** How many histories, each on a place of its own. Default 4. */
  histories?: number
  /** How many rounds each of its 36 workers takes in one. Default 24. */
  rounds?: number
  /** Whether one of three processes is killed in the midst. Default: where they are processes. */
  kills?: boolean
  /** Whether lines break, where the places have a `network`. Default `true`. */
  storms?: boolean
}

const PROCESSES = 3
/** Until most have begun, and before any is done. Milliseconds. */
const LATEST_KILL_MS = 150

/**
 * Three processes with two stores each, which fight over single uses, decisions and counters while one is killed and lines break: each
 * history is linearizable, and who follows the journal reads it in order.
 *
 * @see checkHistory
 */
export function checkHistories(
  store: TorturedStore,
  { histories = 4, rounds = 24, kills = !store.oneProcess, storms = true }: HistoriesOptions = {},
): Promise<TortureRow> {
  return timed('histories', async () => {
    const seen = { calls: 0, unknown: 0, killed: 0, struck: 0 }
    const faults: string[] = []
    for (let nth = 0; nth < histories; nth++)
      await scoped(async (scope) => {
        const place = await freshPlace(store, scope)
        const fought = await fightOnce(store, scope, {
          place,
          rounds,
          isKilled: kills,
          seed: storms ? nth + 1 : null,
        })
        const asked = fought.events.filter(({ told }) => told === 'asked').length
        const answered = fought.events.filter(({ told }) => told === 'answered').length
        seen.calls += asked
        seen.unknown += asked - answered
        seen.killed += Number(fought.wasKilled)
        seen.struck += fought.struck
        faults.push(...fought.faults)
        const verdict = checkHistory(fought.events)
        if (!verdict.ok) faults.push(verdict.at)
      })
    const { calls, unknown, killed, struck } = seen
    if (kills && killed === 0) faults.push('no process was still at work when it was killed')
    return {
      count: histories,
      figures: `${calls} calls, ${unknown} of unknown outcome; ${killed} processes killed, ${struck} faults of the network`,
      faults,
    }
  })
}

interface Fight {
  place: TorturedPlace
  rounds: number
  isKilled: boolean
  /** Of the storm; `null`: there is none. */
  seed: number | null
}

async function fightOnce(
  store: TorturedStore,
  scope: Scope,
  { place, rounds, isKilled, seed }: Fight,
): Promise<{ events: HistoryEvent[]; faults: string[]; wasKilled: boolean; struck: number }> {
  const { network } = place
  const arena = await openArena(store, place, scope)
  await arena.store.list(['none'], { limit: 1 })
  const folder = mkdtempSync(join(tmpdir(), 'pair-histories-'))
  scope.atEnd(() => rmSync(folder, { recursive: true, force: true }))
  const way = network && seed !== null ? await proxyOf(network, scope) : null
  const logs = Array.from({ length: PROCESSES }, (_, which) => join(folder, String(which)))
  const setting = way ? way.setting : place.setting
  const fighters = await Promise.all(
    logs.map((log, which) =>
      startFighter(store, scope, { setting, rounds, log, name: `process ${which}` }),
    ),
  )
  const stop = way && blow(way.proxy, { seed: seed!, chance: 0.04, isCommit: network?.isCommit })
  const reader = followJournal(arena.store, 'contest', scope)
  await Promise.all(fighters.map((fighter) => fighter.begin()))
  const wasKilled = isKilled && (await killOne(fighters[0]!))
  const ends = await Promise.all(fighters.map(({ done }) => done))
  stop?.()
  const { items, fault } = await reader.stop()
  const faults = [...ends, fault].filter((found) => found !== null)
  if (items.length === 0) faults.push('the journal is empty')
  const counts = way?.proxy.struck()
  const struck = counts ? counts.cut + counts['lose-answer'] + counts.swallow : 0
  return { events: mergeHistories(...logs.map(linesOf)), faults, wasKilled, struck }
}

interface Fighter {
  begin(): Promise<void>
  /** Whether it was still at work. */
  kill(): boolean
  /** Resolves when it is done or was killed; with a text where it ended by itself. */
  done: Promise<string | null>
}

async function startFighter(
  store: TorturedStore,
  scope: Scope,
  given: { setting: unknown; rounds: number; log: string; name: string },
): Promise<Fighter> {
  let finish = (_ownEnd: string | null): void => {}
  const done = new Promise<string | null>((resolve) => (finish = resolve))
  let [isAtWork, isKilled] = [true, false]
  const heard = (): void => {
    isAtWork = false
    finish(null)
  }
  const child = await startChild<object>('fighter', { store, scope, given, heard })
  void child.ended.then(({ code, signal }) => {
    const isOwn = isAtWork && !(isKilled && signal === 'SIGKILL')
    isAtWork = false
    finish(isOwn ? `${given.name} ended by itself: ${signal ?? code}` : null)
  })
  return {
    begin: () => child.send({ begin: true }),
    kill() {
      isKilled = isAtWork
      child.kill()
      return isKilled
    },
    done,
  }
}

async function killOne(fighter: Fighter): Promise<boolean> {
  await pause(Math.random() * LATEST_KILL_MS)
  return fighter.kill()
}

/** A line by half was not told: its process was killed at it. */
function linesOf(log: string): HistoryEvent[] {
  const lines = readFileSync(log, 'utf8').split('\n')
  return lines.slice(0, -1).map((line) => JSON.parse(line) as HistoryEvent)
}
