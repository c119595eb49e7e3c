import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { JOURNAL } from '../../src/audit/audit-records.ts'
import type { Approval, Wish } from '../../src/approval/approval.ts'
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
import { DECISION, WISH } from '../kit/requests.ts'
import { SECRET } from '../kit/server.ts'

const TIMES = { pendingMs: 10 * MINUTE, collectMs: 5 * MINUTE, coolDownMs: 10 * MINUTE }
const HALF = TIMES.pendingMs / 2
const REQUESTER = { kind: 'newcomer', address: '192.0.2.7' } as const

type Made = Extract<Opened, { ok: true }>

interface Desk {
  space: Space
  records: Records
  /** What a wish meets; nothing is written. */
  ask(wish?: Partial<Wish>, at?: { network?: string; now?: number }): Promise<Opened>
  /** The same, written. */
  enter(wish?: Partial<Wish>, at?: { network?: string; now?: number }): Promise<Made>
}

function createDesk(): Desk {
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

const keyOf = (n: number): string => String(n).repeat(43).slice(0, 43)
const keysOf = (change: Change, part: 'checks' | 'writes'): string[] =>
  change[part].map(({ key }) => key.slice(0, 2).join('/'))
const told = (change: Change): unknown[] =>
  change.journal.map(({ value }) => {
    const { type, actor, detail } = JSON.parse(value) as Record<string, unknown>
    return [type, actor, detail]
  })
const writtenOf = (change: Change, id: string): unknown =>
  change.writes.find(({ key }) => key[1] === id)?.record
const says = (wish: Partial<Wish> = {}): object => {
  const { label, kind, scopes } = { ...WISH, ...wish }
  return { label, kind, scopes }
}

describe('what a request comes to in the store', () => {
  test('a new one is its record, its place, its pointer and one event; nothing of it may be there before', async () => {
    const { approval, change } = (await createDesk().ask()) as Made
    const record = ['approval', approval.id, 'record']
    expect(keysOf(change, 'writes')).toEqual([
      `approval/${approval.id}`,
      'approval-queue',
      `approval-key/${WISH.thumbprint}`,
    ])
    expect(keysOf(change, 'checks')).toEqual([
      'cool-down/network',
      `key/${WISH.thumbprint}`,
      `approval-key/${WISH.thumbprint}`,
      'approval-queue',
      `approval/${approval.id}`,
    ])
    expect(change.checks.every(({ version }) => version === null)).toBe(true)
    expect(change.own).toEqual(record)
    expect(writtenOf(change, approval.id)).toBe(approval)
    const queue = change.writes[1]!.record as { places: object[] }
    expect(queue.places).toEqual([
      {
        id: approval.id,
        thumbprint: WISH.thumbprint,
        network: '192.0.2.7',
        holdsCode: false,
        since: NOON,
        expiresAt: NOON + TIMES.pendingMs,
      },
    ])
    expect(told(change)).toEqual([['approval.requested', REQUESTER, says()]])
  })

  test('one without a key has no pointer, and looks for none', async () => {
    const { approval, change } = (await createDesk().ask({ thumbprint: null })) as Made
    expect(keysOf(change, 'writes')).toEqual([`approval/${approval.id}`, 'approval-queue'])
    expect(keysOf(change, 'checks')).toEqual([
      'cool-down/network',
      'approval-queue',
      `approval/${approval.id}`,
    ])
  })

  test('asked again the same has a fresh claim and no more: no place, no event, nothing to take back', async () => {
    const desk = createDesk()
    const first = await desk.enter()
    const { approval, change } = (await desk.ask({}, { now: NOON + MINUTE })) as Made
    expect(approval).toEqual({ ...first.approval, claimHash: approval.claimHash })
    expect(approval.claimHash).not.toBe(first.approval.claimHash)
    expect(keysOf(change, 'writes')).toEqual([`approval/${approval.id}`])
    expect(keysOf(change, 'checks')).toContain(`approval/${approval.id}`)
    expect([change.journal, change.own, change.undo]).toEqual([[], undefined, undefined])
    expect(await desk.space.commit(change)).toBe(true)
    // and the look that it rested on is one time's alone
    expect(await desk.space.commit(change)).toBe(false)
  })

  test('one that is changed keeps its id, its place in the queue and its end, and is told anew', async () => {
    const desk = createDesk()
    const first = await desk.enter()
    await desk.enter({ thumbprint: keyOf(2) }, { network: '192.0.2.9', now: NOON + 1_000 })
    const wish = { label: 'Another phone' }
    const { approval, change } = (await desk.ask(wish, { now: NOON + MINUTE })) as Made
    expect([approval.id, approval.label]).toEqual([first.approval.id, 'Another phone'])
    const { places } = change.writes[1]!.record as { places: { id: string; since: number }[] }
    expect(places.map(({ since }) => since)).toEqual([NOON, NOON + 1_000])
    expect(places[0]!.id).toBe(approval.id)
    expect([change.own, change.undo]).toEqual([undefined, undefined])
    expect(change.checks.filter(({ key }) => key[1] === approval.id)).toHaveLength(1)
    expect(change.checks.find(({ key }) => key[1] === approval.id)?.version).not.toBeNull()
    expect(told(change)).toEqual([['approval.requested', REQUESTER, says(wish)]])
  })

  test('one for another subject takes the place of the one before, which its requester withdrew', async () => {
    const desk = createDesk()
    const first = await desk.enter()
    const { approval, change } = (await desk.ask(
      { subject: 'guest' },
      { now: NOON + MINUTE },
    )) as Made
    expect(approval.id).not.toBe(first.approval.id)
    expect(writtenOf(change, first.approval.id)).toMatchObject({
      state: 'withdrawn',
      withdrawnAt: NOON + MINUTE,
      withdrawnBy: 'requester',
    })
    expect(told(change)).toEqual([
      ['approval.withdrawn', REQUESTER, says()],
      ['approval.requested', REQUESTER, says()],
    ])
    const { places } = change.writes[1]!.record as { places: { id: string }[] }
    expect(places.map(({ id }) => id)).toEqual([approval.id])
    expect(await desk.space.commit(change)).toBe(true)
  })
})

describe('a request that was refused and is found done', () => {
  const undoOf = async ({ change }: Made): Promise<Change | null> =>
    typeof change.undo === 'function' ? change.undo() : null

  test('is taken back by the server, as long as it is the very one that waits', async () => {
    const desk = createDesk()
    const made = await desk.enter()
    const back = await undoOf(made)
    expect(writtenOf(back!, made.approval.id)).toMatchObject({
      state: 'withdrawn',
      withdrawnBy: 'queue',
    })
    expect(told(back!)).toEqual([['approval.displaced', { kind: 'server' }, says()]])
    expect(await desk.space.commit(back!)).toBe(true)
    expect(await undoOf(made)).toBeNull()
    // it rests on what it read
    expect(await desk.space.commit(back!)).toBe(false)
  })

  test('is left alone where it never landed, was asked again, or was decided', async () => {
    const desk = createDesk()
    expect(await undoOf((await desk.ask()) as Made)).toBeNull()
    const again = await desk.enter()
    await desk.enter()
    expect(await undoOf(again)).toBeNull()
    const decided = await desk.enter({ thumbprint: keyOf(3) }, { network: '192.0.2.8' })
    const { state: _, ...terms } = decided.approval as Approval & { state: 'pending' }
    const record: Approval = { ...terms, ...DECISION, state: 'rejected' }
    const writes = [desk.records.approvals.put(record)]
    await desk.space.commit({ checks: [], writes, journal: [] })
    expect(await undoOf(decided)).toBeNull()
  })
})

describe('where there seems to be no room', () => {
  const third = { thumbprint: keyOf(3) }

  async function twoOfOneNetwork(): Promise<{ desk: Desk; oldest: Approval }> {
    const desk = createDesk()
    const { approval } = await desk.enter({ thumbprint: keyOf(1) })
    await desk.enter({ thumbprint: keyOf(2) }, { now: NOON + 1_000 })
    return { desk, oldest: approval }
  }

  test('the oldest has half its time, and whoever comes meanwhile hears how long that is', async () => {
    const { desk } = await twoOfOneNetwork()
    const reason = 'too many requests are waiting'
    for (const now of [NOON + 2_000, NOON + HALF - 1])
      expect(await desk.ask(third, { now })).toEqual({
        ok: false,
        refusal: 'approval_limited',
        retryMs: NOON + HALF - now,
        reason,
      })
    expect(await desk.ask(third, { now: NOON + HALF })).toMatchObject({ ok: true })
  })

  test('it is displaced by the queue, as it stood when it was looked at', async () => {
    const { desk, oldest } = await twoOfOneNetwork()
    const now = NOON + HALF
    const { approval, change } = (await desk.ask(third, { now })) as Made
    expect(writtenOf(change, oldest.id)).toMatchObject({ state: 'withdrawn', withdrawnBy: 'queue' })
    expect(told(change)).toEqual([
      ['approval.displaced', { kind: 'server' }, says()],
      ['approval.requested', REQUESTER, says()],
    ])
    expect(change.checks.find(({ key }) => key[1] === oldest.id)?.version).toMatch(/./)
    const { places } = change.writes[1]!.record as { places: { id: string }[] }
    expect(places.map(({ id }) => id)).not.toContain(oldest.id)
    expect(places.at(-1)!.id).toBe(approval.id)
  })

  test('who was decided or has run out leaves his place to others, and nobody is displaced', async () => {
    const { desk, oldest } = await twoOfOneNetwork()
    const { state: _, ...terms } = oldest as Approval & { state: 'pending' }
    const rejected: Approval = { ...terms, ...DECISION, state: 'rejected' }
    const writes = [desk.records.approvals.put(rejected)]
    await desk.space.commit({ checks: [], writes, journal: [] })
    const { change } = (await desk.ask(third, { now: NOON + 2_000 })) as Made
    expect(told(change).map((event) => (event as unknown[])[0])).toEqual(['approval.requested'])
    const late = NOON + TIMES.pendingMs
    const { change: after } = (await desk.ask(third, { now: late })) as Made
    const { places } = after.writes[1]!.record as { places: { since: number }[] }
    expect(places.map(({ since }) => since)).toEqual([NOON + 1_000, late])
  })

  test('who took his back leaves his place as late as he could have been displaced', async () => {
    const { desk, oldest } = await twoOfOneNetwork()
    const { state: _, ...terms } = oldest as Approval & { state: 'pending' }
    const back = { withdrawnAt: NOON + 2_000, withdrawnBy: 'requester' } as const
    const record: Approval = { ...terms, ...back, state: 'withdrawn' }
    const writes = [desk.records.approvals.put(record)]
    await desk.space.commit({ checks: [], writes, journal: [] })
    expect(await desk.ask(third, { now: NOON + HALF - 1 })).toMatchObject({ ok: false })
    const { change } = (await desk.ask(third, { now: NOON + HALF })) as Made
    expect(told(change).map((event) => (event as unknown[])[0])).toEqual(['approval.requested'])
  })
})

describe('what cools down', () => {
  const runs = [{ approvalId: 'apr_one' as const, since: NOON, until: NOON + 10 * MINUTE }]
  const held = { codeId: 'cod_one' } as const

  async function cooled(what: Parameters<Records['approvals']['coolDown']>[0]): Promise<Desk> {
    const desk = createDesk()
    const writes = [desk.records.approvals.putCoolDown(what, { runs })]
    await desk.space.commit({ checks: [], writes, journal: [] })
    return desk
  }

  test('a network holds up those who come from it without a code, and says why', async () => {
    const desk = await cooled({ network: '192.0.2.7' })
    expect(await desk.ask({}, { now: NOON + MINUTE })).toEqual({
      ok: false,
      refusal: 'approval_limited',
      retryMs: 9 * MINUTE,
      reason: 'rejected a moment ago, or changed too often',
    })
    expect((await desk.ask({}, { network: '192.0.2.8' })).ok).toBe(true)
    expect((await desk.ask(held)).ok).toBe(true)
  })

  test('a code holds up who holds it, wherever he comes from, and nobody else', async () => {
    const desk = await cooled(held)
    expect((await desk.ask(held, { network: '192.0.2.8' })).ok).toBe(false)
    expect((await desk.ask()).ok).toBe(true)
    const other = (await desk.ask({ codeId: 'cod_two' })) as Made
    expect(keysOf(other.change, 'checks')).toContain('cool-down/code')
    const queue = other.change.writes[1]!.record as { places: { holdsCode: boolean }[] }
    expect(queue.places[0]!.holdsCode).toBe(true)
  })

  test('a network that many may share holds up nobody without a code: who was rejected there is anybody', async () => {
    const desk = await cooled({ network: 'shared' })
    expect((await desk.ask({}, { network: 'shared' })).ok).toBe(true)
  })
})
