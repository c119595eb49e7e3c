import type { Device, DeviceKind } from '../device/device.ts'
import type { Grant } from '../grant/grant.ts'
import type { CodeId, DeviceId, EpochId, GrantId, SessionId, Thumbprint } from '../ids.ts'
import { DAY, type Millis } from '../time.ts'
import { lifeFrom, type Session, type SessionLife, type Transport } from './session.ts'

/** Who is to be paired, as it described itself; its key was proven. */
export interface Newcomer {
  label: string
  kind: DeviceKind
  thumbprint: Thumbprint | null
  origin: string | null
  transport: Transport
}

export interface PairingInput {
  newcomer: Newcomer
  /** The live incarnation of the same key, where there is one. */
  known: Device | null
  ids: { device: DeviceId; grant: GrantId; session: SessionId }
  epoch: EpochId
  codeId: CodeId | null
  subject: string
  scopes: string[]
  data: unknown
  life: SessionLife
  /** Whether a device without a key may have what others have. */
  keylessFull: boolean
  /** The hash of the refresh token, where this session gets one. */
  refreshHash: string
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
  const { newcomer, known, ids, now } = input
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
      transport,
      thumbprint,
      createdAt: now,
      ...lifeFrom(life, now),
      renewal: renewalOf(thumbprint !== null, limited, transport, input.refreshHash),
    },
  }
}

function renewalOf(
  keyed: boolean,
  limited: boolean,
  transport: Transport,
  hash: string,
): Session['renewal'] {
  if (keyed) return { by: 'proof' }
  if (limited) return { by: 'nothing' }
  return transport === 'cookie' ? { by: 'cookie' } : { by: 'secret', hash }
}
