import { canonicalJson } from '../encoding/canonical-json.ts'
import type { ApprovalId, EpochId } from '../ids.ts'
import type { RandomSource } from '../ports/runtime.ts'
import { newId } from '../ids.ts'
import { toBase64Url } from '../encoding/base64url.ts'
import type { Millis } from '../time.ts'
import { drawSecret, type Secret } from '../token/secret.ts'
import {
  termsOfApproval,
  wishOf,
  type Approval,
  type Approved,
  type Before,
  type Judged,
  type Pending,
  type Wish,
} from './approval.ts'
import { drawMatchCode } from './match-code.ts'

/** How long requests wait. Milliseconds. */
export interface ApprovalTimes {
  pendingMs: number
  collectMs: number
  coolDownMs: number
}

/** The random parts of a request. */
export interface Drawn {
  id: ApprovalId
  nonce: string
  matchCode: string
  claim: Secret
  /** What stands for a key where there is none. */
  cookie: Secret | null
  /** Of the proof that it waits. */
  jti: string
}

export function drawOpening(keyed: boolean, random: RandomSource): Drawn {
  return {
    id: newId('apr', random),
    nonce: toBase64Url(random(16)),
    matchCode: drawMatchCode(random),
    claim: drawSecret(random),
    cookie: keyed ? null : drawSecret(random),
    jti: toBase64Url(random(16)),
  }
}

export interface OpeningFacts {
  wish: Wish
  network: string
  before: Before
  epoch: EpochId
  /** The latest request of the same key. */
  latest: Judged
  /** The ends of what cools down for it. */
  cooling: readonly { since: Millis; until: Millis }[]
}

export type OpeningOutcome =
  | { ok: false; refusal: 'approval_rejected' }
  | { ok: false; refusal: 'approval_limited'; retryMs: Millis }
  | {
      ok: true
      approval: Pending | Approved
      /** `kept`: only its claim is new. `changed`: whoever saw it before saw something else. */
      how: 'kept' | 'changed' | 'new'
      /** An earlier request of the same key that this one takes the place of. */
      replaces: Pending | Approved | null
    }

/** Each change is told to the journal. */
export const CHANGES_CAP = 8

/** What becomes of a wish to be let in. One request a key: asked again it goes on, and what differs is decided anew. */
export function openRequest(
  { wish, network, before, epoch, latest, cooling }: OpeningFacts,
  drawn: Drawn,
  times: ApprovalTimes,
  now: Millis,
): OpeningOutcome {
  const known = latest.is === 'unknown' ? null : latest.approval
  // Another subject's request says nothing of this one.
  const kin = known !== null && known.subject === wish.subject
  if (kin && latest.is === 'rejected') return { ok: false, refusal: 'approval_rejected' }
  const claimHash = drawn.claim.hash
  const waiting = latest.is === 'pending' || latest.is === 'approved' ? latest.approval : null
  if (waiting && kin && sameWish(waiting, wish))
    return { ok: true, approval: { ...waiting, claimHash }, how: 'kept', replaces: null }
  const retryMs = Math.max(
    0,
    ...cooling.map(({ since, until }) => (now >= since && now < until ? until - now : 0)),
  )
  if (retryMs > 0) return limited(retryMs)
  const fresh = {
    ...wish,
    nonce: drawn.nonce,
    matchCode: drawn.matchCode,
    claimHash,
    cookieHash: drawn.cookie?.hash ?? null,
    requestedAt: now,
  }
  if (waiting?.state === 'pending' && kin && waiting.codeId === wish.codeId) {
    // Its end stays: nobody waits longer by asking again.
    const { id, expiresAt } = waiting
    const changes = waiting.changes + 1
    if (changes > CHANGES_CAP) return limited(expiresAt - now)
    return {
      ok: true,
      approval: { ...fresh, id, network, before, epoch, changes, expiresAt, state: 'pending' },
      how: 'changed',
      replaces: null,
    }
  }
  // Taking it back and asking anew is a change like any other, as long as its turn would have been.
  const back =
    latest.is === 'over' && latest.approval.state === 'withdrawn' ? latest.approval : null
  const turnEnds = (back?.requestedAt ?? 0) + times.pendingMs / 2
  const changes = back && now >= back.requestedAt && now < turnEnds ? back.changes + 1 : 0
  if (changes > CHANGES_CAP) return limited(turnEnds - now)
  return {
    ok: true,
    approval: {
      ...fresh,
      id: drawn.id,
      network,
      before,
      epoch,
      changes,
      expiresAt: now + times.pendingMs,
      state: 'pending',
    },
    how: 'new',
    replaces: waiting,
  }
}

function limited(ms: Millis): OpeningOutcome {
  return { ok: false, refusal: 'approval_limited', retryMs: Math.max(1, ms) }
}

function sameWish(a: Wish, b: Wish): boolean {
  return canonicalJson(wishOf(a)) === canonicalJson(wishOf(b))
}

export function withdraw(
  approval: Pending | Approved,
  withdrawnBy: 'requester' | 'queue',
  now: Millis,
): Approval {
  return { ...termsOfApproval(approval), state: 'withdrawn', withdrawnAt: now, withdrawnBy }
}
