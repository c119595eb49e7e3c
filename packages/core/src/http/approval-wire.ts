import type { DeviceKind, DeviceRequest, EventWire, Transport } from './wire.ts'

/** `POST /request`: to be let in by a person, without a code. */
export interface EntryRequest {
  device: DeviceRequest
  /** Default `cookie`. */
  transport?: Transport
  /** Default: the app's scopes. */
  scopes?: string[]
  /** Repeated in the proof. At most 128 characters. */
  nonce?: string
}

/** `POST /claim`, `POST /withdraw`. With a proof of the key that asked, or without a key the cookie set with the 202. */
export interface ClaimRequest {
  claim: string
  /** Wait so long for a decision: 0 to 25 seconds. Default 0. */
  waitSeconds?: number
  nonce?: string
}

/** `POST /claim-owner` */
export interface OwnerRequest {
  /** As it was printed at the first start. */
  secret: string
  device: DeviceRequest
  transport?: Transport
}

/** 202 of `/redeem`, `/request`, `/claim`: a person has yet to decide. Holds no credential. */
export interface PendingWire {
  status: 'pending_approval'
  approval: {
    id: string
    /** To compare with what whoever decides sees. */
    matchCode: string
    label: string
    scopes: string[]
    requestedAt: string
    /** When it is over undecided. */
    expiresAt: string
  }
  /** What to collect with. */
  claim: string
  /** Signed by the server over id, state, requestedAt, key and nonce; a credential for nothing. */
  proof: string
  /** When to ask again; seconds. */
  retryAfter: number
}

/** How newcomers may enter. `unknown`: the operator has to mend a setting; newer servers may name others. */
export type AdmissionWire = 'closed' | 'code' | 'approval' | 'code+approval' | 'unknown'

/** `GET /admission`, `PUT /admission` */
export interface AdmissionAnswer {
  mode: AdmissionWire
  /** The stored word where it is not one of this version. */
  stored: string | null
  /** Name it when you change the mode. */
  version: string | null
}

export interface AdmissionRequest {
  mode: 'closed' | 'code' | 'approval' | 'code+approval'
  /** As it was read. */
  version: string | null
  /** Also end, at once, the sessions of who came in by a way that this mode does not take. Default `false`. */
  reevaluate?: boolean
}

/** A request as whoever decides sees it. */
export interface ApprovalItemWire {
  id: string
  /** Of exactly what is shown here: a decision names it. */
  digest: string
  state: 'pending' | 'approved' | 'rejected' | 'collected'
  /** To compare with the other screen. */
  matchCode: string
  label: string
  kind: DeviceKind
  /** The thumbprint of its proven key; `null`: it has none. */
  thumbprint: string | null
  origin: string | null
  address: string | null
  transport: Transport
  subject: string
  scopes: string[]
  data: unknown
  life: { slidingSeconds: number | null; absoluteSeconds: number | null }
  /** The code that it came with; `null`: none. */
  codeId: string | null
  /** The client that asks by the device grant: an approval needs its `userCode`. `null`: it asks otherwise. */
  clientId: string | null
  requestedAt: string
  expiresAt: string | null
  decision: {
    at: string
    by: EventWire['actor']
    reason: string | null
    /** What was given; `null`: nothing. */
    scopes: string[] | null
  } | null
}

export interface DecisionRequest {
  digest: string
  /** Kept in the journal. At most 200 characters. */
  reason?: string
  /** Of an approval: fewer than were asked for. */
  scopes?: string[]
  /** Of the approval of a device grant: the code that its device shows, as it was typed. */
  userCode?: string
}
