import type { Case } from './judge.ts'
import { isDone } from './ledger.ts'
import { recordsOf } from './records.ts'

interface ApprovalRecord {
  id: string
  state: string
  sessionId?: string
}

/** What was decided stands, and by each request at most one session was made. Answers what is wrong. */
export async function judgeApprovals({
  ledger,
  store,
  unheard,
}: Pick<Case, 'ledger' | 'store' | 'unheard'>): Promise<string[]> {
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
