import type { Store } from '@pair/core'
import { freshPlace, openArena } from './arena.ts'
import { tally } from './records.ts'
import { isWin, startRedeemer, type Outcome } from './redeemers.ts'
import { scoped, timed, until, type Scope } from './scope.ts'
import type { TorturedStore, TortureRow } from './tortured-store.ts'

export interface RaceOptions {
  /** How many codes. Default 1,000. */
  codes?: number
  /** How many processes redeem each of them. Default 8. */
  processes?: number
  /** How often each process does so, at once. Default 1. */
  attempts?: number
  /** How many attempts each process has under way at a time. Default 25. */
  inFlight?: number
  /** More codes than that are spread over several places, for stores that hold few records. Default: all in one. */
  codesAPlace?: number
  /** How long it may take until a place has decided up to 900 codes. Milliseconds, default 600,000. */
  decideMs?: number
}

/** Issuers may have no more than 1,000 live codes, all together; one that nobody heard of counts too. */
const LIVE = 900
/** So many codes have a winner at least: others were used up by whom nobody heard of. */
const WON = 0.95

/**
 * Processes that all redeem the same codes, over the pair's own route: each code has one winner, all others are refused, and the
 * store holds as many sessions as there were winners.
 *
 * @example
 * const { faults } = await raceForCodes(mine, { codes: 1_000 })
 * expect(faults).toEqual([])
 */
export function raceForCodes(
  store: TorturedStore,
  {
    codes = 1_000,
    processes = 8,
    attempts = 1,
    inFlight = 25,
    codesAPlace = codes,
    decideMs = 600_000,
  }: RaceOptions = {},
): Promise<TortureRow> {
  return timed('rivals for one code', async () => {
    const seen = { attempts: 0, wins: 0, unsure: 0, ms: 0 }
    const faults: string[] = []
    for (let left = codes; left > 0; left -= codesAPlace)
      await scoped(async (scope) => {
        const count = Math.min(left, codesAPlace)
        const race = { count, processes, attempts, inFlight, decideMs }
        const found = await raceOnce(store, scope, race)
        for (const name of ['attempts', 'wins', 'unsure', 'ms'] as const) seen[name] += found[name]
        faults.push(...found.faults)
      })
    if (seen.wins < codes * WON) faults.push(`only ${seen.wins} of ${codes} codes have a winner`)
    const aSecond = Math.round(seen.attempts / (seen.ms / 1_000))
    const unsure = seen.unsure > 0 ? `, ${seen.unsure} told 503 and tried again` : ''
    return {
      count: seen.attempts,
      figures: `${seen.wins} winners of ${codes} codes, ${aSecond} attempts a second${unsure}`,
      faults,
    }
  })
}

interface Race {
  count: number
  processes: number
  attempts: number
  inFlight: number
  decideMs: number
}

async function raceOnce(
  store: TorturedStore,
  scope: Scope,
  { count, processes, attempts, inFlight, decideMs }: Race,
): Promise<{ attempts: number; wins: number; unsure: number; ms: number; faults: string[] }> {
  const place = await freshPlace(store, scope)
  const arena = await openArena(store, place, scope)
  const redeemers = await Promise.all(
    Array.from({ length: processes }, (_, which) => startRedeemer(store, scope, which)),
  )
  const all: string[] = []
  let [ms, undecided] = [0, 0]
  for (;;) {
    const codes = await arena.issue(Math.min(count - all.length, LIVE))
    all.push(...codes)
    const began = performance.now()
    const rivals = codes.flatMap((code) => Array.from<string>({ length: attempts }).fill(code))
    const order = { setting: place.setting, codes: rivals, inFlight, withinMs: decideMs }
    const left = await Promise.all(redeemers.map((redeemer) => redeemer.order(order)))
    for (const some of left) undecided += some
    ms += performance.now() - began
    if (all.length >= count) break
    await arena.dismiss()
  }
  const outcomes = redeemers.flatMap((redeemer) => redeemer.outcomes)
  const wins = new Set(outcomes.filter(isWin).map(({ sessionId }) => sessionId!))
  const { redeemed, wrong } = await tally(arena.store)
  const unheard = [...redeemed].filter((id) => !wins.has(id) && !arena.issuers.has(id))
  const faults = [
    ...(undecided > 0 ? [`${undecided} attempts were not decided within ${decideMs} ms`] : []),
    ...winnerFaults(all, outcomes),
    ...[...wins]
      .filter((id) => !redeemed.has(id))
      .map((id) => `the acknowledged session ${id} is not there`),
    ...wrong,
    ...(await standing(arena.store, unheard)),
  ]
  const unsure = outcomes.filter(({ status }) => status === 503).length
  return { attempts: outcomes.length, wins: wins.size, unsure, ms, faults }
}

/** Each code has one winner; whoever lost was told so, and not that something broke. */
function winnerFaults(codes: readonly string[], outcomes: readonly Outcome[]): string[] {
  const winners = new Map(codes.map((code) => [code, 0]))
  const unsure = new Set<string>()
  const odd = new Set<string>()
  for (const outcome of outcomes) {
    const { code, status, problem } = outcome
    if (isWin(outcome)) winners.set(code, (winners.get(code) ?? 0) + 1)
    else if (status === 503) unsure.add(code)
    else if (problem !== 'code_invalid') odd.add(`a rival was answered ${status} ${problem}`)
  }
  // where nobody knew what came of an attempt, it may have used the code up and be undone
  const uneven = [...winners].filter(
    ([code, count]) => count > 1 || (count === 0 && !unsure.has(code)),
  )
  return [...uneven.map(([code, count]) => `${code} has ${count} winners`), ...odd]
}

/** Sessions that nobody was told of are ended, behind the answer or soon. */
async function standing(store: Store, unheard: readonly string[]): Promise<string[]> {
  const look = async (): Promise<string[]> => {
    const marks = await Promise.all(
      unheard.map((id) => store.read(['pair', 'session', id, 'revoked'])),
    )
    return unheard.filter((_, at) => marks[at] === null)
  }
  const left = await until(look, (ids) => ids.length === 0, { withinMs: 60_000, everyMs: 250 })
  return left.map((id) => `${id} stands, and nobody was told so`)
}
