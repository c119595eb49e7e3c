import { toBase64Url } from '../encoding/base64url.ts'
import { PairError } from '../errors.ts'
import type { SessionId, Thumbprint } from '../ids.ts'
import { mintFacts } from '../policy/policy.ts'
import { accessRefusal, belongs, gives, type ResourceAccess } from '../resource/resource.ts'
import type { ServicePorts } from '../service-ports.ts'
import { viewSession, type SessionView } from '../session/session.ts'
import { decide } from '../storage/decide.ts'
import { checkOf } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import { judgeTicket, TICKET_MS, type TicketUse } from './ticket.ts'

export interface TicketService {
  /**
   * A ticket for a session that stands, for one resource or for what needs none; what it opens ends at `endsAt` at the latest.
   *
   * @throws PairError `session_expired`, `session_revoked`, `session_invalid`, `insufficient_scope`, `clock_skew`, `store_unavailable`
   */
  mint(
    id: SessionId,
    use: TicketUse,
    origin: string | null,
    endsAt: Millis | null,
    resource?: ResourceAccess | null,
  ): Promise<{ ticket: string; expiresAt: Millis }>
  /**
   * The session behind a ticket; of any number who bring it, one alone gets in. `thumbprint` is the key that is still
   * to be proven over it. A ticket that was sealed for a resource counts where that is needed, and nowhere else.
   *
   * @throws PairError `session_invalid`, `session_expired`, `session_revoked`, `store_unavailable`
   */
  exchange(
    text: string,
    use: TicketUse,
    origin: string | null,
    needed?: ResourceAccess | null,
  ): Promise<ExchangedTicket>
}

export interface ExchangedTicket {
  session: SessionView
  thumbprint: Thumbprint | null
  endsAt: Millis | null
  /** As it was sealed; what its session's scopes leave of it is still to be judged. */
  resource: ResourceAccess | null
}

const TEXT = /^[A-Za-z0-9_-]{43}$/

export function createTicketService({
  space,
  records,
  clock,
  random,
  settings,
  askPolicy,
  requireSteadyClock,
}: ServicePorts): TicketService {
  return {
    async mint(id, use, origin, endsAt, resource = null) {
      await requireSteadyClock()
      return decide(space, async () => {
        const now = clock()
        const { judge, checks } = await records.sessions.standpoint(id)
        const standing = judge(now)
        if (!standing.ok) throw new PairError(`session_${standing.reason}`)
        if (resource !== null && !gives(settings.resources, resource, standing.grant.scopes))
          throw new PairError(...accessRefusal(resource))
        await askPolicy('mint', mintFacts('ticket', standing, resource))
        const text = toBase64Url(random(32))
        const { thumbprint } = standing.session
        const expiresAt = now + TICKET_MS
        const write = records.tickets.put(text, {
          sessionId: id,
          for: use,
          origin,
          thumbprint,
          expiresAt,
          endsAt,
          ...(resource === null ? {} : { resource }),
          state: 'unused',
        })
        return {
          answer: { ticket: text, expiresAt },
          change: {
            checks: [...checks, { key: write.key, version: null }],
            writes: [write],
            journal: [],
          },
        }
      })
    },

    async exchange(text, use, origin, needed = null) {
      if (!TEXT.test(text)) throw new PairError('session_invalid', { reason: 'not a ticket' })
      return decide(space, async () => {
        const now = clock()
        const slot = await records.tickets.read(text)
        const judged = judgeTicket(slot.record, use, origin, now)
        if (!judged.ok)
          throw new PairError('session_invalid', { reason: `the ticket: ${judged.reason}` })
        const { ticket } = judged
        const sealed = ticket.resource ?? null
        if (!belongs(settings.resources, sealed, needed))
          throw new PairError('session_invalid', { reason: 'the ticket: resource' })
        const { judge, checks } = await records.sessions.standpoint(ticket.sessionId)
        const standing = judge(now)
        if (!standing.ok) throw new PairError(`session_${standing.reason}`)
        const { session, grant, device } = standing
        if (ticket.thumbprint !== session.thumbprint)
          throw new PairError('session_invalid', {
            reason: 'the ticket is bound to another key than its session',
          })
        return {
          answer: {
            session: viewSession(session, grant, device),
            thumbprint: ticket.thumbprint,
            endsAt: ticket.endsAt,
            resource: sealed,
          },
          change: {
            checks: [...checks, checkOf(slot)],
            writes: [records.tickets.put(text, ticket)],
            journal: [],
          },
        }
      })
    },
  }
}
