import type { CodeRecords, CodeStandpoint } from '../bootstrap/code-records.ts'
import type { ApprovalId } from '../ids.ts'
import type { Check } from '../ports/store.ts'
import type { EpochRecords, EpochSlot } from '../revocation/epoch-records.ts'
import type { Acquaintance, PairingRecords } from '../session/pairing-records.ts'
import type { Acting, SessionRecords } from '../session/session-records.ts'
import { checkOf, type Slot } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import type { ApprovalRecords } from './approval-records.ts'
import { beforeOf, judgeApproval, type Approval, type Judged } from './approval.ts'

export interface StandpointParts {
  approvals: ApprovalRecords
  codes: CodeRecords
  epochs: EpochRecords
  pairings: PairingRecords
  sessions: SessionRecords
}

/** A request with everything that it hangs on, read together. */
export interface ApprovalStandpoint {
  slot: Slot<Approval>
  judged: Judged
  /** Put these into the commit of whatever is decided or minted by it: a change in between makes it lose. */
  checks: Check[]
  epoch: EpochSlot
  /** What stands under its key. */
  found: Acquaintance
  /** The code that it came with, judged for it; `null`: it came with none. */
  code: CodeStandpoint | null
  /** Who approved it, as he stands now; `null`: nobody has. */
  decider: Acting | null
  /** What is left of the scopes that were given. */
  left: string[]
}

export interface ApprovalStandpoints {
  read(id: ApprovalId, now: Millis): Promise<ApprovalStandpoint>
}

export function createApprovalStandpoints(parts: StandpointParts): ApprovalStandpoints {
  async function read(id: ApprovalId, now: Millis): Promise<ApprovalStandpoint> {
    const slot = await parts.approvals.read(id)
    const approval = slot.record
    const [epoch, found, code, decider] = await Promise.all([
      parts.epochs.read(),
      parts.pairings.acquaintance(approval?.thumbprint ?? null),
      approval?.codeId ? parts.codes.standpoint(approval.codeId, now, { request: id }) : null,
      approval?.state === 'approved' ? parts.sessions.acting(approval.decidedBy, now) : null,
    ])
    // Whoever issued the code, or approved, may have been narrowed since.
    const granted = approval?.state === 'approved' ? approval.granted : []
    const left = granted.filter(
      (scope) =>
        !(code?.usable.ok && !code.usable.code.scopes.includes(scope)) &&
        !(decider?.ok && decider.grant?.scopes.includes(scope) === false),
    )
    const isLeft = decider?.ok !== false && (left.length > 0 || granted.length === 0)
    const facts = {
      approval,
      epoch: epoch.id,
      before: beforeOf(found),
      codeStands: code === null || code.usable.ok,
      givenStands: isLeft,
    }
    return {
      slot,
      judged: judgeApproval(facts, now),
      checks: [
        checkOf(slot),
        checkOf(epoch),
        ...found.checks,
        ...(code?.checks ?? []),
        ...(decider?.ok ? decider.checks : []),
      ],
      epoch,
      found,
      code,
      decider,
      left,
    }
  }

  return {
    async read(id, now) {
      for (;;) {
        const standpoint = await read(id, now)
        if (standpoint.judged.is !== 'over') return standpoint
        // Collected between two reads it looks as if its key had been paired in another way: nothing commits on "over", so
        // it is made sure here.
        const { version } = await parts.approvals.read(id)
        if (version === standpoint.slot.version) return standpoint
      }
    },
  }
}
