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
/** More than it takes. Milliseconds. */
const DECIDED_MS = 60_000
/** Some were done when they were killed, or had not begun: then others are. At most so many times as many. */
const TRIES = 4
/** The latest kill, after the first answer, and after the order where nothing was answered yet. Milliseconds. */
const LATEST = { answered: 40, ordered: 60 }

interface Seen {
  killed: number
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
    const seen: Seen = {
      killed: 0,
      acknowledged: 0,
      unheard: 0,
      cutShort: 0,
      refused: 0,
      faults: [],
    }
    let left = kills
    let most = kills * TRIES
    const lane = async (): Promise<void> => {
      let next = startNext(store, scope)
      while ((left > 0 || seen.cutShort === 0) && most > 0) {
        const some = Math.min(Math.max(left, 1), most, KILLS_A_PLACE)
        left -= some
        most -= some
        const round = { scope, next, some, seen }
        const done = await scoped((inner) => killOnPlace(store, inner, round))
        next = done.next
        left += some - done.killed
      }
      await (await next).kill()
    }
    await Promise.all(Array.from({ length: sideBySide }, lane))
    const { killed, acknowledged, unheard, cutShort, refused, faults } = seen
    if (killed < kills)
      faults.push(`only ${killed} processes were still at work when they were killed`)
    if (cutShort === 0) faults.push('no process was killed between two of its commits')
    return {
      count: killed,
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
): Promise<{ next: Promise<Redeemer>; killed: number }> {
  const place = await freshPlace(store, inner)
  const made = { issuers: 0, acknowledged: new Set<string>() }
  const issue = async (arena: Arena, count: number): Promise<string[]> => {
    const issued = await arena.issue(count)
    made.issuers += arena.issuers.size
    return issued
  }
  let codes = await inArena(store, place, (arena) => issue(arena, CODES))
  let killed = 0
  for (let nth = 0; nth < some; nth++) {
    const redeemer = await next
    next = startNext(store, scope)
    const { wasAtWork, ownEnd } = await killInTheMidst(redeemer, place, codes)
    if (wasAtWork) killed++
    if (ownEnd !== null) seen.faults.push(ownEnd)
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
  seen.killed += killed
  const survivor = await next
  await survivor.order({ setting: place.setting, codes, inFlight: 1, withinMs: DECIDED_MS })
  if (survivor.outcomes.at(-1)?.status !== 200)
    seen.faults.push(`behind the kills a code is answered ${survivor.outcomes.at(-1)?.status}`)
  await survivor.kill()
  return { next: startNext(store, scope), killed }
}

/** It is on its way while others are at work: whoever awaits it hears of it where it fails. */
function startNext(store: TorturedStore, scope: Scope): Promise<Redeemer> {
  const next = startRedeemer(store, scope)
  next.catch(() => {})
  return next
}

/** Some in their warm-up, most between two of their commits; some are done by then, and one that ended by itself was not killed. */
async function killInTheMidst(
  redeemer: Redeemer,
  { setting }: TorturedPlace,
  codes: readonly string[],
): Promise<{ wasAtWork: boolean; ownEnd: string | null }> {
  const rivals = codes.flatMap((code) => [code, code])
  let isAtWork = true
  let ownEnd: string | null = null
  const order = { setting, codes: rivals, inFlight: 5, withinMs: DECIDED_MS }
  const ordered = redeemer.order(order).then(
    () => (isAtWork = false),
    (error: unknown) => {
      isAtWork = false
      ownEnd = String(error)
    },
  )
  const isWarm = Math.random() < 0.75
  if (isWarm) await redeemer.begun
  const latest = isWarm ? LATEST.answered : LATEST.ordered
  await new Promise((resolve) => setTimeout(resolve, Math.random() * latest))
  const wasAtWork = isAtWork
  await redeemer.kill()
  await ordered
  return { wasAtWork: wasAtWork && ownEnd === null, ownEnd }
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
