import { refuseEntry } from '../admission/admission.ts'
import { OPERATOR, SERVER, type Actor } from '../audit/event.ts'
import { burnOnce } from '../bootstrap/code.ts'
import { parseCode } from '../bootstrap/typed-code.ts'
import { toBase64Url } from '../encoding/base64url.ts'
import { cleanLabel } from '../encoding/text.ts'
import { PairError } from '../errors.ts'
import { checkScopeList, narrowScopes } from '../grant/scopes.ts'
import { isId } from '../ids.ts'
import { actingRefusal, refusalOf } from '../session/refusal.ts'
import type { Acting } from '../session/session-records.ts'
import { KEEP_AFTER_END_MS } from '../session/pairing-records.ts'
import { keepMarkUntil } from '../session/session.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide } from '../storage/decide.ts'
import { checkOf, type Change } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import { digestOf } from './approval-crypto.ts'
import { viewApproval, type ApprovalView } from './approval-view.ts'
import {
  entryOfWish,
  mayDecide,
  termsOfApproval,
  type Approval,
  type Approved,
  type Decision,
  type Pending,
  type Rejected,
} from './approval.ts'
import { coolingOf, judgeTyped, occurrenceOf, type Approving, type Verdict } from './decision.ts'
import { approvalPurgeAt } from './retention.ts'
import type { ApprovalStandpoint } from './standpoint-records.ts'
import { userCodeDigests } from './user-code-crypto.ts'

export interface DecideService<S extends string = string> {
  /**
   * Lets in exactly what was shown. The session is made when its device collects it.
   *
   * @throws PairError `not_found`, `approval_changed`, `approval_decided`, `insufficient_scope` above what who decides holds,
   * `admission_refused`, `invalid_request`; for device grants `user_code_required`, `code_malformed`, `code_invalid`
   */
  approve(id: string, verdict: Approving<S>, by?: Actor): Promise<ApprovalView>
  /** Turns it away; what it held is gone. @throws PairError `not_found`, `approval_changed`, `approval_decided` */
  reject(id: string, verdict: Verdict, by?: Actor): Promise<ApprovalView>
}

export function createDecideService(ports: ServicePorts): DecideService {
  const { space, records, clock, random, settings } = ports

  /** Ends what an approval let in that was refused and is found done: its decider was told that nobody is let in. */
  async function takeBack({ id, decisionId }: Approved): Promise<Change | null> {
    const now = clock()
    const slot = await records.approvals.read(id)
    const { record } = slot
    if (record === null || !('decisionId' in record) || record.decisionId !== decisionId)
      return null
    if (record.state === 'approved') {
      const event = occurrenceOf('approval.expired', record, SERVER, now, { was: record.state })
      const expired: Approval = { ...termsOfApproval(record), state: 'expired', expiredAt: now }
      return {
        checks: [checkOf(slot)],
        writes: [records.approvals.put(expired)],
        journal: [records.audit.append(event)],
      }
    }
    if (record.state !== 'collected') return null
    const { sessionId, deviceId } = record
    const { session, marker } = await records.sessions.standpoint(sessionId)
    if (marker.revoked) return null
    const keepUntil = keepMarkUntil(session.record, session.purgeAt, now, KEEP_AFTER_END_MS)
    const event = { type: 'session.revoked', at: now, actor: SERVER, sessionId, deviceId } as const
    return {
      ...records.revocations.mark(marker, { at: now, reason: 'revoked' }, keepUntil),
      journal: [records.audit.append(event)],
    }
  }

  /** Reads a request, lets `make` answer what becomes of it, and commits that with the decider's own standing. */
  async function settle<T extends Approved | Rejected>(
    id: string,
    { digest: shown, reason: text }: Verdict,
    by: Actor,
    make: (at: {
      approval: Pending
      decision: Decision
      decider: Extract<Acting, { ok: true }>
      standpoint: ApprovalStandpoint
      digest: string
      now: Millis
    }) => Promise<{ decided: T; change: Change }>,
  ): Promise<ApprovalView> {
    if (!isId('apr', id)) throw new PairError('not_found')
    const reason = text === undefined ? null : cleanLabel(text, 200)
    if (text !== undefined && reason === null)
      throw new PairError('invalid_request', {
        message: '`reason` must be 1 to 200 printable characters.',
      })
    const keys = { instance: await ports.instance() }
    const decisionId = toBase64Url(random(9))
    return decide(space, async () => {
      const now = clock()
      const standpoint = await records.standpoints.read(id, now)
      const { record } = standpoint.slot
      const digest = record === null ? '' : digestOf(keys, record)
      // Done, and its answer was lost: whoever collected at once came after it.
      if (record !== null && 'decisionId' in record && record.decisionId === decisionId)
        return { answer: viewApproval(record, digest) }
      const outcome = mayDecide(standpoint.judged, digest, shown)
      if (!outcome.ok) {
        const members = 'state' in outcome ? { state: outcome.state } : {}
        throw new PairError(outcome.refusal, { members })
      }
      const { approval } = outcome
      const decider = await records.sessions.acting(by, now)
      if (!decider.ok) throw new PairError(...actingRefusal(decider.reason))
      const decision: Decision = { decisionId, decidedAt: now, decidedBy: by, reason }
      const made = await make({ approval, decision, decider, standpoint, digest, now })
      const { label, kind, thumbprint, address, scopes } = approval
      const granted = made.decided.state === 'approved' ? made.decided.granted : null
      await ports.askPolicy('decide', {
        by,
        verdict: granted ? 'approve' : 'reject',
        approvalId: approval.id,
        digest,
        label,
        kind,
        thumbprint,
        address,
        scopes: granted ?? scopes,
      })
      return {
        answer: viewApproval(made.decided, digest),
        change: {
          checks: [...standpoint.checks, ...decider.checks, ...made.change.checks],
          writes: [
            records.approvals.put(made.decided),
            // Its key is to find it for as long as the decision holds.
            ...records.approvals.point(made.decided),
            ...records.pairings.keep(standpoint.found, approvalPurgeAt(made.decided)),
            ...made.change.writes,
          ],
          journal: made.change.journal,
          ...(made.change.undo && { undo: made.change.undo }),
        },
      }
    })
  }

  /** The digests of a user code that was typed; `null`: none was. @throws PairError `code_malformed` */
  async function digestsOf(userCode: string | undefined): Promise<string[] | null> {
    if (userCode === undefined) return null
    const typed = parseCode(userCode, settings.risk.symbols)
    if (typed.form !== 'typed') throw new PairError('code_malformed')
    const { codePeppers } = await ports.keys()
    return userCodeDigests(codePeppers, typed.secret)
  }

  return {
    async approve(id, { scopes, userCode, ...verdict }, by = OPERATOR) {
      const list = scopes === undefined ? null : checkScopeList(scopes, settings.scopes)
      if (list?.ok === false)
        throw new PairError(...refusalOf({ refusal: 'scopes', reason: list.reason }))
      const digests = await digestsOf(userCode)
      return settle(id, verdict, by, async ({ approval, decision, decider, digest: of, now }) => {
        const admission = await records.admission.read()
        const closed = refuseEntry(admission, entryOfWish(approval))
        if (closed) throw new PairError(...closed)
        const judged = judgeTyped(approval, digests)
        if (judged !== 'ok') throw new PairError(judged)
        const wanted = narrowScopes(scopes ?? approval.scopes, approval.scopes)
        if (!wanted.ok)
          throw new PairError('invalid_request', {
            message: 'A request can only be narrowed.',
            hint: 'Name scopes that it asks for.',
          })
        // Nobody lets in under another name than his own; that of a code is its issuer's to give.
        const { grant } = decider
        if (grant && approval.codeId === null && grant.subject !== approval.subject)
          throw new PairError('insufficient_scope', {
            message: 'You can not let somebody in for another subject than your own.',
            reason: 'the request is for another subject than that of who decides',
          })
        const given = narrowScopes(wanted.scopes, grant?.scopes ?? wanted.scopes)
        if (!given.ok)
          throw new PairError('insufficient_scope', {
            message: 'You can not give more than you have.',
            members: { scopes: given.scopes },
          })
        const decided: Approved = {
          ...termsOfApproval(approval),
          ...decision,
          state: 'approved',
          granted: given.scopes,
          collectBy: now + settings.approval.collectMs,
        }
        const detail = { digest: of, scopes: given.scopes, reason: decision.reason }
        const event = records.audit.append(
          occurrenceOf('approval.approved', approval, by, now, detail),
        )
        return {
          decided,
          change: {
            checks: [checkOf(admission)],
            writes: [],
            journal: [event],
            undo: () => takeBack(decided),
          },
        }
      })
    },

    reject: (id, verdict, by = OPERATOR) =>
      settle(id, verdict, by, async ({ approval, decision, standpoint, digest: of, now }) => {
        const decided: Rejected = { ...termsOfApproval(approval), ...decision, state: 'rejected' }
        const { code } = standpoint
        const cooling = coolingOf(approval)
        const coolDown = await records.approvals.coolDown(cooling)
        const run = {
          approvalId: approval.id,
          since: now,
          until: now + settings.approval.coolDownMs,
        }
        const runs = [...(coolDown.record?.runs ?? []).filter(({ until }) => now < until), run]
        const detail = { digest: of, reason: decision.reason }
        return {
          decided,
          change: {
            checks: [checkOf(coolDown)],
            writes: [
              records.approvals.putCoolDown(cooling, { runs }),
              ...(code?.usable.ok
                ? [records.codes.put(burnOnce(code.usable.code, approval.id, now))]
                : []),
            ],
            journal: [
              records.audit.append(occurrenceOf('approval.rejected', approval, by, now, detail)),
            ],
          },
        }
      }),
  }
}
