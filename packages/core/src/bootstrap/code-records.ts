import * as z from 'zod/mini'
import type { ApprovalRecords } from '../approval/approval-records.ts'
import { beforeOf, holdsCode, type Approval } from '../approval/approval.ts'
import type {
  AgentKeyId,
  ApprovalId,
  CodeId,
  DeviceId,
  EpochId,
  SessionId,
  Thumbprint,
} from '../ids.ts'
import type { Check } from '../ports/store.ts'
import type { Attempt } from '../limit/attempt-records.ts'
import type { EpochRecords, EpochSlot } from '../revocation/epoch-records.ts'
import type { MarkerSlot, RevocationRecords } from '../revocation/revocation-records.ts'
import type { Acquaintance, PairingRecords } from '../session/pairing-records.ts'
import type { Acting, SessionRecords } from '../session/session-records.ts'
import type { Session } from '../session/session.ts'
import { AgentName, Duration, Id, Instant, KeyThumbprint } from '../storage/fields.ts'
import { listGroups, type GroupPage } from '../storage/group-list.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import { checkOf, type RecordWrite, type Slot, type Space } from '../storage/space.ts'
import { unionOfStates } from '../storage/states.ts'
import type { Millis } from '../time.ts'
import type { ParsedCode } from './typed-code.ts'
import { codePurgeAt, judgeCode, type Code, type CodeFacts, type UsableOutcome } from './code.ts'

const terms = {
  id: Id<CodeId>('cod'),
  label: z.nullable(z.string()),
  scopes: z.array(z.string()),
  subject: z.string(),
  data: z.unknown(),
  uses: z.nullable(z.number()),
  used: z.number(),
  holds: z.array(Id<ApprovalId>('apr')),
  boundThumbprint: z.nullable(KeyThumbprint),
  issuer: z.nullable(z.object({ sessionId: Id<SessionId>('ses'), deviceId: Id<DeviceId>('dev') })),
  epoch: Id<EpochId>('epo'),
  createdAt: Instant,
  expiresAt: Instant,
  life: z.object({ slidingMs: z.nullable(Duration), absoluteMs: z.nullable(Duration) }),
  support: z.optional(z.object({ agent: z.nullable(AgentName), keyMs: z.nullable(Duration) })),
}

export const CODE: RecordKind<Code> = {
  name: 'code',
  schema: unionOfStates<Code>(terms, {
    open: {},
    redeemed: {
      redeemedAt: Instant,
      redeemedBy: z.object({
        sessionId: Id<SessionId>('ses'),
        thumbprint: z.nullable(KeyThumbprint),
      }),
      reusedAt: z.optional(z.nullable(Instant)),
    },
    rejected: { rejectedAt: Instant, approvalId: Id<ApprovalId>('apr') },
    expired: {},
    bound: { boundAt: Instant, agentKeyId: Id<AgentKeyId>('agk') },
  }),
}

export const LOOKUP: RecordKind<{ codeId: CodeId }> = {
  name: 'code-lookup',
  schema: z.object({ codeId: Id<CodeId>('cod') }),
}

/** The codes of one issuer, or of all, that may be live, oldest first. */
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
  /** What that was judged by. */
  facts: CodeFacts
  /** Put these into the commit of whatever is minted by this code: a change in between makes it lose. */
  checks: Check[]
  marker: MarkerSlot
  /** The session that issued it, where one did that stands. */
  issuer: Session | null
  epoch: EpochSlot
  /** Those of its holds that count at that moment. */
  holds: ApprovalId[]
  /** That of who asks. */
  own: ApprovalId | null
}

/** Which request that holds a use is asked for: this one, which is known to be live, or that of a key. */
export type CodeAsker = { request: ApprovalId } | { key: Thumbprint }

export interface CodeRecordsParts {
  approvals: ApprovalRecords
  epochs: EpochRecords
  pairings: PairingRecords
  revocations: RevocationRecords
  sessions: SessionRecords
}

export interface CodeRecords {
  read(id: CodeId): Promise<Slot<Code>>
  /** Judged for anybody, or for the one request that holds a use. */
  standpoint(id: CodeId, now: Millis, asker?: CodeAsker | null): Promise<CodeStandpoint>
  put(code: Code): RecordWrite
  list(after: CodeId | null, limit: number): Promise<GroupPage<Code>>
  /**
   * The id of a code that was handed in, by its digest under each key that counts; nobody asks who was not counted. What is unknown has the id of none, which is looked
   * for like any other, so that it takes as long.
   */
  find(attempt: Attempt, digests: readonly string[]): Promise<CodeId>
  point(digest: string, code: Code): RecordWrite
  index(issuer: DeviceId | 'operator' | 'all'): Promise<Slot<CodeIndex>>
  putIndex(slot: Slot<CodeIndex>, codes: CodeIndex['codes']): RecordWrite
}

/** A code that was handed in, counted as a guess. */
export interface CodeTry {
  attempt: Attempt
  code: Exclude<ParsedCode, { form: 'none' }>
}

const NO_CODE: CodeId = 'cod_none'

export function createCodeRecords(space: Space, parts: CodeRecordsParts): CodeRecords {
  const key = (id: CodeId): string[] => ['code', id, 'record']
  const lookupKey = (digest: string): string[] => ['code-lookup', digest, 'code']
  const read = (id: CodeId): Promise<Slot<Code>> => space.read(CODE, key(id))
  /** A request that holds a use, with what stands under its key. */
  const readHolder = async (
    id: ApprovalId,
    now: Millis,
  ): Promise<{ slot: Slot<Approval>; found: Acquaintance; decider: Acting | null }> => {
    const held = await parts.approvals.read(id)
    const { record } = held
    const [found, decider] = await Promise.all([
      parts.pairings.acquaintance(record?.thumbprint ?? null),
      record?.state === 'approved' ? parts.sessions.acting(record.decidedBy, now) : null,
    ])
    return { slot: held, found, decider }
  }
  return {
    read,
    async standpoint(id, now, asker = null) {
      const [epoch, slot, marker] = await Promise.all([
        parts.epochs.read(),
        read(id),
        parts.revocations.read('code', id),
      ])
      const by = slot.record?.issuer
      const ids = slot.record?.holds ?? []
      // Whoever holds a use has it, whatever became of the others.
      const isListed = asker !== null && 'request' in asker && ids.includes(asker.request)
      const [issuer, holders] = await Promise.all([
        by ? parts.sessions.standpoint(by.sessionId) : null,
        Promise.all(isListed ? [] : ids.map((holder) => readHolder(holder, now))),
      ])
      // One that can't be read holds too: a later version may know that it does.
      const held = ids.filter((_, at) => {
        const holder = holders[at]
        if (!holder || holder.decider?.ok === false) return false
        const { record, state } = holder.slot
        return record ? holdsCode(record, id, beforeOf(holder.found), now) : state === 'corrupt'
      })
      const ofKey = holders.find(
        ({ slot: { record } }) =>
          asker !== null &&
          'key' in asker &&
          record?.thumbprint === asker.key &&
          held.includes(record.id),
      )
      const own = isListed ? asker.request : (ofKey?.slot.record?.id ?? null)
      const holds = isListed ? [asker.request] : held
      const standing = issuer?.judge(now)
      const facts: CodeFacts = {
        code: slot.record,
        revoked: marker.revoked,
        epoch: epoch.id,
        issuerHolds: !standing ? ('all' as const) : standing.ok ? standing.grant.scopes : null,
        holds,
        own,
      }
      return {
        usable: judgeCode(facts, now),
        facts,
        checks: [
          ...[epoch, slot, marker].map(checkOf),
          ...holders.flatMap(({ slot: held, found, decider }) => [
            checkOf(held),
            ...found.checks,
            ...(decider?.ok ? decider.checks : []),
          ]),
          ...(issuer?.checks ?? []),
        ],
        marker,
        issuer: standing?.ok ? standing.session : null,
        epoch,
        holds,
        own,
      }
    },
    put: (code) => ({
      key: key(code.id),
      kind: CODE.name,
      record: code,
      purgeAt: codePurgeAt(code),
    }),
    list: (after, limit) => listGroups(space, CODE, 'code', after, limit),
    async find(_attempt, digests) {
      const found = await Promise.all(
        digests.map((digest) => space.read(LOOKUP, lookupKey(digest))),
      )
      return found.find(({ record }) => record !== null)?.record?.codeId ?? NO_CODE
    },
    point: (digest, code) => ({
      key: lookupKey(digest),
      kind: LOOKUP.name,
      record: { codeId: code.id },
      purgeAt: codePurgeAt(code),
    }),
    index: (issuer) => space.read(INDEX, ['code-index', issuer, 'codes']),
    putIndex: ({ key }, codes) => ({
      key,
      kind: INDEX.name,
      record: { codes },
      purgeAt: Math.max(...codes.map(({ expiresAt }) => expiresAt)),
    }),
  }
}
