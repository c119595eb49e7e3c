import * as z from 'zod/mini'
import type { Actor } from '../audit/event.ts'
import type { ApprovalId, CodeId, DeviceId, EpochId, SessionId, Thumbprint } from '../ids.ts'
import type { Attempt } from '../limit/attempt-records.ts'
import type { Key } from '../ports/store.ts'
import { Duration, Id, Instant, KeyThumbprint } from '../storage/fields.ts'
import { listGroups, type GroupPage } from '../storage/group-list.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import type { RecordWrite, Slot, Space } from '../storage/space.ts'
import { unionOfStates } from '../storage/states.ts'
import { HOUR, type Millis } from '../time.ts'
import type { Approval } from './approval.ts'
import { approvalPurgeAt } from './retention.ts'
import type { Queue } from './queue.ts'

const terms = {
  id: Id<ApprovalId>('apr'),
  label: z.string(),
  kind: z.enum(['browser', 'app', 'agent']),
  thumbprint: z.nullable(KeyThumbprint),
  origin: z.nullable(z.string()),
  address: z.nullable(z.string()),
  transport: z.enum(['cookie', 'bearer', 'dpop']),
  subject: z.string(),
  scopes: z.array(z.string()),
  data: z.unknown(),
  life: z.object({ slidingMs: z.nullable(Duration), absoluteMs: z.nullable(Duration) }),
  codeId: z.nullable(Id<CodeId>('cod')),
  deviceGrant: z.optional(
    z.object({
      clientId: z.string(),
      userCode: z.string(),
      entry: z.enum(['approval', 'code+approval']),
    }),
  ),
  nonce: z.string(),
  matchCode: z.string(),
  network: z.string(),
  before: z.object({ deviceId: z.nullable(Id<DeviceId>('dev')), live: z.boolean() }),
  epoch: Id<EpochId>('epo'),
  claimHash: z.string(),
  cookieHash: z.nullable(z.string()),
  requestedAt: Instant,
  changes: z.number(),
  expiresAt: Instant,
}

const decision = {
  decisionId: z.string(),
  decidedAt: Instant,
  decidedBy: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('session'),
      sessionId: Id<SessionId>('ses'),
      deviceId: Id<DeviceId>('dev'),
      address: z.optional(z.string()),
    }),
    z.object({
      kind: z.enum(['operator', 'newcomer', 'server']),
      address: z.optional(z.string()),
    }),
  ]) as unknown as z.ZodMiniType<Actor>,
  reason: z.nullable(z.string()),
}
const granted = z.array(z.string())

export const APPROVAL: RecordKind<Approval> = {
  name: 'approval',
  schema: unionOfStates<Approval>(terms, {
    pending: {},
    approved: { ...decision, granted, collectBy: Instant },
    collected: {
      ...decision,
      granted,
      collectedAt: Instant,
      deviceId: Id<DeviceId>('dev'),
      sessionId: Id<SessionId>('ses'),
    },
    rejected: decision,
    expired: { expiredAt: Instant },
    withdrawn: { withdrawnAt: Instant, withdrawnBy: z.enum(['requester', 'queue']) },
  }),
}

/** Which request is the latest of a key. */
export const APPROVAL_POINTER: RecordKind<{ approvalId: ApprovalId }> = {
  name: 'approval-key',
  schema: z.object({ approvalId: Id<ApprovalId>('apr') }),
}

/** Which request shows that user code. */
export const USER_CODE: RecordKind<{ approvalId: ApprovalId }> = {
  name: 'user-code',
  schema: z.object({ approvalId: Id<ApprovalId>('apr') }),
}

export const QUEUE: RecordKind<Queue> = {
  name: 'approval-queue',
  schema: z.object({
    places: z.array(
      z.object({
        id: Id<ApprovalId>('apr'),
        thumbprint: z.nullable(KeyThumbprint),
        network: z.string(),
        holdsCode: z.boolean(),
        since: Instant,
        expiresAt: Instant,
      }),
    ),
  }),
}

/** Nobody asks again from there for a while, after somebody was turned away. */
export interface CoolDown {
  /** One a rejection: forgetting one leaves the others. */
  runs: { approvalId: ApprovalId; since: Millis; until: Millis }[]
}

export const COOL_DOWN: RecordKind<CoolDown> = {
  name: 'cool-down',
  schema: z.object({
    runs: z.array(z.object({ approvalId: Id<ApprovalId>('apr'), since: Instant, until: Instant })),
  }),
}

/** What cools down: a network for those without a code, or a code. */
export type Cooling = { network: string } | { codeId: CodeId }

export interface ApprovalRecords {
  read(id: ApprovalId): Promise<Slot<Approval>>
  put(approval: Approval): RecordWrite
  /** It is forgotten: the place of the record that says nothing. */
  remove(slot: Slot<Approval>, now: Millis): RecordWrite
  list(after: ApprovalId | null, limit: number): Promise<GroupPage<Approval>>
  pointer(thumbprint: Thumbprint): Promise<Slot<{ approvalId: ApprovalId }>>
  /** Its key finds it from now on, where it has one. */
  point(approval: Approval): RecordWrite[]
  /**
   * The request whose user code was typed, by its digest under each key that counts; nobody asks who was not counted. What is
   * unknown has the id of none, which is looked for like any other.
   */
  findTyped(attempt: Attempt, digests: readonly string[]): Promise<ApprovalId>
  /** Its user code finds it from now on, where it has one. */
  pointTyped(approval: Approval): RecordWrite[]
  queue(): Promise<Slot<Queue>>
  putQueue(queue: Queue): RecordWrite
  coolDown(what: Cooling): Promise<Slot<CoolDown>>
  putCoolDown(what: Cooling, coolDown: CoolDown): RecordWrite
}

const NO_APPROVAL: ApprovalId = 'apr_none'

export function createApprovalRecords(space: Space): ApprovalRecords {
  const key = (id: ApprovalId): Key => ['approval', id, 'record']
  const pointerKey = (thumbprint: Thumbprint): Key => ['approval-key', thumbprint, 'approval']
  const typedKey = (digest: string): Key => ['user-code', digest, 'approval']
  const queueKey: Key = ['approval-queue']
  const coolKey = (what: Cooling): Key =>
    'network' in what ? ['cool-down', 'network', what.network] : ['cool-down', 'code', what.codeId]
  return {
    read: (id) => space.read(APPROVAL, key(id)),
    put: (approval) => ({
      key: key(approval.id),
      kind: APPROVAL.name,
      record: approval,
      purgeAt: approvalPurgeAt(approval),
    }),
    remove: (slot, now) => ({
      key: slot.key,
      kind: APPROVAL.name,
      record: null,
      purgeAt: now + HOUR,
    }),
    list: (after, limit) => listGroups(space, APPROVAL, 'approval', after, limit),
    pointer: (thumbprint) => space.read(APPROVAL_POINTER, pointerKey(thumbprint)),
    point: (approval) =>
      approval.thumbprint === null
        ? []
        : [
            {
              key: pointerKey(approval.thumbprint),
              kind: APPROVAL_POINTER.name,
              record: { approvalId: approval.id },
              purgeAt: approvalPurgeAt(approval),
            },
          ],
    async findTyped(_attempt, digests) {
      const found = await Promise.all(
        digests.map((digest) => space.read(USER_CODE, typedKey(digest))),
      )
      return found.find(({ record }) => record !== null)?.record?.approvalId ?? NO_APPROVAL
    },
    pointTyped: (approval) =>
      approval.deviceGrant === undefined
        ? []
        : [
            {
              key: typedKey(approval.deviceGrant.userCode),
              kind: USER_CODE.name,
              record: { approvalId: approval.id },
              purgeAt: approvalPurgeAt(approval),
            },
          ],
    queue: () => space.read(QUEUE, queueKey),
    putQueue: (queue) => ({
      key: queueKey,
      kind: QUEUE.name,
      record: queue,
      purgeAt: Math.max(...queue.places.map(({ expiresAt }) => expiresAt)) + HOUR,
    }),
    coolDown: (what) => space.read(COOL_DOWN, coolKey(what)),
    putCoolDown: (what, coolDown) => ({
      key: coolKey(what),
      kind: COOL_DOWN.name,
      record: coolDown,
      purgeAt: Math.max(0, ...coolDown.runs.map(({ until }) => until)) + HOUR,
    }),
  }
}
