import { HOUR, type Millis } from '../time.ts'
import { endOfApproval, REJECTED_MS, type Approval } from './approval.ts'

/** What is over is kept an hour, so that who asked is told; what was decided a little longer than it holds. */
export function approvalPurgeAt(approval: Approval): Millis {
  if (approval.state === 'rejected') return approval.decidedAt + REJECTED_MS + HOUR
  const end = endOfApproval(approval)
  return Math.max(approval.expiresAt, end ?? 0, stampOf(approval)) + HOUR
}

function stampOf(approval: Approval): Millis {
  if (approval.state === 'collected') return approval.collectedAt
  if (approval.state === 'withdrawn') return approval.withdrawnAt
  return approval.state === 'expired' ? approval.expiredAt : 0
}
