import type { Store } from '@pair/core'
import { expect } from 'vitest'
import type { App } from './apps.ts'
import { madeIn, type Reader } from './journal.ts'
import { isDone, isSure, type Ledger, type Newcomer, type Try } from './ledger.ts'
import { recordsOf, tally } from './records.ts'

/** What a run came to: what was answered holds, and of what was refused nothing is left. */
export interface Case {
  ledger: Ledger
  /** Each of them has to say so. */
  apps: readonly App[]
  /** A view of the place that nothing disturbs any more. */
  store: Store
  /** Who read the journals meanwhile. */
  readers: readonly Reader[]
  /** Were processes killed? What they had done by then stands, though nobody heard of it. */
  unheard: boolean
}

/** Words with which nothing is given, and rightly. */
const REFUSALS: Readonly<Record<string, readonly string[]>> = {
  entries: ['401 code_invalid', '410 approval_collected'],
  revokes: [],
  decisions: ['400 approval_decided'],
}

export async function judge(each: Case): Promise<void> {
  const { ledger, apps, store } = each
  expect(strangeIn(ledger)).toEqual([])
  for (const newcomer of ledger.newcomers) judgeAlone(newcomer)
  // what was refused is ended behind its answer: by now, or soon
  await expect.poll(() => unwanted(each), { timeout: 60_000, interval: 250 }).toEqual([])
  await judgeStanding(ledger, apps)
  expect((await tally(store)).wrong).toEqual([])
  await expect.poll(() => approvalFaults(each), { timeout: 60_000, interval: 250 }).toEqual([])
  await judgeCounter(ledger, store)
  const journals = await Promise.all(each.readers.map((reader) => reader.stop()))
  const made = madeIn(journals.flat())
  for (const { entries } of ledger.newcomers)
    for (const { sessionId } of entries.filter(isDone))
      expect(made.get(sessionId!), `${sessionId} in the journal`).toBe(1)
}

/** Answers that are neither right nor 503. */
function strangeIn({ newcomers }: Ledger): string[] {
  const strange = new Set<string>()
  const look = (sort: string, tries: readonly Try[]): void => {
    for (const one of tries) {
      const word = `${one.status} ${one.problem}`
      if (isSure(one) && !isDone(one) && !REFUSALS[sort]!.includes(word))
        strange.add(`${sort}: ${word}`)
    }
  }
  for (const { entries, revokes, decisions } of newcomers) {
    look('entries', entries)
    look('revokes', revokes)
    look(
      'decisions',
      decisions.map(({ told }) => told),
    )
  }
  return [...strange]
}

/** One winner at most. */
function judgeAlone({ entries, decisions }: Newcomer): void {
  const winners = entries.filter(isDone)
  expect(winners.length, JSON.stringify(entries)).toBeLessThanOrEqual(1)
  const verdicts = decisions.filter(({ told }) => isDone(told))
  expect(verdicts.length, JSON.stringify(decisions)).toBeLessThanOrEqual(1)
}

/** Sessions that stand though nobody was told so, or though they were ended. */
async function unwanted({ ledger, apps, unheard }: Case): Promise<string[]> {
  const wanted = new Set<string>()
  const ended = new Set<string>()
  for (const { entries, revokes } of ledger.newcomers)
    for (const { sessionId } of entries.filter(isDone)) {
      wanted.add(sessionId!)
      if (revokes.some(isDone)) ended.add(sessionId!)
    }
  const standing = await apps[0]!.ask('standing')
  return standing.filter((id) => ended.has(id) || (!unheard && !wanted.has(id)))
}

/** Who was let in is in at each of them, and who was sent away is out. */
async function judgeStanding({ newcomers }: Ledger, apps: readonly App[]): Promise<void> {
  const wrong: string[] = []
  for (const { house, entries, revokes } of newcomers)
    for (const { token, sessionId } of entries.filter(isDone)) {
      if (revokes.length > 0 && !revokes.some(isSure)) continue // nobody knows
      const right = revokes.some(isDone) ? 401 : 200
      const told = await Promise.all(apps.map((app) => app.ask('enter', house, token!)))
      if (told.some((status) => status !== right))
        wrong.push(`${sessionId} of ${house}: ${told.join(' ')} in place of ${right}`)
    }
  expect(wrong).toEqual([])
}

interface ApprovalRecord {
  id: string
  state: string
  sessionId?: string
}

/** What was decided stands, and by each request at most one session was made. */
async function approvalFaults({ ledger, store, unheard }: Case): Promise<string[]> {
  const records = await recordsOf<ApprovalRecord>(store, 'approval', 'door')
  const byId = new Map(records.map((record) => [record.id, record]))
  const wrong: string[] = []
  for (const { approvalId, decisions, entries } of ledger.newcomers) {
    if (approvalId === undefined) continue
    const record = byId.get(approvalId)
    const verdict = decisions.find(({ told }) => isDone(told))?.verdict
    const winner = entries.find(isDone)?.sessionId
    const state = record?.state ?? ''
    const isRight =
      verdict === undefined
        ? unheard || !['approved', 'collected'].includes(state)
        : verdict === 'reject'
          ? state === 'rejected'
          : winner === undefined
            ? ['approved', 'collected'].includes(state)
            : state === 'collected' && record?.sessionId === winner
    if (!isRight)
      wrong.push(`${approvalId}: ${verdict} and ${winner}, but ${JSON.stringify(record)}`)
  }
  const sessions = await recordsOf<{ id: string }>(store, 'session', 'door')
  const collected = records.filter(({ state }) => state === 'collected')
  if (sessions.length !== collected.length)
    wrong.push(`${sessions.length} sessions by ${collected.length} requests`)
  return wrong
}

async function judgeCounter({ totals, unsureCounts }: Ledger, store: Store): Promise<void> {
  expect(new Set(totals).size).toBe(totals.length)
  const total = await store.increment(['torture', 'count'], 0, 0)
  expect(total).toBeGreaterThanOrEqual(totals.reduce((most, one) => Math.max(most, one), 0))
  expect(total).toBeGreaterThanOrEqual(totals.length)
  expect(total).toBeLessThanOrEqual(totals.length + unsureCounts)
}
