import { fixedClock } from '@pair/testkit/app'
import { JOURNAL } from '../../src/audit/audit-records.ts'
import type { Wish } from '../../src/approval/approval.ts'
import type { Opened } from '../../src/approval/opening-records.ts'
import { drawOpening } from '../../src/approval/opening.ts'
import { checkOptions } from '../../src/options.ts'
import { createRecords, type Records } from '../../src/records.ts'
import { FIRST_EPOCH } from '../../src/revocation/epoch.ts'
import { createChangeFeed } from '../../src/storage/change-feed.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createSpace, type Change, type Space } from '../../src/storage/space.ts'
import { MINUTE } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { WISH } from '../kit/requests.ts'
import { SECRET } from '../kit/server.ts'

/** How long a request may wait, be collected, and hold others up. */
export const TIMES = { pendingMs: 10 * MINUTE, collectMs: 5 * MINUTE, coolDownMs: 10 * MINUTE }
export const REQUESTER = { kind: 'newcomer', address: '192.0.2.7' } as const

/** One that was opened. */
export type Made = Extract<Opened, { ok: true }>

/** Where requests are opened one by one, and what each comes to is looked at. */
export interface Desk {
  space: Space
  records: Records
  /** What a wish meets; nothing is written. */
  ask(wish?: Partial<Wish>, at?: { network?: string; now?: number }): Promise<Opened>
  /** The same, written. */
  enter(wish?: Partial<Wish>, at?: { network?: string; now?: number }): Promise<Made>
}

export function createDesk(): Desk {
  const clock = fixedClock(NOON)
  const store = memoryStore({ clock })
  const timers = { elapsed: () => 0, after: () => () => {}, hold: () => () => {} }
  const ports = { store, namespace: 'pair', timers, deadlineMs: 2_000 }
  let attempt = 0
  const space = createSpace({
    ...ports,
    feed: createChangeFeed({ ...ports, stream: JOURNAL }),
    clock,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    newAttempt: () => String(++attempt),
    chance: () => 0,
  })
  const records = createRecords(space, checkOptions({ secret: SECRET, store }))
  const desk: Desk = {
    space,
    records,
    async ask(wanted = {}, { network = '192.0.2.7', now = NOON } = {}) {
      const wish = { ...WISH, ...wanted }
      const found = await records.pairings.acquaintance(wish.thumbprint)
      const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
      const drawn = drawOpening(wish.thumbprint !== null, random)
      const input = { wish, network, epoch: FIRST_EPOCH, found, drawn, actor: REQUESTER }
      return records.openings.open(input, TIMES, now)
    },
    async enter(wanted, at) {
      const opened = await desk.ask(wanted, at)
      if (!opened.ok) throw new Error(opened.refusal)
      if (!(await space.commit(opened.change))) throw new Error('lost')
      return opened
    },
  }
  return desk
}

export const keyOf = (n: number): string => String(n).repeat(43).slice(0, 43)
/** The first two parts of each key. */
export const keysOf = (change: Change, part: 'checks' | 'writes'): string[] =>
  change[part].map(({ key }) => key.slice(0, 2).join('/'))
/** Type, actor and detail of each event. */
export const told = (change: Change): unknown[] =>
  change.journal.map(({ value }) => {
    const { type, actor, detail } = JSON.parse(value) as Record<string, unknown>
    return [type, actor, detail]
  })
/** The record of that id which is written. */
export const writtenOf = (change: Change, id: string): unknown =>
  change.writes.find(({ key }) => key[1] === id)?.record
/** What the event of that wish tells. */
export const says = (wish: Partial<Wish> = {}): object => {
  const { label, kind, scopes } = { ...WISH, ...wish }
  return { label, kind, scopes }
}
