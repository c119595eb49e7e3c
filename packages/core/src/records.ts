import { createAdmissionRecords, type AdmissionRecords } from './admission/admission-records.ts'
import { createApprovalRecords, type ApprovalRecords } from './approval/approval-records.ts'
import { createOpeningRecords, type OpeningRecords } from './approval/opening-records.ts'
import {
  createApprovalStandpoints,
  type ApprovalStandpoints,
} from './approval/standpoint-records.ts'
import { createAuditRecords, type AuditRecords } from './audit/audit-records.ts'
import { createRefusalRecords, type RefusalRecords } from './audit/refusal-records.ts'
import { createSealRecords, type SealRecords } from './audit/seal-records.ts'
import { createCodeRecords, type CodeRecords } from './bootstrap/code-records.ts'
import { createCodeRoomRecords, type CodeRoomRecords } from './bootstrap/code-room-records.ts'
import { createRedemptionRecords, type RedemptionRecords } from './bootstrap/redemption-records.ts'
import { createOwnerRecords, type OwnerRecords } from './bootstrap/owner-records.ts'
import { createDeviceRecords, type DeviceRecords } from './device/device-records.ts'
import { createGrantRecords, type GrantRecords } from './grant/grant-records.ts'
import { createProofRecords, type ProofRecords } from './proof/proof-records.ts'
import { createEpochRecords, type EpochRecords } from './revocation/epoch-records.ts'
import { createRevocationRecords, type RevocationRecords } from './revocation/revocation-records.ts'
import { createPairingRecords, type PairingRecords } from './session/pairing-records.ts'
import { createPresenceRecords, type PresenceRecords } from './session/presence-records.ts'
import { createSessionRecords, type SessionRecords } from './session/session-records.ts'
import { createAttemptRecords, type AttemptRecords } from './limit/attempt-records.ts'
import { createCounterRecords, type CounterRecords } from './limit/counter-records.ts'
import { createLockoutRecords } from './limit/lockout-records.ts'
import type { Settings } from './settings.ts'
import type { Space } from './storage/space.ts'
import { createKeyRingRecords, type KeyRingRecords } from './token/key-ring-records.ts'
import { createTicketRecords, type TicketRecords } from './ticket/ticket-records.ts'

/** Typed access to everything that an instance keeps. */
export interface Records {
  admission: AdmissionRecords
  approvals: ApprovalRecords
  /** Under which caps live codes stand. */
  rooms: CodeRoomRecords
  /** Requests with all that they hang on. */
  standpoints: ApprovalStandpoints
  /** Guesses, counted before they are judged. */
  attempts: AttemptRecords
  audit: AuditRecords
  codes: CodeRecords
  counters: CounterRecords
  devices: DeviceRecords
  epochs: EpochRecords
  grants: GrantRecords
  keyRing: KeyRingRecords
  openings: OpeningRecords
  owner: OwnerRecords
  pairings: PairingRecords
  presence: PresenceRecords
  proofs: ProofRecords
  redemptions: RedemptionRecords
  refusals: RefusalRecords
  revocations: RevocationRecords
  seals: SealRecords
  sessions: SessionRecords
  tickets: TicketRecords
}

export function createRecords(
  space: Space,
  { admission, audit: told, limits }: Pick<Settings, 'admission' | 'audit' | 'limits'>,
): Records {
  const counters = createCounterRecords(space)
  const approvals = createApprovalRecords(space)
  const epochs = createEpochRecords(space)
  const revocations = createRevocationRecords(space)
  const grants = createGrantRecords(space)
  const devices = createDeviceRecords(space)
  const sessions = createSessionRecords(space, { epochs, revocations, grants, devices })
  const audit = createAuditRecords(space, told.addresses)
  const pairings = createPairingRecords({ audit, devices, grants, sessions, revocations })
  const codes = createCodeRecords(space, { approvals, epochs, pairings, revocations, sessions })
  const standpoints = createApprovalStandpoints({ approvals, codes, epochs, pairings, sessions })
  const presence = createPresenceRecords(space)
  return {
    admission: createAdmissionRecords(space, admission),
    approvals,
    attempts: createAttemptRecords(
      counters,
      createLockoutRecords(space, counters, limits.lockout),
      limits,
    ),
    audit,
    codes,
    counters,
    devices,
    epochs,
    grants,
    keyRing: createKeyRingRecords(space),
    openings: createOpeningRecords({ approvals, audit, pairings, standpoints }),
    owner: createOwnerRecords(space),
    pairings,
    presence,
    proofs: createProofRecords(),
    redemptions: createRedemptionRecords(space, {
      audit,
      codes,
      pairings,
      presence,
      revocations,
      sessions,
    }),
    refusals: createRefusalRecords(space),
    revocations,
    rooms: createCodeRoomRecords({ audit, codes, revocations }),
    seals: createSealRecords(space),
    sessions,
    standpoints,
    tickets: createTicketRecords(space),
  }
}
