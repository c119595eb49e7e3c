import type { Actor, EventType, Occurrence } from '../audit/event.ts'
import type { CodeId } from '../ids.ts'
import type { Millis } from '../time.ts'
import type { Approval } from './approval.ts'

export interface Verdict {
  /** That of the request as it was shown to who decides. */
  digest: string
  /** Why; shown in lists and kept in the journal. At most 200 characters. */
  reason?: string
}

export interface Approving<S extends string = string> extends Verdict {
  /** Fewer than were asked for. Default: all of them. */
  scopes?: readonly S[]
}

/** What cools down after a rejection beside the key itself: the code, or the network of who had none. */
export function coolingOf({ codeId, network }: Approval): { codeId: CodeId } | { network: string } {
  return codeId === null ? { network } : { codeId }
}

/** A change of a request as the journal tells it. */
export function occurrenceOf(
  type: EventType,
  { id, codeId, label }: Approval,
  actor: Actor,
  at: Millis,
  detail: NonNullable<Occurrence['detail']> = {},
): Occurrence {
  const code = codeId === null ? {} : { codeId }
  return { type, at, actor, approvalId: id, ...code, detail: { label, ...detail } }
}
