import type { AdmitOutcome } from '../bootstrap/code.ts'
import type { ErrorCode, ErrorDetail } from '../errors.ts'
import type { NoStanding } from './standing.ts'
import { SECOND, type Millis } from '../time.ts'

/** Why somebody can't be let in, as it is told; the precise reason is the operator's. */
export function refusalOf(
  refusal:
    | Exclude<AdmitOutcome, { ok: true }>
    | { refusal: 'transport' | 'device_key_required' | 'approval_rejected' }
    | { refusal: 'approval_limited'; retryMs: Millis; reason: string }
    | { refusal: 'scopes'; reason: string },
): [ErrorCode, ErrorDetail?] {
  switch (refusal.refusal) {
    case 'insufficient_scope':
      return [
        'insufficient_scope',
        {
          message: 'That is more than a newcomer is given here.',
          members: { scopes: refusal.scopes },
          reason: 'more scopes were asked for than are given',
        },
      ]
    case 'wrong_key':
      // A stranger learns nothing; that the code is bound is the operator's to know.
      return ['code_invalid', { reason: 'the code is bound to another key' }]
    case 'device_key_required':
    case 'approval_rejected':
      return [refusal.refusal]
    case 'approval_limited': {
      const retryAfter = Math.max(1, Math.ceil(refusal.retryMs / SECOND))
      return ['approval_limited', { members: { retryAfter }, reason: refusal.reason }]
    }
    case 'scopes':
      return ['invalid_request', { message: `The list of scopes is ${refusal.reason}.` }]
    case 'transport':
      return [
        'invalid_request',
        {
          message: 'That transport is not for this device.',
          hint: 'With a device key use `cookie` or `dpop`, without one `cookie` or `bearer`.',
        },
      ]
  }
}

/** Why somebody may not change who has access any more. */
export function actingRefusal(reason: NoStanding | 'insufficient_scope'): [ErrorCode, ErrorDetail] {
  if (reason !== 'insufficient_scope') return [`session_${reason}`, {}]
  return [reason, { members: { scopes: ['access:write'] }, reason: 'missing access:write' }]
}
