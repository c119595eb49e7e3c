import type {
  Approval,
  ApprovalTerms,
  Approved,
  Collected,
  Decision,
  Pending,
  Rejected,
  Wish,
} from '../../src/approval/approval.ts'
import { MINUTE } from '../../src/time.ts'
import { NOON } from './clock.ts'

/** What a phone asks for, with a value of its own in every field. */
export const WISH: Wish = {
  label: 'Phone',
  kind: 'app',
  thumbprint: 'k'.repeat(43),
  origin: 'https://notes.example',
  address: '192.0.2.7',
  transport: 'dpop',
  subject: 'owner',
  scopes: ['notes:read', 'notes:write'],
  data: { room: 1 },
  life: { slidingMs: 30 * MINUTE, absoluteMs: 60 * MINUTE },
  codeId: null,
}

const TERMS: ApprovalTerms = {
  ...WISH,
  id: 'apr_one',
  nonce: 'nonce-one',
  matchCode: '123 456',
  network: '192.0.2.7',
  before: { deviceId: null, live: false },
  epoch: 'epo_one',
  claimHash: 'hash of the claim',
  cookieHash: null,
  requestedAt: NOON,
  changes: 0,
  expiresAt: NOON + 10 * MINUTE,
}

export const DECISION: Decision = {
  decisionId: 'decision-one',
  decidedAt: NOON + MINUTE,
  decidedBy: { kind: 'operator' },
  reason: 'known',
}

/** A request at noon that waits for ten minutes. */
export function pendingOf(terms: Partial<ApprovalTerms> = {}): Pending {
  return { ...TERMS, ...terms, state: 'pending' }
}

/** The same, approved a minute later and to be collected within five. */
export function approvedOf(terms: Partial<ApprovalTerms> = {}): Approved {
  return {
    ...TERMS,
    ...terms,
    ...DECISION,
    state: 'approved',
    granted: ['notes:read'],
    collectBy: NOON + 6 * MINUTE,
  }
}

export function rejectedOf(terms: Partial<ApprovalTerms> = {}): Rejected {
  return { ...TERMS, ...terms, ...DECISION, state: 'rejected' }
}

export function collectedOf(terms: Partial<ApprovalTerms> = {}): Collected {
  return {
    ...TERMS,
    ...terms,
    ...DECISION,
    state: 'collected',
    granted: ['notes:read'],
    collectedAt: NOON + 2 * MINUTE,
    deviceId: 'dev_one',
    sessionId: 'ses_one',
  }
}

export function expiredOf(terms: Partial<ApprovalTerms> = {}): Approval {
  return { ...TERMS, ...terms, state: 'expired', expiredAt: NOON + 20 * MINUTE }
}

export function withdrawnOf(terms: Partial<ApprovalTerms> = {}): Approval {
  return {
    ...TERMS,
    ...terms,
    state: 'withdrawn',
    withdrawnAt: NOON + 3 * MINUTE,
    withdrawnBy: 'requester',
  }
}
