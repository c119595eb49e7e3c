import { describe, expect, test } from 'vitest'
import type { Approval } from '../../src/approval/approval.ts'
import type { Change } from '../../src/storage/space.ts'
import { MINUTE } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { DECISION, WISH } from '../kit/requests.ts'
import {
  createDesk,
  keyOf,
  keysOf,
  REQUESTER,
  says,
  TIMES,
  told,
  writtenOf,
  type Made,
} from './opening-desk.ts'

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
