import type { SessionId, Thumbprint } from '../ids.ts'
import type { ResourceAccess } from '../resource/resource.ts'
import { isBegun, SECOND, type Millis } from '../time.ts'

export type TicketUse = 'socket' | 'stream'

/** A single-use way in for one socket or stream. What it gives is what its session has. */
export interface Ticket {
  sessionId: SessionId
  for: TicketUse
  /** The page that asked for it; only that page may use it. `null`: no page did. */
  origin: string | null
  /** The key that has to be proven over it. */
  thumbprint: Thumbprint | null
  expiresAt: Millis
  /** When that ends which it opens; no later than what it was asked for with. `null`: with the session. */
  endsAt: Millis | null
  /** The one resource that it opens; absent: what needs none. */
  resource?: ResourceAccess | undefined
  state: 'unused' | 'used'
}

/** Long enough to open a socket, too short to be worth finding in a log. */
export const TICKET_MS: Millis = 30 * SECOND

export type TicketOutcome =
  | { ok: true; ticket: Ticket }
  | { ok: false; reason: 'unknown' | 'used' | 'expired' | 'purpose' | 'origin' }

/** May this ticket be used here and now? */
export function judgeTicket(
  ticket: Ticket | null,
  use: TicketUse,
  origin: string | null,
  now: Millis,
): TicketOutcome {
  if (ticket === null) return { ok: false, reason: 'unknown' }
  if (ticket.state === 'used') return { ok: false, reason: 'used' }
  if (!(now < ticket.expiresAt && isBegun(ticket.expiresAt - TICKET_MS, now)))
    return { ok: false, reason: 'expired' }
  if (ticket.for !== use) return { ok: false, reason: 'purpose' }
  if (ticket.origin !== origin) return { ok: false, reason: 'origin' }
  return { ok: true, ticket: { ...ticket, state: 'used' } }
}
