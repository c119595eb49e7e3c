import { createAuditRecords, type AuditRecords } from './audit/audit-records.ts'
import { createCodeRecords, type CodeRecords } from './bootstrap/code-records.ts'
import { createDeviceRecords, type DeviceRecords } from './device/device-records.ts'
import { createGrantRecords, type GrantRecords } from './grant/grant-records.ts'
import { createProofRecords, type ProofRecords } from './proof/proof-records.ts'
import { createEpochRecords, type EpochRecords } from './revocation/epoch-records.ts'
import { createRevocationRecords, type RevocationRecords } from './revocation/revocation-records.ts'
import { createPresenceRecords, type PresenceRecords } from './session/presence-records.ts'
import { createSessionRecords, type SessionRecords } from './session/session-records.ts'
import type { Space } from './storage/space.ts'
import { createTicketRecords, type TicketRecords } from './ticket/ticket-records.ts'

/** Typed access to everything that an instance keeps. */
export interface Records {
  audit: AuditRecords
  codes: CodeRecords
  devices: DeviceRecords
  epochs: EpochRecords
  grants: GrantRecords
  presence: PresenceRecords
  proofs: ProofRecords
  revocations: RevocationRecords
  sessions: SessionRecords
  tickets: TicketRecords
}

export function createRecords(space: Space): Records {
  const epochs = createEpochRecords(space)
  const revocations = createRevocationRecords(space)
  const grants = createGrantRecords(space)
  const devices = createDeviceRecords(space)
  const sessions = createSessionRecords(space, { epochs, revocations, grants, devices })
  return {
    audit: createAuditRecords(space),
    codes: createCodeRecords(space, { epochs, revocations, sessions }),
    devices,
    epochs,
    grants,
    presence: createPresenceRecords(space),
    proofs: createProofRecords(),
    revocations,
    sessions,
    tickets: createTicketRecords(space),
  }
}
