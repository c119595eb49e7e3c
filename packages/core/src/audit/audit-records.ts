import * as z from 'zod/mini'
import type { Position } from '../ports/store.ts'
import { Instant } from '../storage/fields.ts'
import { checkAfter, checkPageLimit } from '../storage/page-limit.ts'
import type { JournalWrite, Space } from '../storage/space.ts'
import { DAY, type Millis } from '../time.ts'
import type { AddressKeeping } from './audit-options.ts'
import type { AuditEvent, Occurrence } from './event.ts'
import { keptAddress } from './kept-address.ts'

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
  agentKeyId: z.optional(z.string()),
  detail: z.optional(z.record(z.string(), z.unknown())),
})

/** What an item of any version tells of its time. */
const Dated = z.object({ at: Instant })

export const JOURNAL: readonly string[] = ['journal']

/** How long the journal is kept. */
export const JOURNAL_RETENTION_MS: Millis = 90 * DAY

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

/** An item as it stands in the store. `at` is `null` where it tells no time. */
export interface RawItem {
  id: Position
  text: string
  at: Millis | null
}

export interface RawPage {
  items: RawItem[]
  gap: boolean
  more: boolean
}

export interface AuditRecords {
  append(occurrence: Occurrence): JournalWrite
  page(after: Position | null, limit: number): Promise<JournalPage>
  raw(after: Position | null, limit: number): Promise<RawPage>
}

export function createAuditRecords(space: Space, addresses: AddressKeeping): AuditRecords {
  return {
    append: (occurrence) => ({
      stream: JOURNAL,
      value: JSON.stringify(toKept(occurrence, addresses)),
      purgeAt: occurrence.at + JOURNAL_RETENTION_MS,
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
        gap: isGap(after, { oldest, latest }),
        latest,
        more: items.length === limit,
        settled,
      }
    },
    async raw(after, limit) {
      const { items, oldest, latest } = await space.tail(JOURNAL, after, limit)
      return {
        items: items.map(({ position, value }) => ({
          id: position,
          text: value,
          at: parse(Dated, value)?.at ?? null,
        })),
        gap: isGap(after, { oldest, latest }),
        more: items.length === limit,
      }
    },
  }
}

function isGap(
  after: Position | null,
  { oldest, latest }: { oldest: Position | null; latest: Position | null },
): boolean {
  return after !== null && (after < (oldest ?? latest ?? '') || after > (latest ?? ''))
}

/** With as much of its address as is kept. */
function toKept(occurrence: Occurrence, addresses: AddressKeeping): Occurrence {
  const { actor } = occurrence
  if (addresses === 'keep' || !('address' in actor) || actor.address === undefined)
    return occurrence
  const { address, ...who } = actor
  const kept = keptAddress(address, addresses)
  return { ...occurrence, actor: kept === null ? who : { ...who, address: kept } }
}

function decode(text: string): Omit<AuditEvent, 'id'> | null {
  return parse(Stored, text) as Omit<AuditEvent, 'id'> | null
}

function parse<T>(schema: z.ZodMiniType<T>, text: string): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
