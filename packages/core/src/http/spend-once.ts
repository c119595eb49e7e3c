import { PairError } from '../errors.ts'
import type { Thumbprint } from '../ids.ts'
import type { RequestHead } from '../pair.ts'
import type { TicketService } from '../ticket/ticket-service.ts'
import type { AuthenticationParts } from './authentication.ts'

/**
 * What a request brings to be spent, its proof and its ticket, is spent once however many guards the request passes. Its
 * session is judged anew by each of them.
 */
export function createSpendOnce(
  parts: AuthenticationParts,
): (request: RequestHead) => AuthenticationParts {
  const known = new WeakMap<RequestHead, AuthenticationParts>()

  function sparing(): AuthenticationParts {
    let proven: Promise<Thumbprint> | undefined
    let exchanged: ReturnType<TicketService['exchange']> | undefined
    return {
      ...parts,
      proofs: { prove: (text, target) => (proven ??= parts.proofs.prove(text, target)) },
      tickets: {
        ...parts.tickets,
        async exchange(text, use, origin, needed) {
          if (exchanged === undefined) {
            exchanged = parts.tickets.exchange(text, use, origin, needed)
            // What was refused was not spent: the next guard may be the one that it is for.
            exchanged.catch(() => (exchanged = undefined))
            return exchanged
          }
          const first = await exchanged
          const standing = await parts.verifier.standing(first.session.id)
          if (!standing.ok)
            throw new PairError(`session_${standing.reason}`, { reason: standing.detail })
          return { ...first, session: standing.session }
        },
      },
    }
  }

  return (request) => {
    const spared = known.get(request) ?? sparing()
    known.set(request, spared)
    return spared
  }
}
