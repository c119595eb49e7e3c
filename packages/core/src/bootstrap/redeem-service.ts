import { entryByCode, refuseEntry } from '../admission/admission.ts'
import { toOpened } from '../approval/approval-crypto.ts'
import type { PendingAnswer } from '../approval/approval-view.ts'
import { drawOpening } from '../approval/opening.ts'
import { networkInQueue } from '../approval/queue.ts'
import type { BehindAnswer } from '../audit/behind-answer.ts'
import { newcomerFrom } from '../audit/event.ts'
import { PairError } from '../errors.ts'
import { isAccessScope } from '../grant/scopes.ts'
import type { Judged } from '../limit/attempt-records.ts'
import { epochOf } from '../revocation/epoch.ts'
import { newcomerFacts } from '../policy/policy.ts'
import { authorizePaired } from '../session/credential-crypto.ts'
import type { Authorized } from '../session/credential.ts'
import { drawPairing, pairDevice, type Arrival } from '../session/pairing.ts'
import { refusalOf } from '../session/refusal.ts'
import { lifeUnder } from '../session/session.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide, type Plan } from '../storage/decide.ts'
import { checkOf } from '../storage/space.ts'
import { codeLookups } from './code-crypto.ts'
import type { CodeTry } from './code-records.ts'
import { admit, codePurgeAt, holdOnce, redeemOnce, type Redeemer } from './code.ts'
import {
  followOnce,
  isRepeat,
  judgeRepeat,
  judgeReuse,
  redeemerName,
  saysMore,
} from './redemption.ts'

export interface RedeemWish {
  /**
   * The SHA-256 of a random name of this request, as base64url: by it whoever has no key is known again where his answer was
   * lost. `null`: he is not.
   */
  idempotencyHash: string | null
}

export interface RedeemService {
  /**
   * Redeems a code: of any number who try, one alone wins a use. Where a person decides too, that use is held for who
   * came with it. Whoever redeemed it is answered again for a minute, until he uses what he got.
   *
   * @throws PairError `code_invalid`, `insufficient_scope`, `device_key_required`, `admission_refused`,
   * `admission_unknown`, `approval_rejected`, `approval_limited`, `store_unavailable`, `store_busy`
   */
  redeem(arrival: Arrival, tried: CodeTry, wish?: RedeemWish): Promise<Authorized | PendingAnswer>
}

type Redeemed = Judged<Authorized | PendingAnswer>

export function createRedeemService(
  ports: ServicePorts & { behindAnswer: BehindAnswer },
): RedeemService {
  const { space, records, clock, random, settings } = ports
  const policy = {
    keyless: settings.keyless,
    hasAppScopes: settings.scopes.some((scope) => !isAccessScope(scope)),
  }

  function admitted(offer: Parameters<typeof admit>[0], redeemer: Redeemer): string[] {
    const outcome = admit(offer, redeemer, policy)
    if (!outcome.ok) throw new PairError(...refusalOf(outcome))
    return outcome.scopes
  }

  return {
    async redeem(arrival, tried, { idempotencyHash } = { idempotencyHash: null }) {
      const { newcomer, scopes: wanted, nonce, address } = arrival
      const { thumbprint, transport } = newcomer
      const redeemer: Redeemer = { thumbprint, transport, scopes: wanted }
      const actor = newcomerFrom(address)
      const name = redeemerName(thumbprint, idempotencyHash)

      const plan = async (): Promise<Plan<Redeemed>> => {
        const keys = await ports.keys()
        const now = clock()
        const [admission, id, found] = await Promise.all([
          records.admission.read(),
          records.codes.find(tried.attempt, codeLookups(keys.codePeppers, tried.code)),
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
        // Behind the code: where that is found used, who used it is on record.
        const slot = await records.redemptions.read(id, name)
        const { usable, facts, issuer, own } = standpoint
        const { epoch } = standpoint.epoch
        const redemption = slot?.record ?? null
        const refuse = (reason: string): PairError => {
          const reused = judgeReuse(facts.code, { thumbprint, redemption }, settings.onReuse, now)
          // Told behind the answer, which takes as long as for a code that never was.
          if (saysMore(reused))
            ports.behindAnswer(() =>
              decide(space, () =>
                records.redemptions.reuse(
                  { codeId: id, name, thumbprint, actor },
                  settings.onReuse,
                  clock(),
                ),
              ),
            )
          return new PairError('code_invalid', { reason: `the code is ${reason}` })
        }
        const checks = [checkOf(admission), ...standpoint.checks]
        const settling = records.admission.settle(admission)

        if (epoch === null) throw refuse('of an epoch that can not be read')
        if (isDecided) {
          if (!usable.ok) throw refuse(usable.reason)
          const { code } = usable
          // Whoever asks for something else lets go of what he held.
          const holds = standpoint.holds.filter((id) => id !== own)
          const drawn = drawOpening(thumbprint !== null, random)
          const { subject, data, life } = code
          const scopes = admitted(code, redeemer)
          // Cut by its issuer's own when it is collected: until then it is the same from one moment to the next.
          const wish = { ...newcomer, subject, data, codeId: id, scopes, life, address }
          const network = networkInQueue(arrival)
          const opened = await records.openings.open(
            { wish, network, epoch: epoch.id, found, drawn, actor },
            settings.approval,
            now,
          )
          if (!opened.ok) throw new PairError(...refusalOf(opened))
          const { approval, change } = opened
          await ports.askPolicy(
            'admit',
            newcomerFacts('code', newcomer, { ...wish, approvalId: null }),
          )
          const held = records.codes.put(holdOnce(code, holds, approval.id))
          const { collectMs } = settings.approval
          return {
            answer: {
              answer: await toOpened(keys, approval, drawn, { nonce, now, collectMs }),
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

        const repeated = isRepeat(redemption, now)
          ? { redemption, ...(await records.redemptions.first(redemption, found, now)) }
          : null
        const given = repeated ? judgeRepeat(facts, { ...repeated, thumbprint }) : usable
        if (!given.ok) {
          // He himself was answered again meanwhile: what was looked at is not what he got last.
          const latest = repeated && (await records.redemptions.read(id, name))
          if (latest && latest.version !== slot?.version) return plan()
          throw refuse(given.reason)
        }
        const { code } = given
        const known = repeated?.found ?? found
        const drawn = drawPairing(random)
        const scopes = admitted('offer' in given ? given.offer : code, redeemer)
        const { subject } = code
        const told = { subject, scopes, address, codeId: code.id, approvalId: null }
        await ports.askPolicy('admit', newcomerFacts('code', newcomer, told))
        const made = pairDevice({
          newcomer,
          drawn,
          now,
          subject,
          data: code.data,
          codeId: code.id,
          scopes,
          life: issuer ? lifeUnder(issuer, code.life, settings.life, now) : code.life,
          known: known.known,
          epoch: epochOf(epoch, 'code'),
          approvalId: null,
          entry: 'code',
          keylessFull: settings.keyless === 'full',
        })
        const sessionId = made.session.id
        const change = records.redemptions.change({
          code: repeated
            ? followOnce(code, repeated.redemption.sessionId, sessionId)
            : redeemOnce(code, { sessionId, thumbprint }, now),
          codeId: code.id,
          codeUntil: codePurgeAt(code),
          found: known,
          made,
          slot,
          repeats: repeated?.redemption.at ?? null,
          actor,
        })
        return {
          answer: {
            answer: await authorizePaired(keys, made, drawn, settings.accessMs, now),
            // Answered again, he is no failure; nor does he forgive any.
            minted: !repeated && code.uses === 1,
          },
          change: {
            ...change,
            checks: [...checks, ...change.checks],
            writes: [...settling, ...change.writes],
          },
        }
      }
      return records.attempts.judge(tried.attempt, clock, () => decide(space, plan))
    },
  }
}
