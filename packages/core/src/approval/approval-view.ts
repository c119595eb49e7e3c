import type { Actor } from '../audit/event.ts'
import type { ApprovalId } from '../ids.ts'
import type { Millis } from '../time.ts'
import { endOfApproval, wishOf, type Approval, type Judged, type Wish } from './approval.ts'

/** A request as whoever decides sees it: all that the digest covers, and where it stands. */
export interface ApprovalView extends Omit<Wish, 'deviceGrant'> {
  id: ApprovalId
  /** The client that asks by the device grant: approved only with the code that its device shows. `null`: it asks otherwise. */
  clientId: string | null
  /** Name it when you decide: it is of exactly what is shown here. */
  digest: string
  state: 'pending' | 'approved' | 'rejected' | 'collected'
  /** To compare with the other screen. */
  matchCode: string
  requestedAt: Millis
  /** Until when it may be decided, or collected; `null` where nothing is waited for. */
  expiresAt: Millis | null
  decision: { at: Millis; by: Actor; reason: string | null; scopes: string[] | null } | null
}

export function viewApproval(
  approval: Approval & { state: ApprovalView['state'] },
  digest: string,
): ApprovalView {
  const { id, state, matchCode, requestedAt } = approval
  const { deviceGrant, ...wish } = wishOf(approval)
  return {
    ...wish,
    id,
    clientId: deviceGrant?.clientId ?? null,
    digest,
    state,
    matchCode,
    requestedAt,
    expiresAt: endOfApproval(approval),
    decision:
      approval.state === 'pending'
        ? null
        : {
            at: approval.decidedAt,
            by: approval.decidedBy,
            reason: approval.reason,
            scopes: approval.state === 'rejected' ? null : approval.granted,
          },
  }
}

/** Is this one to show in a list: it can be decided, collected or forgotten? */
export function isListed(
  judged: Judged,
): judged is Extract<Judged, { is: 'pending' | 'approved' | 'rejected' }> {
  return judged.is === 'pending' || judged.is === 'approved' || judged.is === 'rejected'
}

/** What who asked is told while it waits. */
export interface RequestView {
  id: ApprovalId
  matchCode: string
  label: string
  scopes: string[]
  requestedAt: Millis
  expiresAt: Millis
}

export interface PendingAnswer {
  status: 'pending'
  approval: RequestView
  /** What it collects with, by the same key or, without one, by the cookie. Handed out once. */
  claim: string
  cookie: { text: string; expiresAt: Millis } | null
  proof: string
}
