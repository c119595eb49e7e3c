import { describe, expect, test } from 'vitest'
import type { Approval } from '../../src/approval/approval.ts'
import type { Records } from '../../src/records.ts'
import { MINUTE } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { DECISION } from '../kit/requests.ts'
import {
  createDesk,
  keyOf,
  keysOf,
  REQUESTER,
  says,
  TIMES,
  told,
  writtenOf,
  type Desk,
  type Made,
} from './opening-desk.ts'

const HALF = TIMES.pendingMs / 2

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
