import { toBase64Url } from '../encoding/base64url.ts'
import { PairError } from '../errors.ts'
import type { SessionId, Thumbprint } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import { viewSession, type SessionView } from '../session/session.ts'
import { decide } from '../storage/decide.ts'
import { checkOf } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import { judgeTicket, TICKET_MS, type TicketUse } from './ticket.ts'

export interface TicketService {
  /** A ticket for a session that stands; what it opens ends at `endsAt` at the latest. @throws PairError `session_expired`, `session_revoked`, `session_invalid` */
  mint(
    id: SessionId,
    use: TicketUse,
    origin: string | null,
    endsAt: Millis | null,
  ): Promise<{ ticket: string; expiresAt: Millis }>
  /**
   * The session behind a ticket; of any number who bring it, one alone gets in. `thumbprint` is the key that is still
   * to be proven over it.
   *
   * @throws PairError `session_invalid`, `session_expired`, `session_revoked`, `store_unavailable`
   */
  exchange(
    text: string,
    use: TicketUse,
    origin: string | null,
  ): Promise<{ session: SessionView; thumbprint: Thumbprint | null; endsAt: Millis | null }>
}

const TEXT = /^[A-Za-z0-9_-]{43}$/

export function createTicketService({
  space,
  records,
  clock,
  random,
}: ServicePorts): TicketService {
  return {
    mint: (id, use, origin, endsAt) =>
      decide(space, async () => {
        const now = clock()
        const { judge, checks } = await records.sessions.standpoint(id)
        const standing = judge(now)
        if (!standing.ok) throw new PairError(`session_${standing.reason}`)
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
      }),

    async exchange(text, use, origin) {
      if (!TEXT.test(text)) throw new PairError('session_invalid', { reason: 'not a ticket' })
      return decide(space, async () => {
        const now = clock()
        const slot = await records.tickets.read(text)
        const judged = judgeTicket(slot.record, use, origin, now)
        if (!judged.ok)
          throw new PairError('session_invalid', { reason: `the ticket: ${judged.reason}` })
        const { ticket } = judged
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
