import { PairError } from '../errors.ts'
import type { Thumbprint } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import { HOUR, SECOND, toRfc3339 } from '../time.ts'
import { checkProof, PROOF_FUTURE_MS, PROOF_PAST_MS, type ProofTarget } from './proof.ts'
import { openProof } from './proof-crypto.ts'

export interface ProofService {
  /**
   * The thumbprint of the key that made this proof for exactly this request, once.
   *
   * `before` is asked when all but the replay is checked; where it throws, the proof is not spent.
   *
   * @throws PairError `proof_invalid` (with the server's `time`), `store_unavailable`
   * @see RFC 9449 §4.3
   */
  prove(
    text: string,
    target: ProofTarget,
    before?: (thumbprint: Thumbprint) => Promise<void>,
  ): Promise<Thumbprint>
}

export function createProofService({ space, records, clock }: ServicePorts): ProofService {
  return {
    async prove(text, target, before) {
      const now = clock()
      const refuse = (reason: string): PairError =>
        new PairError('proof_invalid', {
          reason: `DPoP: ${reason}`,
          members: { time: toRfc3339(now) },
        })
      const opened = await openProof(text)
      if (!opened) throw refuse('not a proof, or its signature does not hold')
      const { claims, thumbprint } = opened
      const outcome = checkProof(claims, thumbprint, target, now)
      if (!outcome.ok) throw refuse(outcome.fault)
      await before?.(thumbprint)
      // Spent after the cheap checks, alone and before the use case; kept longer than the proof could pass.
      const purgeAt = claims.iat * SECOND + PROOF_PAST_MS + PROOF_FUTURE_MS + HOUR
      if (!(await space.commit(records.proofs.spend(thumbprint, claims.jti, now, purgeAt))))
        throw refuse('replayed')
      return thumbprint
    },
  }
}
