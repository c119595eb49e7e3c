import { checkHistory, mergeHistories, type HistoryEvent } from '@pair/testkit'
import { expect, test } from 'vitest'
import { openArena } from './arena.ts'
import { startChild } from './child.ts'
import { freshPlace, type PostgresPlace } from './fresh-place.ts'
import { followJournal } from './journal.ts'
import type { HistorianSetting } from './historian.ts'
import { EXTENT, PATIENCE_MS } from './options.ts'
import { blow, proxyOf } from './proxied.ts'

/** What three processes do through a line that breaks, hangs and loses answers. */
async function historyOfStorm(seed: number, repeats: boolean): Promise<HistoryEvent[]> {
  const place = (await freshPlace('postgres')) as PostgresPlace
  const { store } = openArena(place)
  await store.list(['none'], { limit: 1 })
  const { proxy, url } = await proxyOf(place.url)
  const setting: HistorianSetting = {
    place: { ...place, url, timeoutMs: 700 },
    rounds: EXTENT.rounds,
    repeats,
  }
  const histories: HistoryEvent[][] = []
  let tell = (): void => {}
  const told = new Promise<void>((resolve) => (tell = resolve))
  const children = await Promise.all(
    Array.from({ length: 3 }, () =>
      startChild<HistoryEvent[]>('historian.ts', setting, (history) => {
        if (histories.push(history) === children.length) tell()
      }),
    ),
  )
  const stop = blow(proxy, { seed, chance: 0.04 })
  const readers = Array.from({ length: 3 }, () => followJournal(store, 'contest'))
  await Promise.all(children.map((child) => child.send({ begin: true })))
  await told
  stop()
  for (const reader of readers) expect((await reader.stop()).length).toBeGreaterThan(0)
  const history = mergeHistories(...histories)
  const failed = history.filter((event) => event.told === 'failed').length
  console.log(`${history.length} lines, ${failed} failed; ${JSON.stringify(proxy.struck())}`)
  for (const fault of ['cut', 'lose-answer', 'swallow'] as const)
    expect(proxy.struck()[fault]).toBeGreaterThan(2)
  expect(failed).toBeGreaterThan(5)
  return history
}

test(
  'SEC-05 SEC-18 a history of three processes whose lines are reset, hang and lose answers is linearizable for single use, decisions and counters, and their journal is read in order (postgres)',
  async () => expect(checkHistory(await historyOfStorm(1, false))).toEqual({ ok: true }),
  PATIENCE_MS,
)

test(
  'SEC-05 it is not where stores repeat what was not answered (postgres)',
  async () => expect(checkHistory(await historyOfStorm(2, true)).ok).toBe(false),
  PATIENCE_MS,
)
