import { setTimeout as pause } from 'node:timers/promises'
import { freshPlace } from './arena.ts'
import { describeWork, idleFaults, workOf, type Work } from './ledger.ts'
import { scoped, timed } from './scope.ts'
import { blow, proxyOf } from './storm.ts'
import type { TorturedStore, TortureRow } from './tortured-store.ts'
import { openTrial } from './trial.ts'

export interface ServerKillOptions {
  /** How often its server is killed. Default 20. */
  kills?: number
  /** How long what was refused may take to be ended behind its answer. Milliseconds, default 60,000. */
  settleMs?: number
}

export interface StormRunOptions {
  /** How long the network fails. Milliseconds, default 30,000. */
  ms?: number
  /** Of the faults that are drawn. Default 1. */
  seed?: number
  /** How many requests meet a fault: from 0 to 1. Default 0.03. */
  chance?: number
  /** How long what was refused may take to be ended behind its answer. Milliseconds, default 60,000. */
  settleMs?: number
}

/** So often a place is used: what is judged piles up. */
const KILLS_A_PLACE = 20
/** What the apps have to do between two kills, and the longest that it then lasts. Milliseconds. */
const COUNTED = 100
const LATEST_MS = 300

/**
 * Kills the server again and again while two apps redeem, decide, collect, revoke and count: what they answered is there after its
 * recovery, and of what they refused nothing is left.
 *
 * @throws TypeError for a store whose places have no `server`
 */
export function killServer(
  store: TorturedStore,
  { kills = 20, settleMs = 60_000 }: ServerKillOptions = {},
): Promise<TortureRow> {
  return timed('kill -9 of the server', async () => {
    const faults: string[] = []
    const seen = { counted: 0, unsure: 0 }
    const work: Work = { codes: 0, door: 0, revokes: 0 }
    for (let left = kills; left > 0; left -= KILLS_A_PLACE)
      await scoped(async (scope) => {
        const place = await freshPlace(store, scope)
        const { server } = place
        if (!server) throw new TypeError('killServer: the places of this store have no `server`')
        const trial = await openTrial(store, scope, { place, settleMs })
        for (let nth = 0; nth < Math.min(left, KILLS_A_PLACE); nth++) {
          await trial.atWork(COUNTED)
          await pause(Math.random() * LATEST_MS)
          await server.kill()
          await server.start()
        }
        faults.push(...(await trial.finish()))
        seen.counted += trial.ledger.totals.length
        seen.unsure += trial.ledger.unsureCounts
        const done = workOf(trial.ledger)
        for (const sort of ['codes', 'door', 'revokes'] as const) work[sort] += done[sort]
      })
    faults.push(...idleFaults(work))
    if (seen.unsure === 0) faults.push('no call was under way when the server was killed')
    return {
      count: kills,
      figures: `${describeWork(work)}, ${seen.counted} counted, ${seen.unsure} of unknown outcome`,
      faults,
    }
  })
}

/**
 * Two apps whose lines to the server are reset, hang and lose answers: what they answered is so, and of what they refused nothing is
 * left.
 *
 * @throws TypeError for a store whose places have no `network`
 */
export function loseAnswers(
  store: TorturedStore,
  { ms = 30_000, seed = 1, chance = 0.03, settleMs = 60_000 }: StormRunOptions = {},
): Promise<TortureRow> {
  return timed('lost answers and resets', async (scope) => {
    const place = await freshPlace(store, scope)
    const { network } = place
    if (!network) throw new TypeError('loseAnswers: the places of this store have no `network`')
    const { proxy, setting } = await proxyOf(network, scope)
    const trial = await openTrial(store, scope, { place, setting, settleMs })
    const stop = blow(proxy, { seed, chance, isCommit: network.isCommit })
    await pause(ms)
    stop()
    const faults = await trial.finish()
    const { ledger } = trial
    const work = workOf(ledger)
    faults.push(...idleFaults(work))
    const struck = proxy.struck()
    for (const fault of ['cut', 'lose-answer', 'swallow'] as const)
      if (struck[fault] === 0) faults.push(`no ${fault} struck: run it for longer`)
    const times = struck.cut + struck['lose-answer'] + struck.swallow
    return {
      count: times,
      figures: `${struck.cut} resets, ${struck['lose-answer']} answers lost, ${struck.swallow} hung; ${describeWork(work)}, ${ledger.totals.length} counted, ${ledger.unsureCounts} of unknown outcome`,
      faults,
    }
  })
}
