import * as z from 'zod/mini'
import type { AuditRecords } from '../audit/audit-records.ts'
import { SERVER, type Actor } from '../audit/event.ts'
import type { Device } from '../device/device.ts'
import type { Grant } from '../grant/grant.ts'
import type { CodeId, SessionId } from '../ids.ts'
import type { RevocationRecords } from '../revocation/revocation-records.ts'
import type { Acquaintance, PairingRecords } from '../session/pairing-records.ts'
import type { PresenceRecords } from '../session/presence-records.ts'
import type { SessionRecords } from '../session/session-records.ts'
import { KEEP_AFTER_END_MS, keepMarkUntil, type Session } from '../session/session.ts'
import type { Standing } from '../session/standing.ts'
import type { Plan } from '../storage/decide.ts'
import { Id, Instant } from '../storage/fields.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import { checkOf, type Change, type Slot, type Space } from '../storage/space.ts'
import { DAY, type Millis } from '../time.ts'
import type { CodeRecords } from './code-records.ts'
import type { Code } from './code.ts'
import { judgeReuse, REPEAT_MS, type Redemption } from './redemption.ts'

export const REDEMPTION: RecordKind<Redemption> = {
  name: 'redemption',
  schema: z.object({ sessionId: Id<SessionId>('ses'), at: Instant }),
}

/** What a redeemer got the first time, with all that this hangs on. */
export interface FirstTime {
  standing: Standing
  isUsed: boolean
  /** What a pairing finds that takes its place. */
  found: Acquaintance
}

/** A redemption as it is to be written. */
export interface Redeemed {
  /** The code as it becomes; `null`: nothing of it changes. */
  code: Code | null
  codeId: CodeId
  /** How long the code is kept. */
  codeUntil: Millis
  found: Acquaintance
  made: { device: Device; grant: Grant; session: Session }
  /** Where it is remembered who redeemed; `null`: nowhere. */
  slot: Slot<Redemption> | null
  /** When he did so for the first time; `null`: now. */
  repeats: Millis | null
  actor: Actor
}

/** Somebody who brings a code that was used. */
export interface Bringer {
  codeId: CodeId
  /** As whom he would be known again. */
  name: string | null
  thumbprint: Parameters<typeof judgeReuse>[1]['thumbprint']
  actor: Actor
}

export interface RedemptionRecords {
  /** What is known of who redeems a code by that name; `null`: he has none. */
  read(codeId: CodeId, name: string | null): Promise<Slot<Redemption> | null>
  first(redemption: Redemption, found: Acquaintance, now: Millis): Promise<FirstTime>
  /** All that is written when a code is redeemed, but for what admitted it. */
  change(redeemed: Redeemed): Change
  /** What is kept of a used code that is brought again, where it says something. */
  reuse(by: Bringer, onReuse: 'audit' | 'end-session', now: Millis): Promise<Plan<void>>
}

export interface RedemptionParts {
  audit: AuditRecords
  codes: CodeRecords
  pairings: PairingRecords
  presence: PresenceRecords
  revocations: RevocationRecords
  sessions: SessionRecords
}

export function createRedemptionRecords(space: Space, parts: RedemptionParts): RedemptionRecords {
  const { audit, codes, pairings, presence, revocations, sessions } = parts
  const read = async (codeId: CodeId, name: string | null): Promise<Slot<Redemption> | null> =>
    name === null ? null : space.read(REDEMPTION, ['redemption', codeId, name])
  return {
    read,

    async first({ sessionId }, found, now) {
      const [standpoint, seen] = await Promise.all([
        sessions.standpoint(sessionId),
        presence.read(sessionId),
      ])
      const { session, marker, judge } = standpoint
      const standing = judge(now)
      return {
        standing,
        // Also where that can't be read: somebody was there.
        isUsed: seen.state !== 'absent',
        found: {
          ...found,
          known: standing.ok ? standing.device : null,
          replaced: { session, marker },
          // Who uses it at this very moment makes this lose.
          checks: [...found.checks, ...standpoint.checks, checkOf(seen)],
        },
      }
    },

    change({ code, codeId, codeUntil, found, made, slot, repeats, actor }) {
      const { device, grant, session } = made
      const at = session.createdAt
      const pairing = pairings.write(found, made)
      const { replacedSessionId } = pairing
      const redemption: Redemption = { sessionId: session.id, at: repeats ?? at }
      const event = audit.append({
        type: 'code.redeemed',
        at,
        actor,
        codeId,
        deviceId: device.id,
        sessionId: session.id,
        detail: {
          label: device.label,
          kind: device.kind,
          scopes: grant.scopes,
          transport: session.transport,
          known: found.known !== null,
          ...(replacedSessionId === null ? {} : { replacedSessionId }),
          ...(repeats === null ? {} : { repeat: true }),
        },
      })
      return {
        // Its own place is checked: the same name at once takes one use.
        checks: [...pairing.checks, ...(slot ? [checkOf(slot)] : [])],
        writes: [
          ...(code ? [codes.put(code)] : []),
          ...pairing.writes,
          ...(slot
            ? [
                {
                  key: slot.key,
                  kind: REDEMPTION.name,
                  record: redemption,
                  // As long as the code is seen to be used, he is known for who used it.
                  purgeAt: Math.max(redemption.at + REPEAT_MS + DAY, codeUntil),
                },
              ]
            : []),
        ],
        journal: [event],
        own: pairing.own,
        undo: pairing.undo,
      }
    },

    async reuse({ codeId, name, thumbprint, actor }, onReuse, now) {
      const [slot, redemption] = await Promise.all([codes.read(codeId), read(codeId, name)])
      const by = { thumbprint, redemption: redemption?.record ?? null }
      const reused = judgeReuse(slot.record, by, onReuse, now)
      if (reused.is === 'nothing') return { answer: undefined }
      const { code, ends } = reused
      const [session, marker] =
        ends === null
          ? [null, null]
          : await Promise.all([sessions.read(ends), revocations.read('session', ends)])
      const base = { at: now, codeId }
      // A request without a key is collected by nobody who could be known again: perhaps it is himself.
      const isUnknown = session?.record?.entry === 'code+approval' && !session.record.thumbprint
      const ending =
        session?.record && marker && !marker.revoked && !isUnknown
          ? {
              ...revocations.mark(
                marker,
                { at: now, reason: 'revoked' },
                keepMarkUntil(session.record, session.purgeAt, now, KEEP_AFTER_END_MS),
              ),
              event: audit.append({
                ...base,
                type: 'session.revoked',
                actor: SERVER,
                sessionId: session.record.id,
                deviceId: session.record.deviceId,
              }),
            }
          : null
      if (code === null && ending === null) return { answer: undefined }
      const told = audit.append({
        ...base,
        type: 'code.reused',
        actor,
        ...(session?.record ? { sessionId: session.record.id } : {}),
      })
      return {
        answer: undefined,
        change: {
          checks: [
            checkOf(slot),
            ...(redemption ? [checkOf(redemption)] : []),
            ...(ending?.checks ?? []),
          ],
          writes: [...(code ? [codes.put(code)] : []), ...(ending?.writes ?? [])],
          journal: [...(code ? [told] : []), ...(ending ? [ending.event] : [])],
        },
      }
    },
  }
}
