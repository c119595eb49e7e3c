import { OPERATOR, type Actor } from '../audit/event.ts'
import { PairError } from '../errors.ts'
import { isId, type ApprovalId } from '../ids.ts'
import { actingRefusal } from '../session/refusal.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide } from '../storage/decide.ts'
import { checkPageLimit } from '../storage/page-limit.ts'
import { checkOf } from '../storage/space.ts'
import { digestOf, readPendingProof, type PendingProof } from './approval-crypto.ts'
import { isListed, viewApproval, type ApprovalView } from './approval-view.ts'
import { coolingOf, occurrenceOf } from './decision.ts'

export interface ApprovalsService {
  /** Requests that wait to be decided or collected, and rejections that hold, in the order of their ids. */
  list(page?: {
    after?: string
    limit?: number
  }): Promise<{ items: ApprovalView[]; next: string | null }>
  /** Forgets a decision: the next request of that device starts clean. @throws PairError `not_found`, `approval_pending` */
  forget(id: string, by?: Actor): Promise<void>
  /** What the proof of a request that waits says, or `null` where it is none of this server's. */
  readProof(text: string): Promise<PendingProof | null>
}

export function createApprovalsService(ports: ServicePorts): ApprovalsService {
  const { space, records, clock } = ports

  return {
    async list({ after, limit = 100 } = {}) {
      checkPageLimit(limit)
      const now = clock()
      const keys = { instance: await ports.instance() }
      const items: ApprovalView[] = []
      let next = after ?? null
      // What is over stands between for an hour: a page is full, or the last.
      do {
        const page = await records.approvals.list(next as ApprovalId | null, limit - items.length)
        const judged = await Promise.all(
          page.groups.map(({ slot }) => records.standpoints.read(slot.record.id, now)),
        )
        for (const { judged: found } of judged)
          if (isListed(found))
            items.push(viewApproval(found.approval, digestOf(keys, found.approval)))
        next = page.next
      } while (next !== null && items.length < limit)
      return { items, next }
    },

    async forget(id, by = OPERATOR) {
      if (!isId('apr', id)) throw new PairError('not_found')
      await decide(space, async () => {
        const now = clock()
        const { slot, judged } = await records.standpoints.read(id, now)
        if (judged.is === 'pending') throw new PairError('approval_pending')
        if (judged.is === 'unknown' || judged.is === 'over') throw new PairError('not_found')
        const { approval } = judged
        const cooling = coolingOf(approval)
        const [coolDown, acting] = await Promise.all([
          records.approvals.coolDown(cooling),
          records.sessions.acting(by, now),
        ])
        if (!acting.ok) throw new PairError(...actingRefusal(acting.reason))
        const runs = (coolDown.record?.runs ?? []).filter(({ approvalId }) => approvalId !== id)
        return {
          answer: undefined,
          change: {
            checks: [checkOf(slot), checkOf(coolDown), ...acting.checks],
            writes: [
              records.approvals.remove(slot, now),
              ...(coolDown.record ? [records.approvals.putCoolDown(cooling, { runs })] : []),
            ],
            journal: [
              records.audit.append(
                occurrenceOf('approval.forgotten', approval, by, now, { state: approval.state }),
              ),
            ],
          },
        }
      })
    },

    async readProof(text) {
      return readPendingProof(await ports.keys(), text, clock())
    },
  }
}
