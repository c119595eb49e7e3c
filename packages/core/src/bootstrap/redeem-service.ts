import { refuseEntry } from '../admission/admission.ts'
import { toOpened } from '../approval/approval-crypto.ts'
import type { PendingAnswer } from '../approval/approval-view.ts'
import { drawOpening } from '../approval/opening.ts'
import { newcomerFrom } from '../audit/event.ts'
import { PairError } from '../errors.ts'
import { checkScopeList, isAccessScope } from '../grant/scopes.ts'
import { epochOf } from '../revocation/epoch.ts'
import { authorizePaired } from '../session/credential-crypto.ts'
import type { Authorized } from '../session/credential.ts'
import { drawPairing, pairDevice, type Arrival } from '../session/pairing.ts'
import { refusalOf } from '../session/refusal.ts'
import { lifeUnder } from '../session/session.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide, type Plan } from '../storage/decide.ts'
import { checkOf } from '../storage/space.ts'
import { codeLookup } from './code-crypto.ts'
import { admit, holdOnce, redeemOnce, refuseRedeemer } from './code.ts'
import { parseCode } from './typed-code.ts'

export interface RedeemInput extends Arrival {
  /** As it was handed in. */
  code: string
}

export interface RedeemService {
  /**
   * Redeems a code: of any number who try, one alone wins a use. Where a person decides too, that use is held for who
   * came with it.
   *
   * @throws PairError `code_malformed`, `code_invalid`, `insufficient_scope`, `device_key_required`, `invalid_request`,
   * `admission_refused`, `admission_unknown`, `approval_rejected`, `approval_limited`, `store_unavailable`, `store_busy`
   */
  redeem(input: RedeemInput): Promise<Authorized | PendingAnswer>
}

export function createRedeemService(ports: ServicePorts): RedeemService {
  const { space, records, clock, random, settings } = ports

  return {
    async redeem({ code: text, newcomer, scopes, nonce, address, network }) {
      const keys = await ports.keys()
      const parsed = parseCode(text)
      if (parsed.form === 'none') throw new PairError('code_malformed')
      const list = scopes === null ? null : checkScopeList(scopes, settings.scopes)
      if (list?.ok === false)
        throw new PairError(...refusalOf({ refusal: 'scopes', reason: list.reason }))
      const { thumbprint, transport } = newcomer
      const refusal = refuseRedeemer({ thumbprint, transport }, settings.keyless)
      if (refusal !== null) throw new PairError(...refusalOf({ refusal }))
      const digest = codeLookup(keys.codePepper, parsed)
      const actor = newcomerFrom(address)

      return decide(space, async (): Promise<Plan<Authorized | PendingAnswer>> => {
        const now = clock()
        const [admission, lookup, found] = await Promise.all([
          records.admission.read(),
          records.codes.lookup(digest),
          records.pairings.acquaintance(thumbprint),
        ])
        const isDecided = admission.mode === 'code+approval'
        const closed = refuseEntry(admission, isDecided ? 'code+approval' : 'code')
        if (closed) throw new PairError(...closed)
        if (lookup.record === null)
          throw new PairError('code_invalid', { reason: 'the code is unknown' })
        const standpoint = await records.codes.standpoint(
          lookup.record.codeId,
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
          return {
            answer: toOpened(keys, approval, drawn, {
              nonce,
              now,
              collectMs: settings.approval.collectMs,
            }),
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
          answer: authorizePaired(keys, made, drawn, settings.accessMs, now),
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
      })
    },
  }
}
