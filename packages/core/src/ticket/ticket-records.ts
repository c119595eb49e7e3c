import * as z from 'zod/mini'
import { sha256Base64Url } from '../encoding/bytes.ts'
import type { SessionId } from '../ids.ts'
import { Id, Instant, KeyThumbprint } from '../storage/fields.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import type { RecordWrite, Slot, Space } from '../storage/space.ts'
import { DAY } from '../time.ts'
import type { Ticket } from './ticket.ts'

export const TICKET: RecordKind<Ticket> = {
  name: 'ticket',
  schema: z.object({
    sessionId: Id<SessionId>('ses'),
    for: z.enum(['socket', 'stream']),
    origin: z.nullable(z.string()),
    thumbprint: z.nullable(KeyThumbprint),
    expiresAt: Instant,
    endsAt: z.nullable(Instant),
    resource: z.optional(z.object({ name: z.string(), mode: z.string() })),
    state: z.enum(['unused', 'used']),
  }),
}

export interface TicketRecords {
  /** By the ticket's text: 256 random bits, of which only the SHA-256 is kept. */
  read(text: string): Promise<Slot<Ticket>>
  put(text: string, ticket: Ticket): RecordWrite
}

export function createTicketRecords(space: Space): TicketRecords {
  const key = (text: string): string[] => ['ticket', sha256Base64Url(text), 'record']
  return {
    read: (text) => space.read(TICKET, key(text)),
    // Kept a day longer than it could be valid: no clock tolerance brings a used one back.
    put: (text, ticket) => ({
      key: key(text),
      kind: TICKET.name,
      record: ticket,
      purgeAt: ticket.expiresAt + DAY,
    }),
  }
}
