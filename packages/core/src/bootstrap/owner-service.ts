import { newcomerFrom } from '../audit/event.ts'
import type { Attempt } from '../limit/attempt-records.ts'
import { limitedOf } from '../limit/limit-refusal.ts'
import { toBase64Url } from '../encoding/base64url.ts'
import { equalBytes, utf8 } from '../encoding/bytes.ts'
import { PairError } from '../errors.ts'
import type { SessionId } from '../ids.ts'
import type { SecretSource } from '../ports/runtime.ts'
import { epochOf } from '../revocation/epoch.ts'
import { newcomerFacts } from '../policy/policy.ts'
import { authorizePaired } from '../session/credential-crypto.ts'
import type { Authorized } from '../session/credential.ts'
import { drawPairing, pairDevice, type Arrival } from '../session/pairing.ts'
import { refusalOf } from '../session/refusal.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide } from '../storage/decide.ts'
import { checkOf, type Change } from '../storage/space.ts'
import { refuseRedeemer } from './code.ts'

export interface OwnerClaim extends Omit<Arrival, 'scopes' | 'nonce'> {
  secret: string
}

/** A secret that was handed in, counted as a guess. */
export type OwnerTry = Attempt

export interface OwnerService {
  /** The one-use secret of the first owner, as text; `null`: there is none, or somebody claimed this server before. */
  secret(): Promise<string | null>
  /**
   * Counts who brings a secret.
   *
   * @throws PairError `not_found` where there is no such secret, `device_key_required`, `rate_limited`, `locked_out`,
   * `clock_skew`, `store_unavailable`
   */
  begin(input: OwnerClaim): Promise<OwnerTry>
  /** Passes who brings that secret while it can be used. Changes nothing. @throws PairError `code_invalid`, `store_unavailable` */
  requireSecret(secret: string, attempt: Attempt): Promise<void>
  /**
   * Makes who brings that secret the owner; of any number who try, one alone becomes it, and once for all.
   *
   * @throws PairError `code_invalid`, `admission_unknown`, `store_unavailable`
   */
  claim(input: OwnerClaim, attempt: Attempt): Promise<Authorized>
}

/** What the secret is called where secrets are kept. */
const NAME = 'owner'

export function createOwnerService(
  ports: ServicePorts & { secrets: SecretSource | null },
): OwnerService {
  const { space, records, clock, random, settings, secrets } = ports

  const unusable = (reason: string): PairError => new PairError('code_invalid', { reason })

  async function ask<T>(question: Promise<T>): Promise<T> {
    return question.catch((cause: unknown) => {
      throw new PairError('store_unavailable', { reason: 'the secrets can not be asked', cause })
    })
  }

  /**
   * Not spent, or spent by who has only begun in this store. Read in this order: the mark is made before a claim is done, so
   * that it says "spent" wherever a claim was found that is not the one of an owner who was reset.
   */
  async function isOpen(source: SecretSource): Promise<boolean> {
    const { state, record } = await records.owner.read()
    if (state === 'corrupt') return false
    return record?.state === 'claiming' || !(await ask(source.isSpent(NAME)))
  }

  async function requireSecret(secret: string): Promise<void> {
    if (secrets === null) throw new PairError('not_found')
    if (!(await isOpen(secrets))) throw unusable('the owner is known already')
    const right = toBase64Url(await ask(secrets.getOrCreate(NAME)))
    if (!equalBytes(utf8(secret), utf8(right))) throw unusable('not the secret of the owner')
  }

  /** A claim that was refused and is found done: its session ends, and the same secret may claim once more. */
  async function reopen(sessionId: SessionId, ending: Change): Promise<Change | null> {
    const owner = await records.owner.read()
    const { record } = owner
    if (record?.state !== 'claimed' || record.sessionId !== sessionId) return null
    return {
      checks: [checkOf(owner)],
      writes: [...ending.writes, records.owner.put({ state: 'claiming', at: record.at })],
      journal: ending.journal,
    }
  }

  async function claim({ secret, newcomer, address }: OwnerClaim): Promise<Authorized> {
    if (secrets === null) throw new PairError('not_found')
    const keys = await ports.keys()
    const { thumbprint } = newcomer
    await requireSecret(secret)
    const told = {
      address,
      subject: 'owner',
      scopes: settings.scopes,
      codeId: null,
      approvalId: null,
    }
    await ports.askPolicy('admit', newcomerFacts('owner', newcomer, told))

    // Begun here, then spent beside the secret, then made: whoever dies in between may go on with the same secret, and
    // a store that is lost does not open this door again.
    await decide(space, async () => {
      const owner = await records.owner.read()
      if (!(await isOpen(secrets))) throw unusable('the owner is known already')
      return owner.record?.state !== 'claiming'
        ? {
            answer: undefined,
            change: {
              checks: [checkOf(owner)],
              writes: [records.owner.put({ state: 'claiming', at: clock() })],
              journal: [],
            },
          }
        : { answer: undefined }
    })
    await ask(secrets.markSpent(NAME))

    return decide(space, async () => {
      const now = clock()
      const [admission, epoch, owner, found] = await Promise.all([
        records.admission.read(),
        records.epochs.read(),
        records.owner.read(),
        records.pairings.acquaintance(thumbprint),
      ])
      if (admission.mode === null)
        throw new PairError('admission_unknown', {
          reason: `the stored admission mode is "${admission.stored}"`,
        })
      if (owner.record?.state !== 'claiming') throw unusable('the owner is known already')
      if (epoch.epoch === null)
        throw new PairError('store_unavailable', { reason: 'the epoch can not be read' })
      const drawn = drawPairing(random)
      const pair = pairDevice({
        newcomer,
        drawn,
        now,
        known: found.known,
        epoch: epochOf(epoch.epoch, 'owner'),
        codeId: null,
        approvalId: null,
        entry: 'owner',
        subject: 'owner',
        scopes: [...settings.scopes],
        data: null,
        life: settings.life,
        keylessFull: settings.keyless === 'full',
      })
      const { session, device } = pair
      const pairing = records.pairings.write(found, pair)
      const event = records.audit.append({
        type: 'owner.claimed',
        at: now,
        actor: newcomerFrom(address),
        deviceId: device.id,
        sessionId: session.id,
        detail: { label: device.label, kind: device.kind, scopes: settings.scopes.slice() },
      })
      return {
        answer: await authorizePaired(keys, pair, drawn, settings.accessMs, now),
        change: {
          checks: [admission, epoch, owner].map(checkOf).concat(pairing.checks),
          writes: [
            ...records.admission.settle(admission),
            records.owner.put({
              state: 'claimed',
              at: now,
              deviceId: device.id,
              sessionId: session.id,
            }),
            ...pairing.writes,
          ],
          journal: [event],
          own: pairing.own,
          undo: () => reopen(session.id, pairing.undo),
        },
      }
    })
  }

  return {
    async begin({ newcomer, network, folded }) {
      if (secrets === null) throw new PairError('not_found')
      await ports.requireSteadyClock()
      // Who owns a server has a key, unless keys are nothing here.
      if (newcomer.thumbprint === null && settings.keyless !== 'full')
        throw new PairError('device_key_required')
      const refusal = refuseRedeemer(newcomer, settings.keyless)
      if (refusal !== null) throw new PairError(...refusalOf({ refusal }))
      const guess = { as: 'redeem', of: 'unguessable', by: { network, folded } } as const
      const begun = await records.attempts.begin(guess, clock())
      if (!begun.ok) throw new PairError(...limitedOf(begun.why, begun.standing, clock()))
      return begun.attempt
    },

    async requireSecret(secret, attempt) {
      await requireSecret(secret).catch((error: unknown) =>
        records.attempts.judge(attempt, clock, () => Promise.reject(error as Error)),
      )
    },

    async secret() {
      // Asked at the start: then is the time to hear that the server's own secret is damaged, or can't be kept.
      await ports.instance()
      if (secrets === null || !(await isOpen(secrets))) return null
      return toBase64Url(await ask(secrets.getOrCreate(NAME)))
    },

    async claim(input, attempt) {
      return records.attempts.judge(attempt, clock, async () => ({
        answer: await claim(input),
        minted: true,
      }))
    },
  }
}
