import * as z from 'zod/mini'
import type { AgentKeyId, CodeId, DeviceId, EpochId, SessionId } from '../ids.ts'
import type { AuditRecords } from '../audit/audit-records.ts'
import { SERVER } from '../audit/event.ts'
import type { Check, Key } from '../ports/store.ts'
import type { EpochRecords, EpochSlot } from '../revocation/epoch-records.ts'
import type { MarkerSlot, RevocationRecords } from '../revocation/revocation-records.ts'
import { endOf } from '../session/session.ts'
import type { SessionRecords } from '../session/session-records.ts'
import { standsWithin } from '../session/standing.ts'
import { AgentName, Id, Instant, Sha256 } from '../storage/fields.ts'
import { listGroups, type GroupPage } from '../storage/group-list.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import { checkOf, type Change, type RecordWrite, type Slot, type Space } from '../storage/space.ts'
import { unionOfStates } from '../storage/states.ts'
import type { Millis } from '../time.ts'
import {
  endOfKey,
  judgeAgentKey,
  keepKeyUntil,
  type AgentKey,
  type AgentKeyOutcome,
  type AgentRoll,
  type SharedUse,
} from './agent-key.ts'

const terms = {
  id: Id<AgentKeyId>('agk'),
  agent: AgentName,
  label: z.nullable(z.string()),
  scopes: z.array(z.string()),
  hash: Sha256,
  issuer: z.nullable(z.object({ sessionId: Id<SessionId>('ses'), deviceId: Id<DeviceId>('dev') })),
  codeId: z.nullable(Id<CodeId>('cod')),
  predecessor: z.nullable(Id<AgentKeyId>('agk')),
  epoch: Id<EpochId>('epo'),
  createdAt: Instant,
  expiresAt: z.nullable(Instant),
}

export const AGENT_KEY: RecordKind<AgentKey> = {
  name: 'agent-key',
  schema: unionOfStates<AgentKey>(terms, {
    live: {},
    rotated: { rotatedAt: Instant, endsAt: Instant, successor: Id<AgentKeyId>('agk') },
  }),
}

export const AGENT_KEY_LOOKUP: RecordKind<{ keyId: AgentKeyId }> = {
  name: 'agent-key-lookup',
  schema: z.object({ keyId: Id<AgentKeyId>('agk') }),
}

export const AGENT_ROLL: RecordKind<AgentRoll> = {
  name: 'agent-roll',
  schema: z.object({ keys: z.array(Id<AgentKeyId>('agk')) }),
}

export const SHARED_USE: RecordKind<SharedUse> = {
  name: 'agent-shared-use',
  schema: z.object({
    agents: z.array(z.object({ agent: AgentName, firstAt: Instant, lastAt: Instant })),
  }),
}

/** A key with everything that its validity hangs on, read together. */
export interface AgentKeyStandpoint {
  judge(now: Millis): AgentKeyOutcome
  /** It never stands again: not where something can't be read here that another version may know, or the clock fell back. */
  isOver(now: Millis): boolean
  /** Put these into the commit of whatever is made of this key: a change in between makes it lose. */
  checks: Check[]
  slot: Slot<AgentKey>
  marker: MarkerSlot
  /** What its validity hangs on, by id: what is known of it is forgotten where one of these changes. */
  ids: string[]
}

/** The keys of one agent that stand, or may. */
export interface LiveKeys {
  slot: Slot<AgentRoll>
  keys: AgentKeyId[]
}

export interface AgentKeyRecords {
  read(id: AgentKeyId): Promise<Slot<AgentKey>>
  standpoint(id: AgentKeyId, epoch?: EpochSlot): Promise<AgentKeyStandpoint>
  put(key: AgentKey): RecordWrite
  /** The keys of an agent that stand, or may again, and the place where they are listed. */
  live(agent: string, now: Millis): Promise<LiveKeys>
  /** All that is written when a key is made, but for what admitted it. */
  mint(key: AgentKey, others: LiveKeys): Pick<Change, 'checks' | 'writes' | 'undo'> & { own: Key }
  lookup(hash: string): Promise<Slot<{ keyId: AgentKeyId }>>
  /** Whose text has that hash. */
  find(hash: string): Promise<AgentKeyId | null>
  list(after: AgentKeyId | null, limit: number): Promise<GroupPage<AgentKey>>
  roll(agent: string): Promise<Slot<AgentRoll>>
  sharedUse(): Promise<Slot<SharedUse>>
  putSharedUse(use: SharedUse): RecordWrite
}

/** What services of agents are given beside all others. */
export interface AgentMeans {
  agentKeys: AgentKeyRecords
  /** What keys begin with. */
  prefix: string
}

export interface AgentKeyRecordsParts {
  audit: AuditRecords
  epochs: EpochRecords
  revocations: RevocationRecords
  sessions: SessionRecords
}

const SHARED_USE_KEY = ['agent-shared-use']

export function createAgentKeyRecords(space: Space, parts: AgentKeyRecordsParts): AgentKeyRecords {
  const key = (id: AgentKeyId): string[] => ['agent-key', id, 'record']
  const read = (id: AgentKeyId): Promise<Slot<AgentKey>> => space.read(AGENT_KEY, key(id))
  const records: AgentKeyRecords = {
    read,
    async standpoint(id, known) {
      const [epoch, slot, marker] = await Promise.all([
        known ?? parts.epochs.read(),
        read(id),
        parts.revocations.read('agent-key', id),
      ])
      const by = slot.record?.issuer ?? null
      const issuer = by === null ? null : await parts.sessions.standpoint(by.sessionId)
      const grantId = issuer?.grant?.record?.id
      return {
        judge(now) {
          const standing = issuer?.judge(now)
          return judgeAgentKey(
            {
              key: slot.record,
              revoked: marker.revoked,
              epoch: epoch.id,
              issuerHolds: !standing ? 'all' : standing.ok ? standing.grant.scopes : null,
              issuerWithin: standing?.ok ? standsWithin(standing.session) : null,
            },
            now,
          )
        },
        isOver(now) {
          const { record } = slot
          // Without an epoch everything seems to be revoked.
          if (record === null || epoch.id === null) return false
          if (marker.revoked || record.epoch !== epoch.id) return true
          if (now >= (endOfKey(record) ?? Infinity)) return true
          if (issuer === null) return false
          if (issuer.session.record === null) return issuer.session.state !== 'corrupt'
          const standing = issuer.judge(now)
          const isRevoked = !standing.ok && standing.reason === 'revoked'
          return isRevoked || now >= (endOf(issuer.session.record) ?? Infinity)
        },
        checks: [...[epoch, slot, marker].map(checkOf), ...(issuer?.checks ?? [])],
        slot,
        marker,
        ids: [
          'epoch',
          id,
          ...(by === null ? [] : [by.sessionId, by.deviceId]),
          ...(grantId === undefined ? [] : [grantId]),
        ],
      }
    },
    put: (record) => ({
      key: key(record.id),
      kind: AGENT_KEY.name,
      record,
      purgeAt: keepKeyUntil(record),
    }),
    async live(agent, now) {
      const [slot, epoch] = await Promise.all([records.roll(agent), parts.epochs.read()])
      const judged = await Promise.all(
        (slot.record?.keys ?? []).map(async (id) => {
          const { isOver, slot: key, marker } = await records.standpoint(id, epoch)
          // One that can't be read may be live by another version: nobody takes its place.
          const isUnsure = key.state === 'corrupt' && !marker.revoked
          return isUnsure || (key.record !== null && !isOver(now)) ? [id] : []
        }),
      )
      return { slot, keys: judged.flat() }
    },
    mint(made, { slot, keys }) {
      const record = records.put(made)
      const lookup: RecordWrite = {
        key: ['agent-key-lookup', made.hash, 'key'],
        kind: AGENT_KEY_LOOKUP.name,
        record: { keyId: made.id },
        purgeAt: keepKeyUntil(made),
      }
      const roll: RecordWrite = {
        key: slot.key,
        kind: AGENT_ROLL.name,
        record: { keys: [...keys, made.id] },
        purgeAt: null,
      }
      const { revocations, audit } = parts
      const ended = { at: made.createdAt, reason: 'revoked' } as const
      const unmarked = revocations.unmarked('agent-key', made.id)
      return {
        own: record.key,
        checks: [
          checkOf(slot),
          ...[record, lookup].map(({ key: at }) => ({ key: at, version: null })),
        ],
        writes: [record, lookup, roll],
        // whatever stands in its place: a mark is a mark, and one that lost would not be set again
        undo: {
          checks: [],
          writes: revocations.mark(unmarked, ended, keepKeyUntil(made)).writes,
          journal: [
            audit.append({
              type: 'agent_key.revoked',
              at: made.createdAt,
              actor: SERVER,
              agentKeyId: made.id,
              detail: { agent: made.agent },
            }),
          ],
        },
      }
    },
    lookup: (hash) => space.read(AGENT_KEY_LOOKUP, ['agent-key-lookup', hash, 'key']),
    async find(hash) {
      return (await records.lookup(hash)).record?.keyId ?? null
    },
    list: (after, limit) => listGroups(space, AGENT_KEY, 'agent-key', after, limit),
    roll: (agent) => space.read(AGENT_ROLL, ['agent-roll', agent, 'keys']),
    sharedUse: () => space.read(SHARED_USE, SHARED_USE_KEY),
    putSharedUse: (use) => ({
      key: SHARED_USE_KEY,
      kind: SHARED_USE.name,
      record: use,
      purgeAt: null,
    }),
  }
  return records
}
