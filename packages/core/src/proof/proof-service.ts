import { PairError } from '../errors.ts'
import type { Thumbprint } from '../ids.ts'
import { limitedOf } from '../limit/limit-refusal.ts'
import type { ServicePorts } from '../service-ports.ts'
import { HOUR, SECOND, toRfc3339, type Millis } from '../time.ts'
import { createNonce, readNonce } from './nonce-crypto.ts'
import { createProofAllowance, type Prover } from './proof-allowance.ts'
import { openProof, type KnownHeaders } from './proof-crypto.ts'
import { checkProof, PROOF_FUTURE_MS, PROOF_PAST_MS, type ProofTarget } from './proof.ts'

export interface ProofService {
  /**
   * The thumbprint of the key that made this proof for exactly this request, once.
   *
   * `before` is asked when all but the replay is checked, and says whose key it is; where it throws, the proof is not spent.
   * Without it the key is that of a device.
   *
   * @throws PairError `proof_invalid`, `use_dpop_nonce` (both with the server's `time`), `rate_limited`, `store_unavailable`
   * @see RFC 9449 §4.3, §8 to §9
   */
  prove(
    text: string,
    target: ProofTarget,
    before?: (thumbprint: Thumbprint) => Promise<Prover>,
  ): Promise<Thumbprint>
}

export function createProofService(ports: ServicePorts): ProofService {
  const { space, records, clock, settings } = ports
  const known: KnownHeaders = new Map()
  const allowance = createProofAllowance(settings.limits.proof)

  function invalid(reason: string, now: Millis): PairError {
    const members = { time: toRfc3339(now) }
    return new PairError('proof_invalid', { reason: `DPoP: ${reason}`, members })
  }

  /** All but the time is right: whoever signs again with this nonce needs no clock. */
  async function stale(reason: string, now: Millis): Promise<PairError> {
    const nonce = createNonce((await ports.keys()).nonce, now)
    const members = { time: toRfc3339(now), nonce }
    return new PairError('use_dpop_nonce', { reason: `DPoP: ${reason}`, members })
  }

  return {
    async prove(text, target, before) {
      const now = clock()
      const opened = await openProof(text, known)
      if (!opened) throw invalid('not a proof, or its signature does not hold', now)
      const { claims, thumbprint } = opened
      const { jti, nonce, iat } = claims
      // Judged by its nonce or by `iat`, never by the other when one fails: so no proof passes at two times.
      const madeAt =
        nonce === undefined ? iat * SECOND : readNonce((await ports.keys()).nonce, nonce)
      const outcome = checkProof(claims, thumbprint, target, now, madeAt)
      if (!outcome.ok && outcome.fault !== 'time') throw invalid(outcome.fault, now)
      if (!outcome.ok || madeAt === null) throw await stale(ageOf(madeAt, nonce, now), now)
      const prover = (await before?.(thumbprint)) ?? 'device'
      const { ok, standing } = allowance.take(prover, thumbprint, now)
      if (!ok) {
        allowance.giveBack(prover, thumbprint)
        throw new PairError(...limitedOf('rate_limited', standing, now))
      }
      // Spent after the cheap checks, alone and before the use case; kept longer than the proof could pass.
      const purgeAt = madeAt + PROOF_PAST_MS + PROOF_FUTURE_MS + HOUR
      const spend = records.proofs.spend(thumbprint, jti, now, purgeAt)
      const isSpent = await space.commit(spend).catch((error: unknown) => {
        allowance.giveBack(prover, thumbprint)
        throw error
      })
      if (isSpent) return thumbprint
      allowance.giveBack(prover, thumbprint)
      throw invalid('replayed', now)
    },
  }
}

/** For the operator: how far a clock is off. */
function ageOf(madeAt: Millis | null, nonce: string | undefined, now: Millis): string {
  if (madeAt === null) return 'the nonce is not ours'
  const seconds = Math.round((now - madeAt) / SECOND)
  const what = nonce === undefined ? 'made' : 'its nonce was made'
  return `${what} ${Math.abs(seconds)} s ${seconds < 0 ? 'ahead of' : 'before'} the clock of the server`
}
