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
  /** Of a device grant: the code that its device shows, as who decides typed it. */
  userCode?: string
}

/**
 * May this be approved with what was typed? Only whoever sees the device knows its code, so an entry in a list alone never is.
 * `digests`: those of the code; `null`: none was typed.
 */
export function judgeTyped(
  { deviceGrant }: Pick<Approval, 'deviceGrant'>,
  digests: readonly string[] | null,
): 'ok' | 'user_code_required' | 'code_invalid' {
  if (deviceGrant === undefined) return 'ok'
  if (digests === null) return 'user_code_required'
  return digests.includes(deviceGrant.userCode) ? 'ok' : 'code_invalid'
}

/** What cools down after a rejection beside the key itself: the code, or the network of who had none. */
export function coolingOf({ codeId, network }: Approval): { codeId: CodeId } | { network: string } {
  return codeId === null ? { network } : { codeId }
}

/** A change of a request as the journal tells it. */
export function occurrenceOf(
  type: EventType,
  { id, codeId, label, deviceGrant }: Approval,
  actor: Actor,
  at: Millis,
  detail: NonNullable<Occurrence['detail']> = {},
): Occurrence {
  const code = codeId === null ? {} : { codeId }
  const client = deviceGrant === undefined ? {} : { clientId: deviceGrant.clientId }
  return { type, at, actor, approvalId: id, ...code, detail: { label, ...client, ...detail } }
}
