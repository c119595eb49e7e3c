import { SERVER, type Actor } from '../audit/event.ts'
import { toBase64Url } from '../encoding/base64url.ts'
import { PairError } from '../errors.ts'
import { checkScopeList, isAccessScope } from '../grant/scopes.ts'
import { newId } from '../ids.ts'
import type { Authorized } from '../session/credential.ts'
import { pairDevice, type Newcomer } from '../session/pairing.ts'
import { drawRefreshToken } from '../session/refresh-token.ts'
import { KEEP_AFTER_END_MS, readAcquaintance, writePairing } from '../session/pairing-records.ts'
import { keepMarkUntil, lifeUnder, viewSession } from '../session/session.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide } from '../storage/decide.ts'
import { signCredential } from '../session/credential-crypto.ts'
import { codeLookup } from './code-crypto.ts'
import { admit, redeemOnce, refuseRedeemer, type AdmitOutcome } from './code.ts'
import { parseCode } from './typed-code.ts'

export interface RedeemInput {
  /** As it was handed in. */
  code: string
  newcomer: Newcomer
  /** `null`: all that this device may have. */
  scopes: readonly string[] | null
  address?: string
}

export interface RedeemService {
  /**
   * Redeems a code: of any number who try, one alone wins a use.
   *
   * @throws PairError `code_malformed`, `code_invalid`, `insufficient_scope`, `device_key_required`, `invalid_request`,
   * `store_unavailable`, `store_busy`
   */
  redeem(input: RedeemInput): Promise<Authorized>
}

export function createRedeemService(ports: ServicePorts): RedeemService {
  const { space, records, clock, random, settings } = ports

  return {
    async redeem(input) {
      const keys = await ports.keys()
      const parsed = parseCode(input.code)
      if (parsed.form === 'none') throw new PairError('code_malformed')
      if (input.scopes !== null) {
        const list = checkScopeList(input.scopes, settings.scopes)
        if (!list.ok)
          throw new PairError('invalid_request', {
            message: `The list of scopes is ${list.reason}.`,
          })
      }
      const { thumbprint, transport } = input.newcomer
      const refusal = refuseRedeemer({ thumbprint, transport }, settings.keyless)
      if (refusal !== null) throw refusalOf({ ok: false, refusal })
      const digest = codeLookup(keys.codePepper, parsed)

      return decide(space, async () => {
        const now = clock()
        const [lookup, found] = await Promise.all([
          records.codes.lookup(digest),
          readAcquaintance(records, thumbprint),
        ])
        if (lookup.record === null)
          throw new PairError('code_invalid', { reason: 'the code is unknown' })
        const { usable, checks, issuer } = await records.codes.standpoint(lookup.record.codeId, now)
        if (!usable.ok)
          throw new PairError('code_invalid', { reason: `the code is ${usable.reason}` })
        const admitted = admit(
          usable.code,
          { thumbprint, transport, scopes: input.scopes },
          {
            keyless: settings.keyless,
            hasAppScopes: settings.scopes.some((scope) => !isAccessScope(scope)),
          },
        )
        if (!admitted.ok) throw refusalOf(admitted)
        const { code } = usable
        const ids = {
          device: newId('dev', random),
          grant: newId('gra', random),
          session: newId('ses', random),
        }
        const refreshToken = drawRefreshToken(ids.session, random)
        const made = pairDevice({
          newcomer: input.newcomer,
          known: found.known,
          ids,
          epoch: code.epoch,
          codeId: code.id,
          subject: code.subject,
          scopes: admitted.scopes,
          data: code.data,
          life: issuer ? lifeUnder(issuer, code.life, settings.life, now) : code.life,
          keylessFull: settings.keyless === 'full',
          refreshHash: refreshToken.hash,
          now,
        })
        const { replacedSessionId, ...pairing } = writePairing(records, found, made)
        const { session, device, grant } = made
        const actor: Actor = {
          kind: 'newcomer',
          ...(input.address === undefined ? {} : { address: input.address }),
        }
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
            session: viewSession(session, grant, device),
            credential: signCredential(keys, session, {
              subject: grant.subject,
              accessMs: settings.accessMs,
              jti: toBase64Url(random(16)),
              now,
            }),
            refreshToken: session.renewal.by === 'secret' ? refreshToken.text : null,
          },
          change: {
            checks: [...checks, ...pairing.checks],
            writes: [
              records.codes.put(redeemOnce(code, { sessionId: session.id, thumbprint }, now)),
              ...pairing.writes,
            ],
            journal: [event],
            // its newcomer was told that he is not let in
            undo: {
              // whatever stands in its place: a mark is a mark, and one that lost would not be set again
              checks: [],
              writes: records.revocations.mark(
                records.revocations.unmarked('session', session.id),
                { at: now, reason: 'revoked' },
                keepMarkUntil(session, pairing.purgeAt, now, KEEP_AFTER_END_MS),
              ).writes,
              journal: [
                records.audit.append({
                  type: 'session.revoked',
                  at: now,
                  actor: SERVER,
                  sessionId: session.id,
                  deviceId: device.id,
                }),
              ],
            },
          },
        }
      })
    },
  }
}

function refusalOf(
  outcome: Exclude<AdmitOutcome, { ok: true }> | { ok: false; refusal: 'transport' },
): PairError {
  switch (outcome.refusal) {
    case 'insufficient_scope':
      return new PairError('insufficient_scope', {
        message: 'This code does not give all that was asked for.',
        members: { scopes: outcome.scopes },
        reason: 'more scopes were asked for than the code gives',
      })
    case 'wrong_key':
      // A stranger learns nothing; that the code is bound is the operator's to know.
      return new PairError('code_invalid', { reason: 'the code is bound to another key' })
    case 'device_key_required':
      return new PairError('device_key_required')
    case 'transport':
      return new PairError('invalid_request', {
        message: 'That transport is not for this device.',
        hint: 'With a device key use `cookie` or `dpop`, without one `cookie` or `bearer`.',
      })
  }
}
