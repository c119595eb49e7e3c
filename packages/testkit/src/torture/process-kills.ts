import { freshPlace, inArena, type Arena } from './arena.ts'
import { tally } from './records.ts'
import { isWin, startRedeemer, type Outcome, type Redeemer } from './redeemers.ts'
import { timed, scoped, type Scope } from './scope.ts'
import type { TorturedPlace, TorturedStore, TortureRow } from './tortured-store.ts'

export interface KillOptions {
  /** How many processes are killed. Default 100. */
  kills?: number
  /** How many at a time, each on a place of its own. Default 2. */
  sideBySide?: number
}

/** Of each process. Twice as many attempts are on their way. */
const CODES = 10
/** So often a place is used: what the killed leave piles up. */
const KILLS_A_PLACE = 10
/** The latest kill, after the first answer, and after the order where nothing was answered yet. Milliseconds. */
const LATEST = { answered: 40, ordered: 60 }

interface Seen {
  acknowledged: number
  unheard: number
  cutShort: number
  refused: number
  faults: string[]
}

/**
 * Kills a process by SIGKILL at a random moment while it redeems codes, and opens the place anew: what it acknowledged is there, what
 * it refused is not, each code is unused or redeemed with its one session, and what is unused is as good as new.
 *
 * @throws TypeError for a store that lives in one process
 */
export function killProcesses(
  store: TorturedStore,
  { kills = 100, sideBySide = 2 }: KillOptions = {},
): Promise<TortureRow> {
  return timed('kill -9 of a process', async (scope) => {
    if (store.oneProcess) throw new TypeError('killProcesses: this store is `oneProcess`')
    const seen: Seen = { acknowledged: 0, unheard: 0, cutShort: 0, refused: 0, faults: [] }
    let left = kills
    const lane = async (): Promise<void> => {
      let next = startNext(store, scope)
      while (left > 0) {
        const some = Math.min(left, KILLS_A_PLACE)
        left -= some
        const round = { scope, next, some, seen }
        next = (await scoped((inner) => killOnPlace(store, inner, round))).next
      }
      await (await next).kill()
    }
    await Promise.all(Array.from({ length: sideBySide }, lane))
    const { acknowledged, unheard, cutShort, refused, faults } = seen
    if (cutShort === 0) faults.push('no process was killed between two of its commits')
    return {
      count: kills,
      figures: `${acknowledged} redeemed and acknowledged, ${unheard} redeemed and not heard of, ${refused} refused; ${cutShort} killed in the midst`,
      faults,
    }
  })
}

interface Round {
  /** Of all places. */
  scope: Scope
  next: Promise<Redeemer>
  some: number
  seen: Seen
}

/** Answers the process for the next place, which is on its way. */
async function killOnPlace(
  store: TorturedStore,
  inner: Scope,
  { scope, next, some, seen }: Round,
): Promise<{ next: Promise<Redeemer> }> {
  const place = await freshPlace(store, inner)
  const made = { issuers: 0, acknowledged: new Set<string>() }
  const issue = async (arena: Arena, count: number): Promise<string[]> => {
    const issued = await arena.issue(count)
    made.issuers += arena.issuers.size
    return issued
  }
  let codes = await inArena(store, place, (arena) => issue(arena, CODES))
  for (let nth = 0; nth < some; nth++) {
    const redeemer = await next
    next = startNext(store, scope)
    await killInTheMidst(redeemer, place, codes)
    look(redeemer.outcomes, codes, seen)
    for (const { sessionId } of redeemer.outcomes.filter(isWin)) made.acknowledged.add(sessionId!)
    codes = await inArena(store, place, async (arena) => {
      const { redeemed, wrong } = await tally(arena.store)
      seen.faults.push(...wrong)
      for (const id of made.acknowledged)
        if (!redeemed.has(id)) seen.faults.push(`the acknowledged session ${id} is not there`)
      if (nth + 1 === some) seen.unheard += redeemed.size - made.issuers - made.acknowledged.size
      return issue(arena, nth + 1 < some ? CODES : 1)
    })
  }
  const survivor = await next
  await survivor.order({ setting: place.setting, codes, inFlight: 1 })
  if (survivor.outcomes.at(-1)?.status !== 200)
    seen.faults.push(`behind the kills a code is answered ${survivor.outcomes.at(-1)?.status}`)
  await survivor.kill()
  return { next: startNext(store, scope) }
}

/** It is on its way while others are at work: whoever awaits it hears of it where it fails. */
function startNext(store: TorturedStore, scope: Scope): Promise<Redeemer> {
  const next = startRedeemer(store, scope)
  next.catch(() => {})
  return next
}

/** Some in their warm-up, most between two of their commits. */
async function killInTheMidst(
  redeemer: Redeemer,
  { setting }: TorturedPlace,
  codes: readonly string[],
): Promise<void> {
  const rivals = codes.flatMap((code) => [code, code])
  redeemer.order({ setting, codes: rivals, inFlight: 5 }).catch(() => {}) // killed before it is done
  const isWarm = Math.random() < 0.75
  if (isWarm) await redeemer.begun
  const latest = isWarm ? LATEST.answered : LATEST.ordered
  await new Promise((resolve) => setTimeout(resolve, Math.random() * latest))
  await redeemer.kill()
}

function look(outcomes: readonly Outcome[], codes: readonly string[], seen: Seen): void {
  const wins = outcomes.filter(isWin)
  const winners = new Set(wins.map(({ code }) => code))
  if (winners.size < wins.length) seen.faults.push('a code has two winners')
  for (const { status, problem } of outcomes)
    if (status !== 200 && status !== 503 && problem !== 'code_invalid')
      seen.faults.push(`a rival was answered ${status} ${problem}`)
  seen.acknowledged += wins.length
  seen.refused += outcomes.length - wins.length
  if (winners.size > 0 && winners.size < codes.length) seen.cutShort++
}
