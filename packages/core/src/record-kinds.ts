import { ADMISSION } from './admission/admission-records.ts'
import { AGENT_KEY, AGENT_KEY_LOOKUP, AGENT_ROLL, SHARED_USE } from './agent/agent-key-records.ts'
import {
  APPROVAL,
  APPROVAL_POINTER,
  COOL_DOWN,
  QUEUE,
  USER_CODE,
} from './approval/approval-records.ts'
import { REFUSALS } from './audit/refusal-records.ts'
import { SEAL, SEAL_HEAD } from './audit/seal-records.ts'
import { CODE, INDEX, LOOKUP } from './bootstrap/code-records.ts'
import { REDEMPTION } from './bootstrap/redemption-records.ts'
import { LOCKOUT } from './limit/lockout-records.ts'
import { OWNER } from './bootstrap/owner-records.ts'
import { DEVICE, POINTER } from './device/device-records.ts'
import { GRANT } from './grant/grant-records.ts'
import { POLLING } from './oauth/polling-records.ts'
import { SPENT } from './proof/proof-records.ts'
import { RELAY_MARK } from './relay/relay-records.ts'
import { EPOCH } from './revocation/epoch-records.ts'
import { REVOCATION } from './revocation/revocation-records.ts'
import { PRESENCE } from './session/presence-records.ts'
import { SESSION } from './session/session-records.ts'
import { fieldsOf, type RecordFields } from './storage/record-fields.ts'
import { KEY_RING } from './token/key-ring-records.ts'
import { TICKET } from './ticket/ticket-records.ts'

/**
 * Every kind of record that core writes, with its fields and, where only certain words may stand, these words: what a
 * store's constraints and readable views are made of.
 */
export function recordKinds(): RecordFields[] {
  return [
    CODE,
    DEVICE,
    GRANT,
    SESSION,
    PRESENCE,
    REVOCATION,
    EPOCH,
    TICKET,
    POINTER,
    LOOKUP,
    INDEX,
    SPENT,
    ADMISSION,
    APPROVAL,
    APPROVAL_POINTER,
    USER_CODE,
    QUEUE,
    COOL_DOWN,
    POLLING,
    OWNER,
    LOCKOUT,
    REDEMPTION,
    KEY_RING,
    AGENT_KEY,
    AGENT_KEY_LOOKUP,
    AGENT_ROLL,
    SHARED_USE,
    SEAL,
    SEAL_HEAD,
    REFUSALS,
    RELAY_MARK,
  ].map(fieldsOf)
}
