import type { Store } from '@pair/core'
import type { App } from './apps.ts'
import { judgeApprovals } from './judge-approvals.ts'
import { madeIn, type Reader } from './journal.ts'
import { isDone, isSure, type Ledger, type Newcomer, type Try } from './ledger.ts'
import { tally } from './records.ts'
import { until } from './scope.ts'

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
  /** What was refused is ended behind its answer: by now, or so much later. Milliseconds. */
  settleMs: number
}

/** Words with which nothing is given, and rightly. */
const REFUSALS: Readonly<Record<string, readonly string[]>> = {
  entries: ['401 code_invalid', '410 approval_collected'],
  revokes: [],
  decisions: ['400 approval_decided'],
}

/** All that is wrong. */
export async function judge(each: Case): Promise<string[]> {
  const { ledger, apps, store } = each
  const soon = { withinMs: each.settleMs, everyMs: 250 }
  const isNone = (faults: readonly string[]): boolean => faults.length === 0
  const faults = [...ledger.odd, ...strangeIn(ledger), ...ledger.newcomers.flatMap(winnerFaults)]
  faults.push(...(await until(() => unwanted(each), isNone, soon)))
  faults.push(...(await standingFaults(ledger, apps)))
  faults.push(...(await tally(store)).wrong)
  faults.push(...(await until(() => judgeApprovals(each), isNone, soon)))
  faults.push(...(await counterFaults(ledger, store)))
  const journals = await Promise.all(each.readers.map((reader) => reader.stop()))
  faults.push(...journals.flatMap(({ fault }) => fault ?? []))
  const made = madeIn(journals.flatMap(({ items }) => items))
  for (const { entries } of ledger.newcomers)
    for (const { sessionId } of entries.filter(isDone))
      if (made.get(sessionId!) !== 1)
        faults.push(`${sessionId} is ${made.get(sessionId!) ?? 0} times in the journal`)
  return faults
}

/** Answers that are neither right nor 503. */
function strangeIn({ newcomers }: Ledger): string[] {
  const strange = new Set<string>()
  const look = (sort: string, tries: readonly Try[]): void => {
    for (const one of tries) {
      const word = `${one.status} ${one.problem}`
      if (isSure(one) && !isDone(one) && !REFUSALS[sort]!.includes(word))
        strange.add(`${sort} were answered ${word}`)
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
function winnerFaults({ entries, decisions }: Newcomer): string[] {
  const winners = entries.filter(isDone).map(({ sessionId }) => sessionId)
  const verdicts = decisions.filter(({ told }) => isDone(told)).map(({ verdict }) => verdict)
  return [
    ...(winners.length > 1 ? [`one code or request has two winners: ${winners.join(' ')}`] : []),
    ...(verdicts.length > 1 ? [`one request has two verdicts: ${verdicts.join(' ')}`] : []),
  ]
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
  return standing.flatMap((id) => {
    if (ended.has(id)) return [`${id} was revoked and stands`]
    return unheard || wanted.has(id) ? [] : [`${id} stands, and nobody was told so`]
  })
}

/** Who was let in is in at each of them, and who was sent away is out. */
async function standingFaults({ newcomers }: Ledger, apps: readonly App[]): Promise<string[]> {
  const faults: string[] = []
  for (const { house, entries, revokes } of newcomers)
    for (const { token, sessionId } of entries.filter(isDone)) {
      if (revokes.length > 0 && !revokes.some(isSure)) continue // nobody knows
      const right = revokes.some(isDone) ? 401 : 200
      const told = await Promise.all(apps.map((app) => app.ask('enter', house, token!)))
      if (told.some((status) => status !== right))
        faults.push(`${sessionId} of ${house} is answered ${told.join(' ')} in place of ${right}`)
    }
  return faults
}

async function counterFaults({ totals, unsureCounts }: Ledger, store: Store): Promise<string[]> {
  const total = await store.increment(['torture', 'count'], 0, 0)
  const most = totals.reduce((some, one) => Math.max(some, one), totals.length)
  return [
    ...(new Set(totals).size < totals.length ? ['a total was handed out twice'] : []),
    ...(total < most ? [`a counter stands at ${total}, and ${most} was handed out`] : []),
    ...(total > totals.length + unsureCounts
      ? [`a counter stands at ${total} by ${totals.length} calls and ${unsureCounts} more at most`]
      : []),
  ]
}
