import * as z from 'zod/mini'
import type { Millis } from '../time.ts'

/** One kind of record: its name in the envelope, and the schema that every read goes through. */
export interface RecordKind<T> {
  readonly name: string
  readonly schema: z.ZodMiniType<T>
}

const Envelope = z.object({
  kind: z.string(),
  attempt: z.string(),
  purgeAt: z.nullable(z.number()),
  record: z.unknown(),
})

export interface Decoded<T> {
  state: 'present' | 'tombstone' | 'corrupt'
  record: T | null
  attempt: string | null
  purgeAt: Millis | null
}

/** The stored text of a record; `null` is a tombstone: it has a version and counts as absent. */
export function encodeRecord(
  kind: string,
  record: unknown,
  attempt: string,
  purgeAt: Millis | null,
): string {
  return JSON.stringify({ kind, attempt, purgeAt, record })
}

/** What a stored text holds. A text that does not decode is `corrupt`, never an exception. */
export function decodeRecord<T>(kind: RecordKind<T>, text: string): Decoded<T> {
  const envelope = readEnvelope(text)
  if (envelope === null) return { state: 'corrupt', record: null, attempt: null, purgeAt: null }
  const { attempt, purgeAt } = envelope
  if (envelope.record === null) return { state: 'tombstone', record: null, attempt, purgeAt }
  const parsed = envelope.kind === kind.name ? kind.schema.safeParse(envelope.record) : null
  if (!parsed?.success) return { state: 'corrupt', record: null, attempt, purgeAt }
  return { state: 'present', record: parsed.data, attempt, purgeAt }
}

/** Was this text written to fence off a commit, and says nothing else? */
export function isTombstone(text: string): boolean {
  return readEnvelope(text)?.record === null
}

/** The same record under another attempt: a new version that says the same. */
export function restamp(
  text: string,
  attempt: string,
): { value: string; purgeAt: Millis | null; attempt: string } | null {
  const envelope = readEnvelope(text)
  if (envelope === null) return null
  const { kind, record, purgeAt } = envelope
  return { value: encodeRecord(kind, record, attempt, purgeAt), purgeAt, attempt: envelope.attempt }
}

function readEnvelope(text: string): z.infer<typeof Envelope> | null {
  try {
    const parsed = Envelope.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
