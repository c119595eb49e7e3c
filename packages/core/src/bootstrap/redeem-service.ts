import { entryByCode, refuseEntry } from '../admission/admission.ts'
import { toOpened } from '../approval/approval-crypto.ts'
import type { PendingAnswer } from '../approval/approval-view.ts'
import { drawOpening } from '../approval/opening.ts'
import { networkInQueue } from '../approval/queue.ts'
import { newcomerFrom } from '../audit/event.ts'
import { PairError } from '../errors.ts'
import { checkScopeList, isAccessScope } from '../grant/scopes.ts'
import type { CodeId, Thumbprint } from '../ids.ts'
import type { Attempt, Guess, Judged } from '../limit/attempt-records.ts'
import { limitedOf } from '../limit/limit-refusal.ts'
import type { Subject } from '../limit/limits.ts'
import { epochOf } from '../revocation/epoch.ts'
import { authorizePaired } from '../session/credential-crypto.ts'
import type { Authorized } from '../session/credential.ts'
import { drawPairing, pairDevice, type Arrival } from '../session/pairing.ts'
import { refusalOf } from '../session/refusal.ts'
import { lifeUnder } from '../session/session.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide, type Plan } from '../storage/decide.ts'
import { checkOf } from '../storage/space.ts'
import { codeLookup, type HandedCode } from './code-crypto.ts'
import type { CodePreview } from './code.ts'
import { admit, holdOnce, previewCode, redeemOnce, refuseRedeemer } from './code.ts'
import { parseCode } from './typed-code.ts'

/** A code that was handed in, counted as a guess. */
export interface CodeTry {
  attempt: Attempt
  code: HandedCode
}

export interface RedeemService {
  /**
   * Counts a code that was handed in as a guess. Who could not come in with any code is refused before that.
   *
   * @throws PairError `code_malformed`, `invalid_request`, `device_key_required`, `admission_refused`,
   * `admission_unknown`, `rate_limited`, `locked_out`, `codes_suspended`, `store_unavailable`
   */
  begin(arrival: Arrival, code: string): Promise<CodeTry>
  /** The same for somebody who only wants to see what a code would give. @throws PairError as `begin` */
  beginPreview(by: Subject, code: string): Promise<CodeTry>
  /**
   * What a code would give to who brings it, with that key or none. Nothing of it is used up.
   *
   * @throws PairError `code_invalid`, `store_unavailable`
   */
  preview(tried: CodeTry, thumbprint: Thumbprint | null): Promise<CodePreview>
  /**
   * Redeems a code: of any number who try, one alone wins a use. Where a person decides too, that use is held for who
   * came with it.
   *
   * @throws PairError `code_invalid`, `insufficient_scope`, `device_key_required`, `admission_refused`,
   * `admission_unknown`, `approval_rejected`, `approval_limited`, `store_unavailable`, `store_busy`
   */
  redeem(arrival: Arrival, tried: CodeTry): Promise<Authorized | PendingAnswer>
}

type Redeemed = Judged<Authorized | PendingAnswer>

export function createRedeemService(ports: ServicePorts): RedeemService {
  const { space, records, clock, random, settings } = ports

  function parse(text: string): HandedCode {
    const code = parseCode(text, settings.risk.symbols)
    if (code.form === 'none') throw new PairError('code_malformed')
    return code
  }

  async function count(
    as: Guess['as'],
    code: HandedCode,
    { network, folded }: Subject,
  ): Promise<CodeTry> {
    const admission = await records.admission.read()
    const closed = refuseEntry(admission, entryByCode(admission.mode))
    if (closed) throw new PairError(...closed)
    const of = code.form === 'typed' ? 'typed' : 'unguessable'
    const begun = await records.attempts.begin({ as, of, by: { network, folded } }, clock())
    if (!begun.ok) throw new PairError(...limitedOf(begun.why, begun.standing, clock()))
    return { attempt: begun.attempt, code }
  }

  async function find({ attempt, code }: CodeTry): Promise<CodeId> {
    const keys = await ports.keys()
    return records.codes.find(attempt, codeLookup(keys.codePepper, code))
  }

  return {
    async begin(arrival, text) {
      const { newcomer, scopes } = arrival
      const code = parse(text)
      const list = scopes === null ? null : checkScopeList(scopes, settings.scopes)
      if (list?.ok === false)
        throw new PairError(...refusalOf({ refusal: 'scopes', reason: list.reason }))
      const refusal = refuseRedeemer(newcomer, settings.keyless)
      if (refusal !== null) throw new PairError(...refusalOf({ refusal }))
      return count('redeem', code, arrival)
    },

    beginPreview: async (by, text) => count('preview', parse(text), by),

    async preview(tried, thumbprint) {
      return records.attempts.judge(tried.attempt, clock, async () => {
        const now = clock()
        const [admission, id] = await Promise.all([records.admission.read(), find(tried)])
        const { usable } = await records.codes.standpoint(id, now)
        const { boundThumbprint } = usable.ok ? usable.code : { boundThumbprint: null }
        if (!usable.ok || (boundThumbprint !== null && boundThumbprint !== thumbprint)) {
          const reason = usable.ok ? 'bound to another key' : usable.reason
          throw new PairError('code_invalid', { reason: `the code is ${reason}` })
        }
        return { answer: previewCode(usable.code, admission.mode), minted: false }
      })
    },

    async redeem(arrival, tried) {
      const { newcomer, scopes, nonce, address } = arrival
      const network = networkInQueue(arrival)
      const { thumbprint, transport } = newcomer
      const actor = newcomerFrom(address)

      const plan = async (): Promise<Plan<Redeemed>> => {
        const keys = await ports.keys()
        const now = clock()
        const [admission, id, found] = await Promise.all([
          records.admission.read(),
          find(tried),
          records.pairings.acquaintance(thumbprint),
        ])
        const entry = entryByCode(admission.mode)
        const isDecided = entry === 'code+approval'
        const closed = refuseEntry(admission, entry)
        if (closed) throw new PairError(...closed)
        const standpoint = await records.codes.standpoint(
          id,
          now,
          isDecided && thumbprint !== null ? { key: thumbprint } : null,
        )
        const { usable, issuer, own } = standpoint
        // Whoever asks for something else lets go of what he held.
        const holds = standpoint.holds.filter((id) => id !== own)
        const { epoch } = standpoint.epoch
        if (!usable.ok || epoch === null)
          throw new PairError('code_invalid', {
            reason: `the code is ${usable.ok ? 'of an epoch that can not be read' : usable.reason}`,
          })
        const { code } = usable
        const admitted = admit(
          code,
          { thumbprint, transport, scopes },
          {
            keyless: settings.keyless,
            hasAppScopes: settings.scopes.some((scope) => !isAccessScope(scope)),
          },
        )
        if (!admitted.ok) throw new PairError(...refusalOf(admitted))
        const given = {
          subject: code.subject,
          data: code.data,
          codeId: code.id,
          scopes: admitted.scopes,
        }
        const checks = [checkOf(admission), ...standpoint.checks]
        const settling = records.admission.settle(admission)

        if (isDecided) {
          const drawn = drawOpening(thumbprint !== null, random)
          // Cut by its issuer's own when it is collected: until then it is the same from one moment to the next.
          const wish = { ...newcomer, ...given, life: code.life, address }
          const opened = await records.openings.open(
            { wish, network, epoch: epoch.id, found, drawn, actor },
            settings.approval,
            now,
          )
          if (!opened.ok) throw new PairError(...refusalOf(opened))
          const { approval, change } = opened
          const held = records.codes.put(holdOnce(code, holds, approval.id))
          const { collectMs } = settings.approval
          return {
            answer: {
              answer: toOpened(keys, approval, drawn, { nonce, now, collectMs }),
              minted: false,
            },
            change: {
              checks: [...checks, ...change.checks],
              writes: [...settling, ...change.writes, held],
              journal: change.journal,
              ...(change.undo && { undo: change.undo }),
              ...(change.own && { own: change.own }),
            },
          }
        }

        const drawn = drawPairing(random)
        const made = pairDevice({
          newcomer,
          drawn,
          now,
          ...given,
          life: issuer ? lifeUnder(issuer, code.life, settings.life, now) : code.life,
          known: found.known,
          epoch: epochOf(epoch, 'code'),
          approvalId: null,
          entry: 'code',
          keylessFull: settings.keyless === 'full',
        })
        const { session, device, grant } = made
        const pairing = records.pairings.write(found, made)
        const { replacedSessionId } = pairing
        const event = records.audit.append({
          type: 'code.redeemed',
          at: now,
          actor,
          codeId: code.id,
          deviceId: device.id,
          sessionId: session.id,
          detail: {
            label: device.label,
            kind: device.kind,
            scopes: grant.scopes,
            transport,
            known: found.known !== null,
            ...(replacedSessionId === null ? {} : { replacedSessionId }),
          },
        })
        return {
          answer: {
            answer: authorizePaired(keys, made, drawn, settings.accessMs, now),
            minted: code.uses === 1,
          },
          change: {
            checks: [...checks, ...pairing.checks],
            writes: [
              ...settling,
              records.codes.put(redeemOnce(code, { sessionId: session.id, thumbprint }, now)),
              ...pairing.writes,
            ],
            journal: [event],
            own: pairing.own,
            undo: pairing.undo,
          },
        }
      }
      return records.attempts.judge(tried.attempt, clock, () => decide(space, plan))
    },
  }
}
