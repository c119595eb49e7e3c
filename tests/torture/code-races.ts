import { expect } from 'vitest'
import { openArena } from './arena.ts'
import { freshPlace } from './fresh-place.ts'
import type { Place } from './place.ts'
import { startRedeemer, type Outcome } from './processes.ts'
import { tally } from './records.ts'

/** Issuers may have no more codes than that, all together. */
const AT_ONCE = 1_000

/** Processes that redeem the same codes: each has one winner, and the store as many sessions. */
export async function raceForCodes(kind: Place['kind'], count: number): Promise<void> {
  const arena = openArena(await freshPlace(kind))
  const first = await arena.issue(Math.min(count, AT_ONCE))
  const redeemers = await Promise.all(Array.from({ length: 8 }, () => startRedeemer(arena.place)))
  const all: string[] = []
  let ms = 0
  for (let codes = first; ; codes = await arena.issue(Math.min(count - all.length, AT_ONCE))) {
    all.push(...codes)
    const start = performance.now()
    await Promise.all(redeemers.map((redeemer) => redeemer.order({ codes, inFlight: 25 })))
    ms += performance.now() - start
    if (all.length >= count) break
    await arena.dismiss()
  }
  const outcomes = redeemers.flatMap((redeemer) => redeemer.outcomes)
  const wins = outcomes.filter(isWin)
  const unsure = outcomes.filter(({ status }) => status === 503)
  const perProcess = redeemers.map((one) => one.outcomes.filter(isWin).length)
  console.log(
    `${outcomes.length} attempts in ${(ms / 1_000).toFixed(1)} s, ${wins.length} wins (${perProcess.join(' ')}), ${unsure.length} answered 503`,
  )
  expect(new Set(wins.map(({ code }) => code))).toEqual(new Set(all))
  expect(wins).toHaveLength(count)
  expect(new Set(wins.map(({ sessionId }) => sessionId)).size).toBe(count)
  const lost = outcomes.filter(({ status }) => status !== 200 && status !== 503)
  expect(new Set(lost.map(({ status, problem }) => `${status} ${problem}`))).toEqual(
    new Set(['401 code_invalid']),
  )
  const { redeemed, wrong } = await tally(arena.store)
  expect(wrong).toEqual([])
  for (const { sessionId } of wins) expect(redeemed.has(sessionId!)).toBe(true)
  expect(redeemed.size).toBe(count + arena.issuers())
}

/** Processes that are killed while they redeem leave codes unused, or redeemed with their one session. */
export async function killRedeemers(kind: Place['kind'], kills: number): Promise<void> {
  const arena = openArena(await freshPlace(kind))
  let acknowledged = 0
  let cutShort = 0
  const wrongs: string[] = []
  let next = startRedeemer(arena.place)
  for (let cycle = 0; cycle < kills; cycle++) {
    const [redeemer, codes] = await Promise.all([next, arena.issue(20)])
    next = startRedeemer(arena.place)
    redeemer.order({ codes, inFlight: 5 }).catch(() => {}) // killed before it is done
    // one half in their warm-up, the other between two of their commits
    if (cycle % 2) await redeemer.begun
    await pause(Math.random() * (cycle % 2 ? 12 : 60))
    await redeemer.kill()
    await arena.dismiss()
    const wins = redeemer.outcomes.filter(isWin)
    acknowledged += wins.length
    if (wins.length > 0 && wins.length < codes.length) cutShort++
    for (const { sessionId } of wins) {
      const entry = await arena.store.read(['pair', 'session', sessionId!, 'record'])
      expect(entry, `the acknowledged session ${sessionId}`).not.toBeNull()
    }
    if (cycle % 20 === 19) wrongs.push(...(await tally(arena.store)).wrong)
  }
  await (await next).kill()
  const { redeemed, wrong } = await tally(arena.store)
  const unheard = redeemed.size - arena.issuers() - acknowledged
  console.log(
    `${kills} kills: ${acknowledged} redeemed and acknowledged, ${unheard} redeemed and cut off before the answer, ${cutShort} processes killed between two redemptions`,
  )
  expect([...wrongs, ...wrong]).toEqual([])
  expect(cutShort).toBeGreaterThan(0)
  // what was left unused is as good as new
  const survivor = await startRedeemer(arena.place)
  const [fresh] = await arena.issue(1)
  await survivor.order({ codes: [fresh!], inFlight: 1 })
  expect(survivor.outcomes.at(-1)?.status).toBe(200)
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function isWin({ status }: Outcome): boolean {
  return status === 200
}
