import { refuseEntry } from '../admission/admission.ts'
import { newcomerFrom } from '../audit/event.ts'
import { redeemOnce, refuseRedeemer } from '../bootstrap/code.ts'
import { toBase64Url } from '../encoding/base64url.ts'
import { PairError } from '../errors.ts'
import { isAccessScope } from '../grant/scopes.ts'
import { isId, type ApprovalId, type Thumbprint } from '../ids.ts'
import { epochOf } from '../revocation/epoch.ts'
import { newcomerFacts } from '../policy/policy.ts'
import { authorizePaired } from '../session/credential-crypto.ts'
import type { Authorized } from '../session/credential.ts'
import { drawPairing, pairDevice } from '../session/pairing.ts'
import { refusalOf } from '../session/refusal.ts'
import { lifeUnder } from '../session/session.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide, type Plan } from '../storage/decide.ts'
import { checkOf } from '../storage/space.ts'
import { hashSecret, parseNamedSecret } from '../token/secret.ts'
import { toPending } from './approval-crypto.ts'
import type { PendingAnswer } from './approval-view.ts'
import { occurrenceOf } from './decision.ts'
import { entryOfWish, termsOfApproval, type Approval } from './approval.ts'
import { withdraw } from './opening.ts'
import type { ApprovalStandpoint } from './standpoint-records.ts'

/** Who comes to collect: the key that asked, proven, or without one the secret of its cookie. */
export interface Claimant {
  claim: string
  by: { thumbprint: Thumbprint } | { cookie: string | null }
  /** Repeated in the proof while it waits. */
  nonce: string | null
  address: string | null
}

export interface CollectService {
  /**
   * By which key a claim has to be proven; `null`: by the cookie.
   *
   * @throws PairError `approval_expired` for every claim that is none, and for a device grant's, which is no claim
   */
  claimedBy(claim: string): Promise<{ id: ApprovalId; thumbprint: Thumbprint | null }>
  /**
   * The session of a request that was approved, made here and now; of any number who come, one alone gets it.
   *
   * @throws PairError `approval_rejected`, `approval_expired`, `approval_collected`, `admission_refused`,
   * `admission_unknown`, `clock_skew`, `store_unavailable`, `store_busy`
   */
  collect(claimant: Claimant): Promise<Authorized | PendingAnswer>
  /** Takes a request back; what it held is free again. @throws PairError as `collect` */
  withdraw(claimant: Claimant): Promise<void>
}

export function createCollectService(ports: ServicePorts): CollectService {
  const { space, records, clock, random, settings } = ports

  /** One answer for all that is no claim here: unknown, forgotten, of another secret. */
  function none(reason: string): PairError {
    return new PairError('approval_expired', { reason })
  }

  function parse(claim: string): { id: ApprovalId; hash: string } {
    const parsed = parseNamedSecret(claim)
    if (parsed === null || !isId('apr', parsed.id)) throw none('not a claim')
    return { id: parsed.id, hash: parsed.hash }
  }

  function holds(approval: Approval, { by, claim }: Claimant): boolean {
    if (approval.claimHash !== parse(claim).hash) return false
    if (approval.thumbprint !== null)
      return 'thumbprint' in by && by.thumbprint === approval.thumbprint
    const hash = 'cookie' in by && by.cookie !== null ? hashSecret(by.cookie) : null
    return hash !== null && hash === approval.cookieHash
  }

  /** The request behind a claim, for whom it belongs to. */
  async function open(
    claimant: Claimant,
  ): Promise<{ now: number; approval: Approval; standpoint: ApprovalStandpoint }> {
    const now = clock()
    const standpoint = await records.standpoints.read(parse(claimant.claim).id, now)
    const approval = standpoint.slot.record
    if (approval === null || !holds(approval, claimant)) throw none('no such request is known')
    return { now, approval, standpoint }
  }

  return {
    async claimedBy(claim) {
      const { id, hash } = parse(claim)
      const { record } = await records.approvals.read(id)
      if (record === null || record.claimHash !== hash) throw none('no such request is known')
      // It comes by its client's id, and no more often than it is told.
      if (record.deviceGrant)
        throw none('what was asked for by the device grant is collected there')
      return { id, thumbprint: record.thumbprint }
    },

    async collect(claimant) {
      await ports.requireSteadyClock()
      const keys = await ports.keys()
      return decide(space, async (): Promise<Plan<Authorized | PendingAnswer>> => {
        const { now, approval, standpoint } = await open(claimant)
        const { judged, code, decider, found, left } = standpoint
        if (judged.is === 'unknown' || judged.is === 'over')
          throw none('it ran out, or what it hung on is gone')
        if (judged.is === 'rejected') throw new PairError('approval_rejected')
        if (judged.is === 'collected') throw new PairError('approval_collected')
        const admission = await records.admission.read()
        const { epoch } = standpoint.epoch
        const entry = entryOfWish(approval)
        const closed = refuseEntry(admission, entry)
        if (closed) throw new PairError(...closed)
        if (judged.is === 'pending') {
          const handed = { claim: claimant.claim, cookie: null }
          const facts = { nonce: claimant.nonce, jti: toBase64Url(random(16)), now }
          return { answer: await toPending(keys, judged.approval, handed, facts) }
        }
        const { granted, thumbprint, transport, ...rest } = judged.approval
        const { decisionId, decidedAt, decidedBy, reason } = rest
        const refusal = refuseRedeemer({ thumbprint, transport }, settings.keyless)
        if (refusal !== null) throw new PairError(...refusalOf({ refusal }))
        if (epoch === null || code?.usable.ok === false || decider?.ok === false)
          throw none('what it hung on can not be read')
        const { label, kind, origin, subject, data, codeId, id } = judged.approval
        // What may be without a key, the options say; they may be others by now.
        const isFull = thumbprint !== null || settings.keyless === 'full'
        const scopes = isFull ? left : left.filter((scope) => !isAccessScope(scope))
        if (scopes.length === 0 && granted.length > 0)
          throw none('nothing is left of what was given')
        // Nor does anybody stay longer than who let him in.
        const life = [code?.issuer, decider?.session].reduce(
          (left, by) => (by ? lifeUnder(by, left, settings.life, now) : left),
          judged.approval.life,
        )
        const newcomer = { label, kind, thumbprint, origin, transport }
        const told = { address: claimant.address, subject, scopes, codeId, approvalId: id }
        await ports.askPolicy('admit', newcomerFacts('claim', newcomer, told))
        const drawn = drawPairing(random)
        const made = pairDevice({
          newcomer,
          drawn,
          now,
          subject,
          data,
          codeId,
          scopes,
          life,
          entry,
          known: found.known,
          epoch: epochOf(epoch, entry),
          approvalId: id,
          clientId: judged.approval.deviceGrant?.clientId,
          keylessFull: settings.keyless === 'full',
        })
        const { session, device, grant } = made
        const pairing = records.pairings.write(found, made)
        const { replacedSessionId } = pairing
        const event = records.audit.append({
          ...occurrenceOf('approval.collected', approval, newcomerFrom(claimant.address), now, {
            kind,
            transport,
            scopes: grant.scopes,
            known: found.known !== null,
            ...(replacedSessionId === null ? {} : { replacedSessionId }),
          }),
          deviceId: device.id,
          sessionId: session.id,
        })
        const collected: Approval = {
          ...termsOfApproval(judged.approval),
          decisionId,
          decidedAt,
          decidedBy,
          reason,
          state: 'collected',
          granted,
          collectedAt: now,
          deviceId: device.id,
          sessionId: session.id,
        }
        return {
          answer: await authorizePaired(keys, made, drawn, settings.accessMs, now),
          change: {
            checks: [checkOf(admission), ...standpoint.checks, ...pairing.checks],
            writes: [
              records.approvals.put(collected),
              ...(code?.usable.ok
                ? [
                    records.codes.put(
                      redeemOnce(code.usable.code, { sessionId: session.id, thumbprint }, now, id),
                    ),
                  ]
                : []),
              ...pairing.writes,
            ],
            journal: [event],
            own: pairing.own,
            undo: pairing.undo,
          },
        }
      })
    },

    async withdraw(claimant) {
      await decide(space, async () => {
        const { now, standpoint } = await open(claimant)
        const { judged, slot } = standpoint
        if (judged.is === 'rejected') throw new PairError('approval_rejected')
        if (judged.is === 'collected') throw new PairError('approval_collected')
        // What is over already is as it was meant to be.
        if (judged.is !== 'pending' && judged.is !== 'approved') return { answer: undefined }
        const { address } = claimant
        return {
          answer: undefined,
          change: {
            checks: [checkOf(slot)],
            writes: [records.approvals.put(withdraw(judged.approval, 'requester', now))],
            journal: [
              records.audit.append(
                occurrenceOf('approval.withdrawn', judged.approval, newcomerFrom(address), now),
              ),
            ],
          },
        }
      })
    },
  }
}
