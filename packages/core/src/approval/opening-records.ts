import type { AuditRecords } from '../audit/audit-records.ts'
import { SERVER, type Actor, type EventType } from '../audit/event.ts'
import type { EpochId } from '../ids.ts'
import type { Acquaintance, PairingRecords } from '../session/pairing-records.ts'
import { checkOf, type Change, type JournalWrite, type Slot } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import type { ApprovalRecords } from './approval-records.ts'
import { beforeOf, type Approval, type Approved, type Pending, type Wish } from './approval.ts'
import { occurrenceOf } from './decision.ts'
import { openRequest, withdraw, type ApprovalTimes, type Drawn } from './opening.ts'
import { joinQueue, manyShare, type JoinOutcome, type Place, type Queue } from './queue.ts'
import { approvalPurgeAt } from './retention.ts'
import type { ApprovalStandpoints } from './standpoint-records.ts'

export interface OpeningParts {
  approvals: ApprovalRecords
  audit: AuditRecords
  pairings: PairingRecords
  standpoints: ApprovalStandpoints
}

export interface OpeningInput {
  wish: Wish
  network: string
  epoch: EpochId
  /** What stands under its key. */
  found: Acquaintance
  drawn: Drawn
  actor: Actor
}

export type Opened =
  | { ok: false; refusal: 'approval_rejected' }
  | { ok: false; refusal: 'approval_limited'; retryMs: Millis; reason: string }
  | { ok: true; approval: Pending | Approved; change: Change }

export interface OpeningRecords {
  /** Reads what a request meets, and answers the change that puts it into the queue. */
  open(input: OpeningInput, times: ApprovalTimes, now: Millis): Promise<Opened>
}

export function createOpeningRecords(parts: OpeningParts): OpeningRecords {
  return { open: (input, times, now) => open(parts, input, times, now) }
}

async function open(
  parts: OpeningParts,
  { wish, network, epoch, found, drawn, actor }: OpeningInput,
  times: ApprovalTimes,
  now: Millis,
): Promise<Opened> {
  const { approvals, audit } = parts
  const { thumbprint, codeId } = wish
  const [pointer, cooling, queue] = await Promise.all([
    thumbprint === null ? null : approvals.pointer(thumbprint),
    // Who holds a code is held back by his code alone: strangers of his network can't.
    approvals.coolDown(codeId === null ? { network } : { codeId }),
    approvals.queue(),
  ])
  const standpoint =
    pointer?.record && (await parts.standpoints.read(pointer.record.approvalId, now))
  const outcome = openRequest(
    {
      wish,
      network,
      epoch,
      before: beforeOf(found),
      latest: standpoint?.judged ?? { is: 'unknown' },
      // Who was rejected there is anybody.
      cooling: manyShare(network) && codeId === null ? [] : (cooling.record?.runs ?? []),
    },
    drawn,
    times,
    now,
  )
  if (!outcome.ok)
    return outcome.refusal === 'approval_limited'
      ? { ...outcome, reason: 'rejected a moment ago, or changed too often' }
      : outcome
  const { approval, how, replaces } = outcome
  const checks = [
    checkOf(cooling),
    ...found.checks,
    ...(pointer ? [checkOf(pointer)] : []),
    ...(standpoint?.checks ?? []),
  ]
  if (how === 'kept')
    return {
      ok: true,
      approval,
      change: { checks, writes: [approvals.put(approval)], journal: [] },
    }
  const place: Place = {
    id: approval.id,
    thumbprint,
    network,
    holdsCode: codeId !== null,
    since: how === 'new' ? now : (placeOf(queue, approval)?.since ?? now),
    expiresAt: approval.expiresAt,
  }
  const { joined, loser } = await findPlace(parts, queue, place, times.pendingMs / 2, now)
  if (!joined.ok)
    return { ...joined, refusal: 'approval_limited', reason: 'too many requests are waiting' }
  const tell = (type: EventType, who: Approval, by: Actor): JournalWrite =>
    audit.append(occurrenceOf(type, who, by, now, { kind: who.kind, scopes: who.scopes }))
  const record = approvals.put(approval)
  /** A request that was refused and is found done: nobody has its claim. */
  const takeBack = async (): Promise<Change | null> => {
    const slot = await approvals.read(approval.id)
    if (slot.record?.state !== 'pending' || slot.record.claimHash !== approval.claimHash)
      return null
    return {
      checks: [checkOf(slot)],
      writes: [approvals.put(withdraw(slot.record, 'queue', now))],
      journal: [tell('approval.displaced', slot.record, SERVER)],
    }
  }
  return {
    ok: true,
    approval,
    change: {
      ...(how === 'new' ? { own: record.key, undo: takeBack } : {}),
      checks: [
        ...checks,
        checkOf(queue),
        ...(loser ? [checkOf(loser)] : []),
        ...(how === 'new' ? [{ key: record.key, version: null }] : []),
      ],
      writes: [
        record,
        approvals.putQueue({ places: joined.places }),
        ...approvals.point(approval),
        ...approvals.pointTyped(approval),
        ...parts.pairings.keep(found, approvalPurgeAt(approval)),
        ...(replaces ? [approvals.put(withdraw(replaces, 'requester', now))] : []),
        ...(loser ? [approvals.put(withdraw(loser.record, 'queue', now))] : []),
      ],
      journal: [
        ...(replaces ? [tell('approval.withdrawn', replaces, actor)] : []),
        ...(loser ? [tell('approval.displaced', loser.record, SERVER)] : []),
        tell('approval.requested', approval, actor),
      ],
    },
  }
}

type PendingSlot = Slot<Approval> & { record: Pending }

/** Only where there seems to be no room is looked who of the queue still waits: decisions don't touch it. */
async function findPlace(
  { standpoints }: OpeningParts,
  queue: Slot<Queue>,
  place: Place,
  keepMs: Millis,
  now: Millis,
): Promise<{ joined: JoinOutcome; loser: PendingSlot | null }> {
  const places = (queue.record?.places ?? []).filter(({ expiresAt }) => now < expiresAt)
  const first = joinQueue(places, place, keepMs, now)
  if (first.ok && first.displaced === null) return { joined: first, loser: null }
  const found = await Promise.all(places.map(({ id }) => standpoints.read(id, now)))
  // What was taken back leaves its place as late as it could have been displaced: else who asks and withdraws, over and
  // over, fills the journal.
  const isWaiting = (at: number, since: Millis): boolean => {
    const { judged } = found[at]!
    const isBack = judged.is === 'over' && judged.approval.state === 'withdrawn'
    return judged.is === 'pending' || (isBack && now >= since && now < since + keepMs)
  }
  const pending = found.flatMap(({ slot, judged }) =>
    judged.is === 'pending' ? [{ ...slot, record: judged.approval }] : [],
  )
  const still = places.filter(({ since }, at) => isWaiting(at, since))
  const joined = joinQueue(still, place, keepMs, now)
  const displaced = joined.ok ? joined.displaced : null
  return { joined, loser: pending.find(({ record }) => record.id === displaced?.id) ?? null }
}

function placeOf(queue: Slot<Queue>, { id }: Approval): Place | undefined {
  return queue.record?.places.find((place) => place.id === id)
}
