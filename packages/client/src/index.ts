export type {
  AccessAnswer,
  AdmissionAnswer,
  AdmissionRequest,
  AdmissionWire,
  ApprovalItemWire,
  CodeRequest,
  CodeWire,
  DecisionRequest,
  DeviceItemWire,
  DeviceKind,
  DeviceWire,
  EventWire,
  IssuedCodeAnswer,
  PendingWire,
  PresenceWire,
  ResourceTokenAnswer,
  ServerWire,
  SessionItemWire,
  SessionWire,
  Transport,
} from '@pair/core'
export { createPairClient } from './create-client.ts'
export type { PairClient, PairClientOptions } from './create-client.ts'
export type { Access } from './access.ts'
export type { Wish } from './entry-flow.ts'
export type { WatchOptions } from './watch.ts'
export type {
  BlockedSnapshot,
  OfflineSnapshot,
  PairedSnapshot,
  PairingSnapshot,
  PairSnapshot,
  PendingSnapshot,
  UnknownSnapshot,
  UnpairedSnapshot,
} from './snapshot.ts'
export type { SocketOptions } from './socket.ts'
export { isPairClientError, PairClientError } from './client-error.ts'
export type { ClientCode, ClientErrorFacts } from './client-error.ts'
export { memoryKeyStore } from './key-store.ts'
export type { DeviceKeyPair, KeyStore, PendingRequest, StoredKey } from './key-store.ts'
export { indexedDbKeyStore } from './indexed-db-key-store.ts'
export { endpoints } from './endpoints.ts'
export type { EndpointOptions, Endpoints } from './endpoints.ts'
export { canonicalJson } from './canonical-json.ts'
export { parseCode } from './link-code.ts'
