import { OPERATOR, type Actor, type EventType } from '../audit/event.ts'
import { PairError } from '../errors.ts'
import { checkScopeList, narrowScopes } from '../grant/scopes.ts'
import { isId, newId, type SessionId } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import { withWeaker } from '../resource/resource.ts'
import { decide } from '../storage/decide.ts'
import { checkOf } from '../storage/space.ts'
import { viewPresence, type PresenceView } from './presence.ts'
import { KEEP_AFTER_END_MS } from './pairing-records.ts'
import { keepMarkUntil, viewSession, type SessionView } from './session.ts'

export interface SessionItem<S extends string = string> extends SessionView<S> {
  presence: PresenceView
}

export interface SessionsService<S extends string = string> {
  /** Sessions that stand now, in the order of their ids. */
  list(page?: {
    after?: string
    limit?: number
  }): Promise<{ items: SessionItem<S>[]; next: string | null }>
  /** Ends one at once, and all that hangs on it. @throws PairError `not_found` where it doesn't stand any more */
  revoke(id: string, by?: Actor): Promise<void>
  /** Ends every session and unredeemed code but this session. @throws PairError `not_found` */
  revokeOthers(keep: string, by?: Actor): Promise<void>
  /** Ends every session and unredeemed code. */
  revokeAll(by?: Actor): Promise<void>
  /** Leaves a session fewer scopes, at once. @throws PairError `invalid_request`, `not_found` */
  narrow(id: string, scopes: readonly string[], by?: Actor): Promise<void>
}

export interface LogoutService {
  /** A session ends itself. */
  logout(id: SessionId, by: Actor): Promise<void>
}

export function createSessionsService(ports: ServicePorts): SessionsService & LogoutService {
  const { space, records, clock, random, settings } = ports

  /** Writes the marker of a session that stands. Whatever happens to the session meanwhile, the marker holds. */
  async function end(id: string, type: EventType, by: Actor): Promise<void> {
    if (!isId('ses', id)) throw new PairError('not_found')
    await decide(space, async () => {
      const now = clock()
      const { judge, session, marker } = await records.sessions.standpoint(id)
      const standing = judge(now)
      // Whoever logs out twice is logged out.
      if (!standing.ok && type === 'session.ended') return { answer: undefined }
      if (!standing.ok) throw new PairError('not_found')
      const reason = type === 'session.ended' ? 'logout' : 'revoked'
      const keepUntil = keepMarkUntil(session.record, session.purgeAt, now, KEEP_AFTER_END_MS)
      const mark = records.revocations.mark(marker, { at: now, reason }, keepUntil)
      const { deviceId } = standing.session
      const event = records.audit.append({ type, at: now, actor: by, sessionId: id, deviceId })
      return { answer: undefined, change: { ...mark, journal: [event] } }
    })
  }

  return {
    async list({ after, limit = 100 } = {}) {
      const now = clock()
      const { groups, next } = await records.sessions.list(
        (after as SessionId | undefined) ?? null,
        limit,
      )
      const items = await Promise.all(
        groups.map(async ({ slot, revoked }) => {
          if (revoked) return []
          const { id } = slot.record
          const [standpoint, presence] = await Promise.all([
            records.sessions.standpoint(id),
            records.presence.read(id),
          ])
          const standing = standpoint.judge(now)
          if (!standing.ok) return []
          const { session, grant, device } = standing
          return [
            {
              ...viewSession(session, grant, device),
              presence: viewPresence(presence.record, session.createdAt, now),
            },
          ]
        }),
      )
      return { items: items.flat(), next }
    },

    revoke: (id, by = OPERATOR) => end(id, 'session.revoked', by),
    logout: (id, by) => end(id, 'session.ended', by),

    async revokeOthers(keep, by = OPERATOR) {
      if (!isId('ses', keep)) throw new PairError('not_found')
      await decide(space, async () => {
        const now = clock()
        const { judge, checks, session } = await records.sessions.standpoint(keep)
        const standing = judge(now)
        if (!standing.ok) throw new PairError('not_found')
        const epoch = { id: newId('epo', random), since: now }
        return {
          answer: undefined,
          change: {
            checks,
            writes: [
              records.epochs.put(epoch),
              records.sessions.put({ ...standing.session, epoch: epoch.id }, session.purgeAt),
            ],
            journal: [
              records.audit.append({
                type: 'sessions.others_revoked',
                at: now,
                actor: by,
                sessionId: keep,
              }),
            ],
          },
        }
      })
    },

    async revokeAll(by = OPERATOR) {
      await decide(space, async () => {
        const now = clock()
        const epoch = await records.epochs.read()
        return {
          answer: undefined,
          change: {
            checks: [checkOf(epoch)],
            writes: [records.epochs.put({ id: newId('epo', random), since: now })],
            journal: [records.audit.append({ type: 'sessions.all_revoked', at: now, actor: by })],
          },
        }
      })
    },

    async narrow(id, scopes, by = OPERATOR) {
      if (!isId('ses', id)) throw new PairError('not_found')
      const list = checkScopeList(scopes, settings.scopes)
      if (!list.ok)
        throw new PairError('invalid_request', { message: `The list of scopes is ${list.reason}.` })
      await decide(space, async () => {
        const now = clock()
        const { judge, checks, grant } = await records.sessions.standpoint(id)
        const standing = judge(now)
        if (!standing.ok || !grant) throw new PairError('not_found')
        const held = standing.grant.scopes
        const narrowed = narrowScopes(scopes, withWeaker(settings.resources, held))
        if (!narrowed.ok) {
          throw new PairError('invalid_request', {
            message: 'A session can only be narrowed.',
            hint: 'Name scopes that it has; for more, pair the device again.',
          })
        }
        if (held.every((scope) => narrowed.scopes.includes(scope))) return { answer: undefined }
        const { deviceId } = standing.session
        return {
          answer: undefined,
          change: {
            checks,
            writes: [
              records.grants.put({ ...standing.grant, scopes: narrowed.scopes }, grant.purgeAt),
            ],
            journal: [
              records.audit.append({
                type: 'session.narrowed',
                at: now,
                actor: by,
                sessionId: id,
                deviceId,
                detail: { scopes: narrowed.scopes },
              }),
            ],
          },
        }
      })
    },
  }
}
