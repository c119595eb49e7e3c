export { createPair } from './create-pair.ts'
export { memoryStore } from './storage/memory/memory-store.ts'
export {
  errorCodes,
  isPairError,
  PairError,
  type ErrorCode,
  type ErrorDetail,
  type LimitStanding,
} from './errors.ts'
export type { Agent } from './agent/agent.ts'
export type { AgentKeysService } from './agent/agent-keys.ts'
export type { Extension } from './extension.ts'
export type { AdmissionMode } from './admission/admission.ts'
export type {
  AdmissionChange,
  AdmissionService,
  AdmissionView,
} from './admission/admission-service.ts'
export type { PendingProof } from './approval/approval-crypto.ts'
export type { ApprovalView } from './approval/approval-view.ts'
export type { Wish } from './approval/approval.ts'
export type { ApprovalsService } from './approval/approvals-service.ts'
export type { DecideService } from './approval/decide-service.ts'
export type { Approving, Verdict } from './approval/decision.ts'
export { EVENT_TYPES } from './audit/event.ts'
export type {
  Actor,
  AuditEvent,
  EventDetail,
  EventListener,
  EventMap,
  EventName,
  EventOf,
  EventType,
  Refusal,
} from './audit/event.ts'
export type { AddressKeeping, AuditOptions } from './audit/audit-options.ts'
export type { ChainFault, ChainReport } from './audit/chain.ts'
export type { JournalFilter } from './audit/journal-line.ts'
export type { ExportWish, JournalService } from './audit/journal-service.ts'
export type { RefusalCount } from './audit/refusal-count.ts'
export type { RefusalService } from './audit/refusal-service.ts'
export type { KnownSeal } from './audit/seal-service.ts'
export type { CodeView, KeylessPolicy } from './bootstrap/code.ts'
export type { IssueCode } from './bootstrap/code-request.ts'
export type { CodesService, IssuedCode } from './bootstrap/codes-service.ts'
export type { SeedCode, SeedService } from './bootstrap/seed-service.ts'
export { TYPED_ALPHABET, TYPED_CODE_BITS } from './bootstrap/typed-code.ts'
export type { DeviceKind, DeviceView } from './device/device.ts'
export type { DeviceItem, DevicesService } from './device/devices-service.ts'
export type { AgentKeyId, ApprovalId, CodeId, DeviceId, SessionId, Thumbprint } from './ids.ts'
export type {
  AccessScope,
  AgentAuth,
  AuthOf,
  AuthResult,
  AppLimit,
  Guarded,
  Identified,
  Limited,
  Need,
  NoAuth,
  OwnerSecret,
  Pair,
  RequestHead,
  RequestHeaders,
  RequestInfo,
  SessionAuth,
  SessionNeed,
  StartupCode,
} from './pair.ts'
export type { ApprovalOptions, PairOptions, SessionOptions } from './pair-options.ts'
export type {
  CodeFacts,
  DecisionFacts,
  MintFacts,
  NewcomerFacts,
  Policy,
  PolicyAnswer,
  RenewalFacts,
} from './policy/policy.ts'
export type { Clock, Logger, RandomSource, SecretSource, Timers } from './ports/runtime.ts'
export type {
  Append,
  Check,
  Entry,
  Key,
  Position,
  Put,
  Remove,
  Store,
  StoreWatcher,
  StreamItem,
  Tail,
  Unsubscribe,
  Write,
} from './ports/store.ts'
export type { LimitOptions, RateLimitDialect, WindowOptions } from './limit/limits.ts'
export type { Frame } from './resource/message-class.ts'
export type { ResourceAccess } from './resource/resource.ts'
export type { ModeScope, ResourceOptions, Resources } from './resource/resource-options.ts'
export type { RiskOptions, RiskReport } from './risk/risk-options.ts'
export type { RiskPlan } from './risk/risk.ts'
export type { PresenceView } from './session/presence.ts'
export type { SessionItem, SessionsService } from './session/sessions-service.ts'
export type { SessionLife, SessionView, Transport } from './session/session.ts'
export type { AttachedSocket, SocketGuard, SocketPort } from './socket-guard.ts'
export type { Millis } from './time.ts'
export type {
  AdmissionAnswer,
  AdmissionRequest,
  AdmissionWire,
  ApprovalItemWire,
  ClaimRequest,
  DecisionRequest,
  EntryRequest,
  OwnerRequest,
  PendingWire,
} from './http/approval-wire.ts'
export type {
  AccessAnswer,
  AuthorizedAnswer,
  CodeRequest,
  CodeWire,
  DeviceItemWire,
  DeviceRequest,
  DeviceWire,
  EventWire,
  IssuedCodeAnswer,
  ListAnswer,
  PresenceWire,
  PreviewAnswer,
  PreviewRequest,
  ProblemWire,
  PublicKeyJwk,
  RedeemRequest,
  RenewRequest,
  ServerWire,
  SessionAnswer,
  SessionItemWire,
  SessionLifeRequest,
  SessionWire,
  TicketAnswer,
  TicketRequest,
} from './http/wire.ts'
export type { PublicJwk } from './token/eddsa-crypto.ts'
export type { OldKeys } from './token/key-ring.ts'
export type { Signing } from './token/keys-crypto.ts'
export type { SigningKey, SigningKeysService } from './token/signing-keys-service.ts'
export type {
  ResourceTokenAnswer,
  ResourceTokenRequest,
  RotateRequest,
  SigningKeyAnswer,
} from './http/token-wire.ts'
