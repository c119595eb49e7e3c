import { SERVER } from '../audit/event.ts'
import type { ApprovalId } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import { checkOf } from '../storage/space.ts'
import { endOfApproval, termsOfApproval } from './approval.ts'
import { occurrenceOf } from './decision.ts'

export interface LapseService {
  /** Tells the journal of requests that nobody decided, or nobody collected, in time. */
  announceLapsed(): Promise<void>
}

export function createLapseService({ space, records, clock }: ServicePorts): LapseService {
  return {
    async announceLapsed() {
      const epoch = await records.epochs.read()
      let after: ApprovalId | null = null
      do {
        const page = await records.approvals.list(after, 100)
        for (const { slot } of page.groups) {
          const approval = slot.record
          const now = clock()
          const end = endOfApproval(approval)
          if (end === null || approval.epoch !== epoch.id || now < end) continue
          // Lost: somebody decided or took it back first, and that was told.
          await space.commit({
            checks: [checkOf(slot)],
            writes: [
              records.approvals.put({
                ...termsOfApproval(approval),
                state: 'expired',
                expiredAt: now,
              }),
            ],
            journal: [
              records.audit.append(
                occurrenceOf('approval.expired', approval, SERVER, now, { was: approval.state }),
              ),
            ],
          })
        }
        after = page.next as ApprovalId | null
      } while (after !== null)
    },
  }
}
