import * as z from 'zod/mini'
import type { CodeId, DeviceId, EpochId, SessionId } from '../ids.ts'
import type { Check } from '../ports/store.ts'
import type { EpochRecords } from '../revocation/epoch-records.ts'
import type { MarkerSlot, RevocationRecords } from '../revocation/revocation-records.ts'
import type { SessionRecords } from '../session/session-records.ts'
import type { Session } from '../session/session.ts'
import { Duration, Id, Instant, KeyThumbprint } from '../storage/fields.ts'
import { listGroups, type GroupPage } from '../storage/group-list.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import { checkOf, type RecordWrite, type Slot, type Space } from '../storage/space.ts'
import { DAY, type Millis } from '../time.ts'
import { judgeCode, type Code, type UsableOutcome } from './code.ts'

const terms = {
  id: Id<CodeId>('cod'),
  label: z.nullable(z.string()),
  scopes: z.array(z.string()),
  subject: z.string(),
  data: z.unknown(),
  uses: z.nullable(z.number()),
  used: z.number(),
  boundThumbprint: z.nullable(KeyThumbprint),
  issuer: z.nullable(z.object({ sessionId: Id<SessionId>('ses'), deviceId: Id<DeviceId>('dev') })),
  epoch: Id<EpochId>('epo'),
  createdAt: Instant,
  expiresAt: Instant,
  life: z.object({ slidingMs: z.nullable(Duration), absoluteMs: z.nullable(Duration) }),
}

export const CODE: RecordKind<Code> = {
  name: 'code',
  schema: z.discriminatedUnion('state', [
    z.object({ ...terms, state: z.literal('open') }),
    z.object({
      ...terms,
      state: z.literal('redeemed'),
      redeemedAt: Instant,
      redeemedBy: z.object({
        sessionId: Id<SessionId>('ses'),
        thumbprint: z.nullable(KeyThumbprint),
      }),
    }),
    z.object({ ...terms, state: z.literal('expired') }),
  ]) as z.ZodMiniType<Code>,
}

export const LOOKUP: RecordKind<{ codeId: CodeId }> = {
  name: 'code-lookup',
  schema: z.object({ codeId: Id<CodeId>('cod') }),
}

/** The codes of one issuer that may be live, oldest first. */
export interface CodeIndex {
  codes: { id: CodeId; expiresAt: Millis }[]
}

export const INDEX: RecordKind<CodeIndex> = {
  name: 'code-index',
  schema: z.object({ codes: z.array(z.object({ id: Id<CodeId>('cod'), expiresAt: Instant })) }),
}

/** A code with everything that its validity hangs on, read together. */
export interface CodeStandpoint {
  /** May it be redeemed at that moment? */
  usable: UsableOutcome
  /** Put these into the commit of whatever is minted by this code: a change in between makes it lose. */
  checks: Check[]
  marker: MarkerSlot
  /** The session that issued it, where one did that stands. */
  issuer: Session | null
}

export interface CodeRecordsParts {
  epochs: EpochRecords
  revocations: RevocationRecords
  sessions: SessionRecords
}

export interface CodeRecords {
  read(id: CodeId): Promise<Slot<Code>>
  standpoint(id: CodeId, now: Millis): Promise<CodeStandpoint>
  put(code: Code): RecordWrite
  list(after: CodeId | null, limit: number): Promise<GroupPage<Code>>
  lookup(digest: string): Promise<Slot<{ codeId: CodeId }>>
  point(digest: string, code: Code): RecordWrite
  index(issuer: DeviceId | 'operator'): Promise<Slot<CodeIndex>>
  putIndex(slot: Slot<CodeIndex>, index: CodeIndex, purgeAt: Millis): RecordWrite
}

/** Used and expired codes are kept a day longer than they could be valid: a second use is still seen. */
export function codePurgeAt(code: Pick<Code, 'expiresAt'>): Millis {
  return code.expiresAt + DAY
}

export function createCodeRecords(space: Space, parts: CodeRecordsParts): CodeRecords {
  const key = (id: CodeId): string[] => ['code', id, 'record']
  const lookupKey = (digest: string): string[] => ['code-lookup', digest, 'code']
  const read = (id: CodeId): Promise<Slot<Code>> => space.read(CODE, key(id))
  return {
    read,
    async standpoint(id, now) {
      const [epoch, slot, marker] = await Promise.all([
        parts.epochs.read(),
        read(id),
        parts.revocations.read('code', id),
      ])
      const by = slot.record?.issuer
      const issuer = by && (await parts.sessions.standpoint(by.sessionId))
      const standing = issuer?.judge(now)
      const facts = {
        code: slot.record,
        revoked: marker.revoked,
        epoch: epoch.id,
        issuerHolds: !standing ? ('all' as const) : standing.ok ? standing.grant.scopes : null,
      }
      return {
        usable: judgeCode(facts, now),
        checks: [checkOf(epoch), checkOf(slot), checkOf(marker), ...(issuer?.checks ?? [])],
        marker,
        issuer: standing?.ok ? standing.session : null,
      }
    },
    put: (code) => ({
      key: key(code.id),
      kind: CODE.name,
      record: code,
      purgeAt: codePurgeAt(code),
    }),
    list: (after, limit) => listGroups(space, CODE, 'code', after, limit),
    lookup: (digest) => space.read(LOOKUP, lookupKey(digest)),
    point: (digest, code) => ({
      key: lookupKey(digest),
      kind: LOOKUP.name,
      record: { codeId: code.id },
      purgeAt: codePurgeAt(code),
    }),
    index: (issuer) => space.read(INDEX, ['code-index', issuer, 'codes']),
    putIndex: (slot, index, purgeAt) => ({
      key: slot.key,
      kind: INDEX.name,
      record: index,
      purgeAt,
    }),
  }
}
