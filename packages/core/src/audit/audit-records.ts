import * as z from 'zod/mini'
import type { Position } from '../ports/store.ts'
import { Instant } from '../storage/fields.ts'
import { checkAfter, checkPageLimit } from '../storage/page-limit.ts'
import type { JournalWrite, Space } from '../storage/space.ts'
import { DAY } from '../time.ts'
import type { AuditEvent, Occurrence } from './event.ts'

const Stored = z.object({
  type: z.string(),
  at: Instant,
  actor: z.object({
    kind: z.string(),
    address: z.optional(z.string()),
    sessionId: z.optional(z.string()),
    deviceId: z.optional(z.string()),
  }),
  codeId: z.optional(z.string()),
  deviceId: z.optional(z.string()),
  sessionId: z.optional(z.string()),
  approvalId: z.optional(z.string()),
  detail: z.optional(z.record(z.string(), z.unknown())),
})

export const JOURNAL: readonly string[] = ['journal']

/** How long the journal is kept. */
const RETENTION_MS = 90 * DAY

export interface JournalPage {
  events: AuditEvent[]
  /** Behind the last item read, also where it did not decode. */
  cursor: Position | null
  /** The cursor is older than what is held, or none of this journal: items may be missing. */
  gap: boolean
  /** The newest position; where a reader who wants only what comes begins. */
  latest: Position | null
  more: boolean
  /** `false`: the store may hold back items that it will show in a moment. */
  settled: boolean
}

export interface AuditRecords {
  append(occurrence: Occurrence): JournalWrite
  page(after: Position | null, limit: number): Promise<JournalPage>
}

export function createAuditRecords(space: Space): AuditRecords {
  return {
    append: (occurrence) => ({
      stream: JOURNAL,
      value: JSON.stringify(occurrence),
      purgeAt: occurrence.at + RETENTION_MS,
    }),
    async page(after, limit) {
      checkPageLimit(limit)
      checkAfter(after)
      const { items, oldest, latest, settled } = await space.tail(JOURNAL, after, limit)
      const events = items.flatMap(({ position, value }) => {
        const event = decode(value)
        if (event === null) space.report([...JOURNAL, position])
        return event ? [{ ...event, id: position }] : []
      })
      return {
        events,
        cursor: items.at(-1)?.position ?? after,
        gap: after !== null && (after < (oldest ?? latest ?? '') || after > (latest ?? '')),
        latest,
        more: items.length === limit,
        settled,
      }
    },
  }
}

function decode(text: string): Omit<AuditEvent, 'id'> | null {
  try {
    const parsed = Stored.safeParse(JSON.parse(text))
    return parsed.success ? (parsed.data as Omit<AuditEvent, 'id'>) : null
  } catch {
    return null
  }
}
