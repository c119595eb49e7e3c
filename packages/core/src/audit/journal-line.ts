import { toRfc3339 } from '../time.ts'
import type { AuditEvent } from './event.ts'

/** Which changes are asked for. All that is named has to fit. */
export interface JournalFilter {
  /** One of these types. */
  types?: readonly string[]
  /** Who did it: a kind of actor, or the id of a session or device. */
  actor?: string
  /** The id of a code, device, session, request or key of an agent that the change names, or of who made it. */
  about?: string
}

/** Is this one of those that are asked for? */
export function isAskedFor(event: AuditEvent, { types, actor, about }: JournalFilter): boolean {
  if (types !== undefined && !types.includes(event.type)) return false
  if (actor !== undefined && !doersOf(event).includes(actor)) return false
  return about === undefined || namesOf(event).includes(about)
}

function doersOf({ actor }: AuditEvent): unknown[] {
  return actor.kind === 'session' ? [actor.kind, actor.sessionId, actor.deviceId] : [actor.kind]
}

function namesOf(event: AuditEvent): unknown[] {
  const { codeId, deviceId, sessionId, approvalId, agentKeyId } = event
  return [...doersOf(event), codeId, deviceId, sessionId, approvalId, agentKeyId]
}

/** A change as one line of JSON without its end. No character of it ends a line to any reader. */
export function lineOf({ id, type, at, ...rest }: AuditEvent): string {
  return toLine({ id, type, at: toRfc3339(at), ...rest })
}

/** The last line: where to go on behind. Without it an export was cut short. */
export function cursorLine(cursor: string): string {
  return toLine({ cursor })
}

/** Says that what was asked for from that place on is not held any more, as a line. */
export function gapLine(after: string): string {
  return toLine({ gap: true, after })
}

// JSON escapes the first 32; some readers end lines at these too.
const ENDS = /[\u007f-\u009f\u2028\u2029]/g

function toLine(value: unknown): string {
  return JSON.stringify(value).replace(
    ENDS,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
