import * as z from 'zod/mini'
import type { Actor } from '../audit/event.ts'
import type { Grant } from '../grant/grant.ts'
import type { GrantRecords } from '../grant/grant-records.ts'
import type { DeviceRecords } from '../device/device-records.ts'
import type { ApprovalId, CodeId, DeviceId, EpochId, GrantId, SessionId } from '../ids.ts'
import type { Check } from '../ports/store.ts'
import type { EpochRecords } from '../revocation/epoch-records.ts'
import type { MarkerSlot, RevocationRecords } from '../revocation/revocation-records.ts'
import { Duration, Id, Instant, KeyThumbprint } from '../storage/fields.ts'
import { listGroups, type GroupPage } from '../storage/group-list.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import { checkOf, type RecordWrite, type Slot, type Space } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import { epochOf } from '../revocation/epoch.ts'
import type { Session } from './session.ts'
import { judgeStanding, type NoStanding, type Standing } from './standing.ts'

export const SESSION: RecordKind<Session> = {
  name: 'session',
  schema: z
    .object({
      id: Id<SessionId>('ses'),
      epoch: Id<EpochId>('epo'),
      deviceId: Id<DeviceId>('dev'),
      grantId: Id<GrantId>('gra'),
      codeId: z.nullable(Id<CodeId>('cod')),
      approvalId: z.nullable(Id<ApprovalId>('apr')),
      clientId: z.exactOptional(z.string()),
      entry: z.enum(['code', 'approval', 'code+approval', 'owner']),
      transport: z.enum(['cookie', 'bearer', 'dpop']),
      thumbprint: z.nullable(KeyThumbprint),
      createdAt: Instant,
      expiresAt: z.nullable(Instant),
      absoluteAt: z.nullable(Instant),
      slidingMs: z.nullable(Duration),
      renewal: z.discriminatedUnion('by', [
        z.object({ by: z.literal('proof') }),
        z.object({ by: z.literal('cookie') }),
        z.object({
          by: z.literal('secret'),
          generation: z.int().check(z.gte(0)),
          rotatedAt: z.nullable(Instant),
          reusedAt: z.nullable(Instant),
        }),
        z.object({ by: z.literal('nothing') }),
      ]),
    })
    // Without the one the other would be an end that never comes.
    .check(z.refine(({ expiresAt, slidingMs }) => (expiresAt === null) === (slidingMs === null))),
}

/** A session with everything that it hangs on, read together. */
export interface Standpoint {
  judge(now: Millis): Standing
  /** Put these into the commit of whatever is minted by this session: a change in between makes it lose. */
  checks: Check[]
  session: Slot<Session>
  marker: MarkerSlot
  grant: Slot<Grant> | null
}

/** Who does something, and whether he may go on to change who has access. */
export type Acting =
  | { ok: true; session: Session | null; grant: Grant | null; checks: Check[] }
  | { ok: false; reason: NoStanding | 'insufficient_scope' }

export interface SessionRecords {
  /** What has to hold still while this actor changes who has access; an operator hangs on nothing and holds everything: `null`. */
  acting(by: Actor, now: Millis): Promise<Acting>
  read(id: SessionId): Promise<Slot<Session>>
  standpoint(id: SessionId): Promise<Standpoint>
  put(session: Session, purgeAt: Millis | null): RecordWrite
  list(after: SessionId | null, limit: number): Promise<GroupPage<Session>>
}

export interface SessionRecordsParts {
  epochs: EpochRecords
  revocations: RevocationRecords
  grants: GrantRecords
  devices: DeviceRecords
}

export function createSessionRecords(space: Space, parts: SessionRecordsParts): SessionRecords {
  const key = (id: SessionId): string[] => ['session', id, 'record']
  const read = (id: SessionId): Promise<Slot<Session>> => space.read(SESSION, key(id))
  const records: SessionRecords = {
    async acting(by, now) {
      if (by.kind !== 'session') return { ok: true, session: null, grant: null, checks: [] }
      const { judge, checks } = await records.standpoint(by.sessionId)
      const standing = judge(now)
      if (!standing.ok) return standing
      const { session, grant } = standing
      return grant.scopes.includes('access:write')
        ? { ok: true, session, grant, checks }
        : { ok: false, reason: 'insufficient_scope' }
    },
    read,
    async standpoint(id) {
      const [epoch, session, marker] = await Promise.all([
        parts.epochs.read(),
        read(id),
        parts.revocations.read('session', id),
      ])
      const base = { checks: [checkOf(epoch), checkOf(session), checkOf(marker)], session, marker }
      const record = session.record
      if (record === null) return { ...base, grant: null, judge: () => refuse('invalid') }
      const [grant, device, deviceMarker] = await Promise.all([
        parts.grants.read(record.grantId),
        parts.devices.read(record.deviceId),
        parts.revocations.read('device', record.deviceId),
      ])
      return {
        ...base,
        checks: [...base.checks, checkOf(grant), checkOf(device), checkOf(deviceMarker)],
        grant,
        judge: (now) =>
          judgeStanding(
            {
              epoch: epoch.epoch && epochOf(epoch.epoch, record.entry),
              session: record,
              sessionRevoked: marker.revoked,
              grant: grant.record,
              device: device.record,
              deviceRevoked: deviceMarker.revoked,
            },
            now,
          ),
      }
    },
    put: (session, purgeAt) => ({
      key: key(session.id),
      kind: SESSION.name,
      record: session,
      purgeAt,
    }),
    list: (after, limit) => listGroups(space, SESSION, 'session', after, limit),
  }
  return records
}

function refuse(reason: NoStanding): Standing {
  return { ok: false, reason }
}
