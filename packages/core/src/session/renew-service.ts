import { SERVER, type Actor } from '../audit/event.ts'
import { toBase64Url } from '../encoding/base64url.ts'
import { isRepeatable } from '../bootstrap/redemption.ts'
import { PairError } from '../errors.ts'
import type { SessionId, Thumbprint } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide, type Plan } from '../storage/decide.ts'
import { checkOf, type Change, type Slot } from '../storage/space.ts'
import type { KeyPointer } from '../device/device.ts'
import type { Millis } from '../time.ts'
import type { Authorized } from './credential.ts'
import { refreshTokenOf, signCredential } from './credential-crypto.ts'
import { KEEP_AFTER_END_MS } from './pairing-records.ts'
import { isGenuineRefresh } from './refresh-crypto.ts'
import { judgeRenewal, type RenewBy } from './renewal.ts'
import { judgeRefresh, parseRefreshToken, type RefreshToken } from './refresh-token.ts'
import { extend, keepMarkUntil, keepUntil, viewSession, type Session } from './session.ts'
import type { Standpoint } from './session-records.ts'

export interface RenewService {
  /** Of which session that refresh token is, used or not; `null`: we did not make it. */
  sessionOf(refreshToken: string): Promise<SessionId | null>
  /** Has a device that key? */
  isKnown(thumbprint: Thumbprint): Promise<boolean>
  /**
   * A fresh credential of a session that stands, and its end moved on. A refresh token is followed by the next; brought again
   * within `session.graceMs`, by the same next.
   *
   * @throws PairError `session_expired`, `session_revoked`, `session_invalid`, `clock_skew`, `store_unavailable`
   */
  renew(by: RenewBy, address?: string): Promise<Authorized>
}

export function createRenewService(ports: ServicePorts): RenewService {
  const { space, records, clock, random, settings } = ports

  async function find(
    by: RenewBy,
    token: RefreshToken | null,
  ): Promise<{ id: SessionId | null; pointer: Slot<KeyPointer> | null }> {
    if (by.by === 'cookie') return { id: by.sessionId, pointer: null }
    if (by.by === 'secret') return { id: token?.sessionId ?? null, pointer: null }
    const pointer = await records.devices.pointer(by.thumbprint)
    const device = pointer.record && (await records.devices.read(pointer.record.deviceId))
    return { id: device?.record?.sessionId ?? null, pointer }
  }

  /** What is kept of a refresh token that was brought again; by option its session ends with it. */
  function reused(
    { session: { purgeAt }, marker, checks }: Standpoint,
    session: Session,
    isNew: boolean,
    actor: Actor,
    now: Millis,
  ): Change {
    const { id, deviceId } = session
    const ends = settings.onReuse === 'end-session'
    const mark = records.revocations.mark(
      marker,
      { at: now, reason: 'revoked' },
      keepMarkUntil(session, purgeAt, now, KEEP_AFTER_END_MS),
    )
    const base = { at: now, sessionId: id, deviceId }
    return {
      checks,
      writes: [
        ...(isNew ? [records.sessions.put(session, purgeAt)] : []),
        ...(ends ? mark.writes : []),
      ],
      journal: [
        ...(isNew ? [records.audit.append({ ...base, type: 'session.reused', actor })] : []),
        ...(ends
          ? [records.audit.append({ ...base, type: 'session.revoked', actor: SERVER })]
          : []),
      ],
    }
  }

  return {
    async sessionOf(refreshToken) {
      const token = parseRefreshToken(refreshToken)
      const { refresh } = await ports.keys()
      return token && isGenuineRefresh(refresh, token) ? token.sessionId : null
    },

    async isKnown(thumbprint) {
      return (await records.devices.pointer(thumbprint)).record !== null
    },

    async renew(by, address) {
      await ports.requireSteadyClock()
      const keys = await ports.keys()
      const token = by.by === 'secret' ? parseRefreshToken(by.refreshToken) : null
      // Told by itself: what is forged costs no call of the store, and is as one of no session.
      if (by.by === 'secret' && !(token && isGenuineRefresh(keys.refresh, token)))
        throw new PairError('session_invalid', { reason: 'not a refresh token of ours' })
      const renewed = await decide(space, async (): Promise<Plan<Authorized | 'reused'>> => {
        const now = clock()
        const { id, pointer } = await find(by, token)
        if (id === null)
          throw new PairError('session_invalid', { reason: 'no session is known by that key' })
        const standpoint = await records.sessions.standpoint(id)
        const { judge, checks, session: slot } = standpoint
        // First of all: how a session stands is told to its own device alone, not to whoever knows its id.
        if (slot.record === null)
          throw new PairError('session_invalid', { reason: 'there is no such session' })
        const asked = judgeRenewal(slot.record, by)
        if (!asked.ok)
          throw new PairError('session_invalid', { reason: `it is of another ${asked.why}` })
        const standing = judge(now)
        if (!standing.ok) throw new PairError(`session_${standing.reason}`)
        const { grant, device } = standing
        const { renewal } = standing.session
        const actor: Actor = {
          kind: 'session',
          sessionId: id,
          deviceId: device.id,
          ...(address === undefined ? {} : { address }),
        }
        const judged =
          token && renewal.by === 'secret'
            ? judgeRefresh(renewal, token.generation, settings.graceMs, now)
            : null
        if (judged?.ok === false) {
          if (judged.reason === 'unknown')
            throw new PairError('session_invalid', { reason: 'a refresh token of no generation' })
          const noted = { ...standing.session, renewal: judged.renewal }
          return {
            answer: 'reused',
            change: reused(standpoint, noted, judged.isNew, actor, now),
          }
        }
        const { subject, scopes } = grant
        const { label } = device
        const { thumbprint } = standing.session
        const told = { sessionId: id, deviceId: device.id, label, thumbprint, subject, scopes }
        await ports.askPolicy('renew', { ...told, address: address ?? null })
        // Once more within the grace window nothing moves.
        const isRepeat = judged?.rotated === false
        const extended = isRepeat ? standing.session : extend(standing.session, now)
        const session: Session = judged?.rotated
          ? { ...extended, renewal: judged.renewal }
          : extended
        const purgeAt = keepUntil(session, KEEP_AFTER_END_MS)
        const moved = extended !== standing.session
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
            credential: await signCredential(keys, session, {
              subject: grant.subject,
              accessMs: settings.accessMs,
              jti: toBase64Url(random(16)),
              now,
            }),
            refreshToken: refreshTokenOf(keys, session),
          },
          // Also where nothing is written the checks are made: a revoke in between wins.
          change: {
            checks: [...checks, ...(pointer ? [checkOf(pointer)] : [])],
            writes: [
              // Who renewed has used it, in the same step: nobody is answered again with what replaces it.
              ...(!isRepeat && isRepeatable(session.createdAt, now)
                ? [records.presence.put(id, { lastSeenAt: now }, purgeAt)]
                : []),
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
      if (renewed === 'reused')
        throw new PairError('session_invalid', {
          reason: 'a refresh token that was used before: somebody may hold a copy',
        })
      return renewed
    },
  }
}
