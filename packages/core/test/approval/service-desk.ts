import { fixedClock, type FixedClock } from '@pair/testkit/app'
import { JOURNAL } from '../../src/audit/audit-records.ts'
import { FIRST_EPOCH } from '../../src/revocation/epoch.ts'
import { checkOptions } from '../../src/options.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import type { Key } from '../../src/ports/store.ts'
import { createRecords, type Records } from '../../src/records.ts'
import type { ServicePorts } from '../../src/service-ports.ts'
import type { Session } from '../../src/session/session.ts'
import { createChangeFeed } from '../../src/storage/change-feed.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createSpace, type Change, type RecordWrite, type Space } from '../../src/storage/space.ts'
import { NOON } from '../kit/clock.ts'
import { keysFrom } from '../kit/keys.ts'
import { SECRET } from '../kit/server.ts'
import { deviceOf, grantOf, sessionOf } from '../kit/sessions.ts'

/** One service by itself, on a store that holds just what the test has put there. */
export interface ServiceDesk {
  clock: FixedClock
  /** As its service has it, but for what that commits: it is not kept. */
  space: Space
  records: Records
  ports: ServicePorts
  /** What the service has committed, or tried to, in order. */
  commits: Change[]
  put(...writes: RecordWrite[]): Promise<void>
  /** Puts a text there that nobody can read. */
  spoil(key: Key): Promise<void>
  /** A session with its device and its grant, where nothing was ever ended at once. */
  pair(session: Partial<Session>, scopes: string[]): Promise<Session>
}

export function openServiceDesk(options: Partial<PairOptions> = {}): ServiceDesk {
  const clock = fixedClock(NOON)
  const store = memoryStore({ clock })
  const timers = { elapsed: () => 0, after: () => () => {}, hold: () => () => {} }
  const common = { store, namespace: 'pair', timers, deadlineMs: 2_000 }
  let attempt = 0
  const space = createSpace({
    ...common,
    feed: createChangeFeed({ ...common, stream: JOURNAL }),
    clock,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    newAttempt: () => String(++attempt),
    chance: () => 0,
  })
  const scopes = ['notes:read', 'notes:write']
  const settings = checkOptions({ secret: SECRET, store, scopes, ...options })
  const records = createRecords(space, settings)
  const keys = keysFrom(SECRET)
  const commits: Change[] = []
  const put = async (...writes: RecordWrite[]): Promise<void> =>
    void (await space.commit({ checks: [], writes, journal: [] }))
  return {
    clock,
    space,
    records,
    commits,
    ports: {
      space: {
        ...space,
        commit: (change) => {
          commits.push(change)
          return space.commit(change)
        },
      },
      records,
      clock,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      keys: async () => keys,
      instance: async () => keys.instance,
      settings,
      requireSteadyClock: async () => {},
      askPolicy: async () => {},
    },
    put,
    async spoil(key) {
      await store.commit([], [{ key: ['pair', ...key], value: 'no record', purgeAt: null }])
    },
    async pair(over, scopes) {
      const session = sessionOf({ epoch: FIRST_EPOCH, thumbprint: 'k'.repeat(43), ...over })
      const { id, deviceId, grantId, thumbprint } = session
      await put(
        records.sessions.put(session, null),
        records.grants.put(grantOf({ id: grantId, deviceId, scopes }), null),
        records.devices.put(deviceOf({ id: deviceId, thumbprint, sessionId: id, grantId }), null),
        ...(thumbprint === null ? [] : [records.devices.point(thumbprint, deviceId, null)]),
      )
      return session
    },
  }
}

/** The keys that a change checks or writes, without what only says that it is the record. */
export function keysOf(change: Change, part: 'checks' | 'writes'): string[] {
  return change[part].map(({ key }) => key.slice(0, 2).join('/'))
}

/** What a change writes under such a key. */
export function writtenOf(change: Change, ...key: string[]): unknown {
  return change.writes.find((write) => key.every((part, at) => write.key[at] === part))?.record
}

/** What a change tells the journal. */
export function toldOf(change: Change): unknown[] {
  return change.journal.map(({ value }) => JSON.parse(value) as unknown)
}

/** What a commit comes to that was refused and is found done. */
export async function undoOf({ undo }: Change): Promise<Change | null> {
  if (typeof undo !== 'function') throw new Error('nothing can be undone')
  return undo()
}
