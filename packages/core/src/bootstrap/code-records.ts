import * as z from 'zod/mini'
import type { CodeId, DeviceId, EpochId, SessionId } from '../ids.ts'
import { Id, Instant } from '../storage/fields.ts'
import { listGroups, type GroupPage } from '../storage/group-list.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import type { RecordWrite, Slot, Space } from '../storage/space.ts'
import { DAY, type Millis } from '../time.ts'
import type { Code } from './code.ts'

const terms = {
  id: Id<CodeId>('cod'),
  label: z.nullable(z.string()),
  scopes: z.array(z.string()),
  subject: z.string(),
  data: z.unknown(),
  uses: z.nullable(z.number()),
  used: z.number(),
  boundThumbprint: z.nullable(z.string()),
  issuer: z.nullable(z.object({ sessionId: Id<SessionId>('ses'), deviceId: Id<DeviceId>('dev') })),
  epoch: Id<EpochId>('epo'),
  createdAt: Instant,
  expiresAt: Instant,
  life: z.object({ slidingMs: z.nullable(z.number()), absoluteMs: z.nullable(z.number()) }),
}

const CODE: RecordKind<Code> = {
  name: 'code',
  schema: z.discriminatedUnion('state', [
    z.object({ ...terms, state: z.literal('open') }),
    z.object({
      ...terms,
      state: z.literal('redeemed'),
      redeemedAt: Instant,
      redeemedBy: z.object({ sessionId: Id<SessionId>('ses'), thumbprint: z.nullable(z.string()) }),
    }),
    z.object({ ...terms, state: z.literal('expired') }),
  ]) as z.ZodMiniType<Code>,
}

const LOOKUP: RecordKind<{ codeId: CodeId }> = {
  name: 'code-lookup',
  schema: z.object({ codeId: Id<CodeId>('cod') }),
}

/** The codes of one issuer that may be live, oldest first. */
export interface CodeIndex {
  codes: { id: CodeId; expiresAt: Millis }[]
}

const INDEX: RecordKind<CodeIndex> = {
  name: 'code-index',
  schema: z.object({ codes: z.array(z.object({ id: Id<CodeId>('cod'), expiresAt: Instant })) }),
}

export interface CodeRecords {
  read(id: CodeId): Promise<Slot<Code>>
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

export function createCodeRecords(space: Space): CodeRecords {
  const key = (id: CodeId): string[] => ['code', id, 'record']
  const lookupKey = (digest: string): string[] => ['code-lookup', digest, 'code']
  return {
    read: (id) => space.read(CODE, key(id)),
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
