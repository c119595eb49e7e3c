import { expect, test } from 'vitest'
import { openArena, startRedeemer, type Arena } from './processes.ts'

const LONG = 600_000
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface CodeRecord {
  id: string
  state: string
  used: number
  issuer: { sessionId: string } | null
  redeemedBy?: { sessionId: string }
}

interface SessionRecord {
  id: string
  codeId: string
}

async function recordsOf<T>({ store }: Arena, word: string): Promise<T[]> {
  const records: T[] = []
  for (let after: readonly string[] | undefined; ;) {
    const page = await store.list(['pair', word], { limit: 1_000, ...(after && { after }) })
    for (const { key, value } of page)
      if (key[3] === 'record') records.push((JSON.parse(value) as { record: T }).record)
    const last = page.at(-1)
    if (!last || page.length < 1_000) return records.filter((record) => record !== null)
    after = last.key
  }
}

/** A use of a code and the session by it are there together or not at all, and only once. */
async function tally(arena: Arena): Promise<{ redeemed: Set<string>; wrong: string[] }> {
  const codes = await recordsOf<CodeRecord>(arena, 'code')
  const sessions = await recordsOf<SessionRecord>(arena, 'session')
  const byCode = new Map<string, string[]>()
  for (const { id, codeId } of sessions) byCode.set(codeId, [...(byCode.get(codeId) ?? []), id])
  const wrong: string[] = []
  for (const code of codes) {
    const made = byCode.get(code.id) ?? []
    const right =
      code.state === 'redeemed'
        ? code.used === 1 && made.length === 1 && made[0] === code.redeemedBy?.sessionId
        : code.used === 0 && made.length === 0
    if (!right) wrong.push(`${code.id} is ${code.state} with ${made.length} sessions`)
    byCode.delete(code.id)
  }
  for (const [code, made] of byCode)
    wrong.push(`${made.length} sessions of ${code}, which is not there`)
  return { redeemed: new Set(sessions.map(({ id }) => id)), wrong }
}

test(
  'CODE-03 of 8 processes with 25 in flight that all redeem the same 1,000 codes, one wins each (sqlite)',
  async () => {
    const arena = openArena()
    const codes = await arena.issue(1_000)
    const redeemers = await Promise.all(Array.from({ length: 8 }, () => startRedeemer(arena.file)))
    const start = performance.now()
    for (const redeemer of redeemers) redeemer.order({ codes, inFlight: 25 })
    await Promise.all(redeemers.map(({ done }) => done))
    const seconds = (performance.now() - start) / 1_000
    const outcomes = redeemers.flatMap((redeemer) => redeemer.outcomes)
    const wins = outcomes.filter(({ status }) => status === 200)
    const unsure = outcomes.filter(({ status }) => status === 503)
    const perProcess = redeemers.map(
      (one) => one.outcomes.filter(({ status }) => status === 200).length,
    )
    console.log(
      `${outcomes.length} attempts in ${seconds.toFixed(1)} s, ${wins.length} wins (${perProcess.join(' ')}), ${unsure.length} answered 503`,
    )
    expect(new Set(wins.map(({ code }) => code))).toEqual(new Set(codes))
    expect(wins).toHaveLength(1_000)
    expect(new Set(wins.map(({ sessionId }) => sessionId)).size).toBe(1_000)
    const lost = outcomes.filter(({ status }) => status !== 200 && status !== 503)
    expect(new Set(lost.map(({ status, problem }) => `${status} ${problem}`))).toEqual(
      new Set(['401 code_invalid']),
    )
    const { redeemed, wrong } = await tally(arena)
    expect(wrong).toEqual([])
    for (const { sessionId } of wins) expect(redeemed.has(sessionId!)).toBe(true)
  },
  LONG,
)

test(
  'CODE-06 after each of 200 kills in the midst of redeeming, codes are unused or redeemed with their one session (sqlite)',
  async () => {
    const arena = openArena()
    let acknowledged = 0
    let cutShort = 0
    const wrongs: string[] = []
    let next = startRedeemer(arena.file)
    for (let cycle = 0; cycle < 200; cycle++) {
      const [redeemer, codes] = await Promise.all([next, arena.issue(20)])
      next = startRedeemer(arena.file)
      redeemer.order({ codes, inFlight: 5 })
      // one half in their warm-up, the other between two of their commits
      if (cycle % 2) await redeemer.begun
      await pause(Math.random() * (cycle % 2 ? 12 : 60))
      await redeemer.kill()
      await arena.dismiss()
      const wins = redeemer.outcomes.filter(({ status }) => status === 200)
      acknowledged += wins.length
      if (wins.length > 0 && wins.length < codes.length) cutShort++
      for (const { sessionId } of wins) {
        const entry = await arena.store.read(['pair', 'session', sessionId!, 'record'])
        expect(entry, `the acknowledged session ${sessionId}`).not.toBeNull()
      }
      if (cycle % 20 === 19) wrongs.push(...(await tally(arena)).wrong)
    }
    await (await next).kill()
    const { redeemed, wrong } = await tally(arena)
    const unheard = redeemed.size - arena.issuers() - acknowledged
    console.log(
      `200 kills: ${acknowledged} redeemed and acknowledged, ${unheard} redeemed and cut off before the answer, ${cutShort} processes killed between two redemptions`,
    )
    expect([...wrongs, ...wrong]).toEqual([])
    expect(cutShort).toBeGreaterThan(0)
    // what was left unused is as good as new
    const survivor = await startRedeemer(arena.file)
    const [fresh] = await arena.issue(1)
    survivor.order({ codes: [fresh!], inFlight: 1 })
    await survivor.done
    expect(survivor.outcomes.at(-1)?.status).toBe(200)
  },
  LONG,
)
