import type { Device, DeviceKind } from '../device/device.ts'
import type { Grant } from '../grant/grant.ts'
import {
  newId,
  type ApprovalId,
  type CodeId,
  type DeviceId,
  type EpochId,
  type GrantId,
  type SessionId,
  type Thumbprint,
} from '../ids.ts'
import { toBase64Url } from '../encoding/base64url.ts'
import type { RandomSource } from '../ports/runtime.ts'
import { FIRST_REFRESH } from './refresh-token.ts'
import { DAY, type Millis } from '../time.ts'
import { lifeFrom, type Entry, type Session, type SessionLife, type Transport } from './session.ts'

/** Who is to be paired, as it described itself; its key was proven. */
export interface Newcomer {
  label: string
  kind: DeviceKind
  thumbprint: Thumbprint | null
  origin: string | null
  transport: Transport
}

/** Somebody at the door, by whichever way. */
export interface Arrival {
  newcomer: Newcomer
  /** `null`: all that this device may have. */
  scopes: readonly string[] | null
  /** Repeated in the proof of a request that waits. */
  nonce: string | null
  address: string | null
  /** The address as limits see it: IPv6 by its prefix. */
  network: string
  /** Whether that is an undeclared proxy's, with everybody behind it. */
  folded: boolean
  /** By the device grant: the client, and the digest of the user code. Absent: otherwise. */
  deviceGrant?: { clientId: string; userCode: string }
}

/** The random parts of a pairing. */
export interface DrawnPairing {
  device: DeviceId
  grant: GrantId
  session: SessionId
  jti: string
}

export function drawPairing(random: RandomSource): DrawnPairing {
  return {
    device: newId('dev', random),
    grant: newId('gra', random),
    session: newId('ses', random),
    jti: toBase64Url(random(16)),
  }
}

export interface PairingInput {
  newcomer: Newcomer
  /** The live incarnation of the same key, where there is one. */
  known: Device | null
  drawn: DrawnPairing
  epoch: EpochId
  codeId: CodeId | null
  approvalId: ApprovalId | null
  /** The client of the device grant by which it came; absent: it came otherwise. */
  clientId?: string | undefined
  entry: Entry
  subject: string
  scopes: string[]
  data: unknown
  life: SessionLife
  /** Whether a device without a key may have what others have. */
  keylessFull: boolean
  now: Millis
}

/** What a device without a key gets at most. */
const LIMITED_MS = DAY

/** The device, grant and session that a pairing makes. A known device keeps its id; all else is new. */
export function pairDevice(input: PairingInput): {
  device: Device
  grant: Grant
  session: Session
} {
  const { newcomer, known, drawn: ids, now } = input
  const { label, kind, thumbprint, origin, transport } = newcomer
  const deviceId = known?.id ?? ids.device
  const limited = thumbprint === null && !input.keylessFull
  const life = limited
    ? {
        slidingMs: null,
        absoluteMs: Math.min(
          LIMITED_MS,
          input.life.absoluteMs ?? LIMITED_MS,
          input.life.slidingMs ?? LIMITED_MS,
        ),
      }
    : input.life
  return {
    device: {
      id: deviceId,
      label,
      kind,
      thumbprint,
      origin,
      createdAt: known?.createdAt ?? now,
      sessionId: ids.session,
      grantId: ids.grant,
    },
    grant: {
      id: ids.grant,
      subject: input.subject,
      deviceId,
      scopes: input.scopes,
      data: input.data,
      createdAt: now,
    },
    session: {
      id: ids.session,
      epoch: input.epoch,
      deviceId,
      grantId: ids.grant,
      codeId: input.codeId,
      approvalId: input.approvalId,
      ...(input.clientId === undefined ? {} : { clientId: input.clientId }),
      entry: input.entry,
      transport,
      thumbprint,
      createdAt: now,
      ...lifeFrom(life, now),
      renewal: renewalOf(thumbprint !== null, limited, transport),
    },
  }
}

function renewalOf(keyed: boolean, limited: boolean, transport: Transport): Session['renewal'] {
  if (keyed) return { by: 'proof' }
  if (limited) return { by: 'nothing' }
  return transport === 'cookie'
    ? { by: 'cookie' }
    : { by: 'secret', generation: FIRST_REFRESH, rotatedAt: null, reusedAt: null }
}
