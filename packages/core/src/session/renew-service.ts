import type { Actor } from '../audit/event.ts'
import { toBase64Url } from '../encoding/base64url.ts'
import { equalBytes, utf8 } from '../encoding/bytes.ts'
import { PairError } from '../errors.ts'
import type { SessionId, Thumbprint } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide } from '../storage/decide.ts'
import { checkOf, type Slot } from '../storage/space.ts'
import type { KeyPointer } from '../device/device.ts'
import type { Authorized } from './credential.ts'
import { signCredential } from './credential-crypto.ts'
import { KEEP_AFTER_END_MS } from './pairing-records.ts'
import { drawRefreshToken, parseRefreshToken } from './refresh-token.ts'
import { extend, keepUntil, viewSession, type Session } from './session.ts'

/** By what a session is renewed. */
export type RenewBy =
  | { by: 'proof'; thumbprint: Thumbprint }
  | { by: 'cookie'; sessionId: SessionId }
  | { by: 'secret'; refreshToken: string }

export interface RenewService {
  /** Has a device that key? */
  isKnown(thumbprint: Thumbprint): Promise<boolean>
  /**
   * A fresh credential of a session that stands, and its end moved on.
   *
   * @throws PairError `session_expired`, `session_revoked`, `session_invalid`, `store_unavailable`
   */
  renew(by: RenewBy, address?: string): Promise<Authorized>
}

export function createRenewService(ports: ServicePorts): RenewService {
  const { space, records, clock, random, settings } = ports

  async function find(
    by: RenewBy,
  ): Promise<{ id: SessionId | null; pointer: Slot<KeyPointer> | null }> {
    if (by.by === 'cookie') return { id: by.sessionId, pointer: null }
    if (by.by === 'secret')
      return { id: parseRefreshToken(by.refreshToken)?.sessionId ?? null, pointer: null }
    const pointer = await records.devices.pointer(by.thumbprint)
    const device = pointer.record && (await records.devices.read(pointer.record.deviceId))
    return { id: device?.record?.sessionId ?? null, pointer }
  }

  return {
    async isKnown(thumbprint) {
      return (await records.devices.pointer(thumbprint)).record !== null
    },

    async renew(by, address) {
      const keys = await ports.keys()
      return decide<Authorized>(space, async () => {
        const now = clock()
        const { id, pointer } = await find(by)
        if (id === null)
          throw new PairError('session_invalid', {
            reason: 'no session is known by that key or token',
          })
        // First of all: how a session stands is told to its own device alone, not to whoever knows its id. A wrong secret is
        // told as soon as no session.
        const requireRight = ({ record }: Slot<Session>): void => {
          if (record !== null && mayRenew(record, by)) return
          throw new PairError('session_invalid', {
            reason: `no session, or not what it is renewed by: ${record?.renewal.by}`,
          })
        }
        requireRight(await records.sessions.read(id))
        const { judge, checks, session: slot } = await records.sessions.standpoint(id)
        // Asked again of what the commit will check: it may have been renewed in between.
        requireRight(slot)
        const standing = judge(now)
        if (!standing.ok) throw new PairError(`session_${standing.reason}`)
        const { grant, device } = standing
        const next = by.by === 'secret' ? drawRefreshToken(id, random) : null
        const extended = extend(standing.session, now)
        const session: Session = next
          ? { ...extended, renewal: { by: 'secret', hash: next.hash } }
          : extended
        const purgeAt = keepUntil(session, KEEP_AFTER_END_MS)
        const moved = extended !== standing.session
        const actor: Actor = {
          kind: 'session',
          sessionId: id,
          deviceId: device.id,
          ...(address === undefined ? {} : { address }),
        }
        const event = records.audit.append({
          type: 'session.extended',
          at: now,
          actor,
          sessionId: id,
          deviceId: device.id,
          detail: { expiresAt: session.expiresAt },
        })
        return {
          answer: {
            status: 'authorized',
            session: viewSession(session, grant, device),
            credential: signCredential(keys, session, {
              subject: grant.subject,
              accessMs: settings.accessMs,
              jti: toBase64Url(random(16)),
              now,
            }),
            refreshToken: next?.text ?? null,
          },
          // Also where nothing is written the checks are made: a revoke in between wins.
          change: {
            checks: [...checks, ...(pointer ? [checkOf(pointer)] : [])],
            writes: [
              ...(session === standing.session ? [] : [records.sessions.put(session, purgeAt)]),
              // What the session hangs on is kept as long as it.
              ...(moved && slot.purgeAt !== purgeAt
                ? [
                    records.grants.put(grant, purgeAt),
                    records.devices.put(device, purgeAt),
                    ...(pointer?.record && by.by === 'proof'
                      ? [records.devices.point(by.thumbprint, device.id, purgeAt)]
                      : []),
                  ]
                : []),
            ],
            journal: moved ? [event] : [],
          },
        }
      })
    },
  }
}

/** Is that the way this session is renewed, and the right key or token? */
function mayRenew({ renewal, thumbprint }: Session, by: RenewBy): boolean {
  if (renewal.by !== by.by) return false
  if (by.by === 'proof') return thumbprint === by.thumbprint
  if (by.by === 'cookie' || renewal.by !== 'secret') return by.by === 'cookie'
  return equalBytes(utf8(renewal.hash), utf8(parseRefreshToken(by.refreshToken)?.hash ?? ''))
}
