import type { Actor } from '../audit/event.ts'
import type { DeviceKind } from '../device/device.ts'
import type { ApprovalId, CodeId, DeviceId, EpochId, SessionId, Thumbprint } from '../ids.ts'
import type { Entry, SessionLife, Transport } from '../session/session.ts'
import { DAY, isBegun, type Millis } from '../time.ts'

/** Which incarnation a key had when it asked. */
export interface Before {
  deviceId: DeviceId | null
  live: boolean
}

export function beforeOf(found: {
  pointer: { record: { deviceId: DeviceId } | null } | null
  known: unknown
}): Before {
  return { deviceId: found.pointer?.record?.deviceId ?? null, live: found.known !== null }
}

/** What a request by the device grant has beside: whoever approves it types the code that its device shows (RFC 8628). */
export interface DeviceGrant {
  /** Of the client, as it is registered. */
  clientId: string
  /** The digest under which its user code is looked up. */
  userCode: string
  /** As which way in it counts: that of the mode in which it was asked. */
  entry: 'approval' | 'code+approval'
}

/** What somebody asks for. Sealed: whatever changes in it is another request. */
export interface Wish {
  label: string
  kind: DeviceKind
  /** RFC 7638 thumbprint of the key that asks, proven; `null`: it has none. */
  thumbprint: Thumbprint | null
  /** Of the page that asks; `null` outside browsers. */
  origin: string | null
  address: string | null
  transport: Transport
  subject: string
  scopes: string[]
  data: unknown
  life: SessionLife
  /** The code that it came with; `null`: none. */
  codeId: CodeId | null
  /** Absent: it is none. */
  deviceGrant?: DeviceGrant
}

export interface ApprovalTerms extends Wish {
  id: ApprovalId
  /** Random, and new with each change: no two requests have one digest. */
  nonce: string
  /** Shown on both screens for a person to compare. */
  matchCode: string
  /** The address as limits see it: IPv6 by its /64. */
  network: string
  before: Before
  epoch: EpochId
  /** SHA-256 of the claim's secret and, for who has no key, of the cookie's. */
  claimHash: string
  cookieHash: string | null
  requestedAt: Millis
  /** How often it was changed by asking again. */
  changes: number
  /** Nobody decided by then: it is over. */
  expiresAt: Millis
}

/** Who decided what, when and why. */
export interface Decision {
  /** Random: by it a decision is known again whose answer was lost. */
  decisionId: string
  decidedAt: Millis
  decidedBy: Actor
  reason: string | null
}

/** A request to be let in and where it stands. No state has a stamp of another. */
export type Approval = ApprovalTerms &
  (
    | { state: 'pending' }
    | (Decision & { state: 'approved'; granted: string[]; collectBy: Millis })
    | (Decision & {
        state: 'collected'
        granted: string[]
        collectedAt: Millis
        deviceId: DeviceId
        sessionId: SessionId
      })
    | (Decision & { state: 'rejected' })
    | { state: 'expired'; expiredAt: Millis }
    | { state: 'withdrawn'; withdrawnAt: Millis; withdrawnBy: 'requester' | 'queue' }
  )

export type Pending = ApprovalTerms & { state: 'pending' }
export type Approved = Extract<Approval, { state: 'approved' }>
export type Rejected = Extract<Approval, { state: 'rejected' }>
export type Collected = Extract<Approval, { state: 'collected' }>

/** A rejection holds for so long, unless it is forgotten. */
export const REJECTED_MS: Millis = 30 * DAY

export function entryOfWish({ codeId, deviceGrant }: Pick<Wish, 'codeId' | 'deviceGrant'>): Entry {
  return codeId === null ? (deviceGrant?.entry ?? 'approval') : 'code+approval'
}

/** When what still may happen to a request ends by itself; `null`: nothing more happens to it. */
export function endOfApproval(approval: Approval): Millis | null {
  if (approval.state === 'pending') return approval.expiresAt
  return approval.state === 'approved' ? approval.collectBy : null
}

/** Does this request hold a use of that code: may it still be approved or collected? */
export function holdsCode(
  approval: Approval,
  codeId: CodeId,
  before: Before,
  now: Millis,
): boolean {
  const end = endOfApproval(approval)
  return (
    approval.codeId === codeId && end !== null && now < end && sameBefore(approval.before, before)
  )
}

function sameBefore(a: Before, b: Before): boolean {
  return a.deviceId === b.deviceId && a.live === b.live
}

/** All that a request hangs on, as it was read. */
export interface ApprovalFacts {
  approval: Approval | null
  epoch: EpochId | null
  /** As things are with its key now. */
  before: Before
  /** Whether the code that it came with is still there for it. True where it came with none. */
  codeStands: boolean
  /** Whether who approved it still stands, and anything is left of what he gave. True where nobody has. */
  givenStands: boolean
}

export type Judged =
  | { is: 'unknown' }
  | { is: 'pending'; approval: Pending }
  | { is: 'approved'; approval: Approved }
  | { is: 'rejected'; approval: Rejected }
  | { is: 'collected'; approval: Collected }
  /** It ran out, was withdrawn, or what it hung on is gone. */
  | { is: 'over'; approval: Approval }

/** Where does this request stand now? Derived at each use; anything missing denies. */
export function judgeApproval(facts: ApprovalFacts, now: Millis): Judged {
  const { approval, before } = facts
  if (approval === null) return { is: 'unknown' }
  const same = sameBefore(approval.before, before)
  switch (approval.state) {
    case 'collected':
      return { is: 'collected', approval }
    case 'rejected':
      // Revoked, or paired in another way since: its key starts clean.
      return same && now < approval.decidedAt + REJECTED_MS
        ? { is: 'rejected', approval }
        : { is: 'over', approval }
    case 'expired':
    case 'withdrawn':
      return { is: 'over', approval }
    case 'pending':
    case 'approved':
      return judgeWaiting(approval, facts, same, now)
  }
}

/** What may still be decided or collected stands as long as all that it hangs on does. */
function judgeWaiting(
  approval: Pending | Approved,
  facts: ApprovalFacts,
  same: boolean,
  now: Millis,
): Judged {
  const stands = same && facts.codeStands && approval.epoch === facts.epoch
  if (approval.state === 'pending')
    return stands && now < approval.expiresAt && isBegun(approval.requestedAt, now)
      ? { is: 'pending', approval }
      : { is: 'over', approval }
  return stands && facts.givenStands && now < approval.collectBy && isBegun(approval.decidedAt, now)
    ? { is: 'approved', approval }
    : { is: 'over', approval }
}

export type DecideOutcome =
  | { ok: true; approval: Pending }
  | { ok: false; refusal: 'not_found' | 'approval_changed' }
  | { ok: false; refusal: 'approval_decided'; state: string }

/** May this be decided by somebody who saw that digest? */
export function mayDecide(judged: Judged, digest: string, seen: string): DecideOutcome {
  if (judged.is === 'unknown') return { ok: false, refusal: 'not_found' }
  if (judged.is !== 'pending') {
    // Also one that nobody has told the journal of yet has run out.
    const { state } = judged.approval
    const over = judged.is === 'over' && (state === 'pending' || state === 'approved')
    return { ok: false, refusal: 'approval_decided', state: over ? 'expired' : state }
  }
  return digest === seen
    ? { ok: true, approval: judged.approval }
    : { ok: false, refusal: 'approval_changed' }
}

/** The terms alone: what a request is when nothing was decided. */
export function termsOfApproval(approval: Approval): ApprovalTerms {
  const { id, nonce, matchCode, network, before, epoch, claimHash, cookieHash } = approval
  const { requestedAt, changes, expiresAt } = approval
  return {
    ...wishOf(approval),
    id,
    nonce,
    matchCode,
    network,
    before,
    epoch,
    claimHash,
    cookieHash,
    requestedAt,
    changes,
    expiresAt,
  }
}

export function wishOf(wish: Wish): Wish {
  const { label, kind, thumbprint, origin, address, transport } = wish
  const { subject, scopes, data, life, codeId, deviceGrant } = wish
  return {
    label,
    kind,
    thumbprint,
    origin,
    address,
    transport,
    subject,
    scopes,
    data,
    life,
    codeId,
    // Absent in the digests of all others, as before there were any.
    ...(deviceGrant === undefined ? {} : { deviceGrant }),
  }
}
