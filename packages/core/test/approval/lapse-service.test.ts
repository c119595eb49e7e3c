import { expect, test } from 'vitest'
import { createLapseService } from '../../src/approval/lapse-service.ts'
import { FIRST_EPOCH } from '../../src/revocation/epoch.ts'
import { MINUTE } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { approvedOf, pendingOf, rejectedOf } from '../kit/requests.ts'
import { keysOf, openServiceDesk, toldOf, writtenOf } from './service-desk.ts'

const ours = { epoch: FIRST_EPOCH } as const
const ID = 'apr_one'

test('APP-09 what nobody decided or collected in time has run out, and is told once', async () => {
  const collectBy = approvedOf().collectBy
  for (const [approval, end] of [
    [pendingOf(ours), NOON + 10 * MINUTE],
    [approvedOf(ours), collectBy],
  ] as const) {
    const desk = openServiceDesk()
    const { announceLapsed } = createLapseService(desk.ports)
    await desk.put(desk.records.approvals.put(approval))
    desk.clock.set(end - 1)
    await announceLapsed()
    expect(desk.commits).toEqual([])
    desk.clock.set(end)
    await announceLapsed()
    await announceLapsed()
    expect(desk.commits).toHaveLength(1)
    const change = desk.commits[0]!
    expect(writtenOf(change, 'approval', ID)).toMatchObject({ state: 'expired', expiredAt: end })
    expect(toldOf(change)).toEqual([
      {
        type: 'approval.expired',
        at: end,
        actor: { kind: 'server' },
        approvalId: ID,
        detail: { label: 'Phone', was: approval.state },
      },
    ])
    // whoever decides or withdraws at that moment comes first or not at all
    expect(keysOf(change, 'checks')).toEqual([`approval/${ID}`])
    expect(await desk.space.commit(change)).toBe(false)
  }
})

test('APP-09 what is decided for good, or of an age that was ended, does not run out', async () => {
  const desk = openServiceDesk()
  await desk.put(
    desk.records.approvals.put(rejectedOf({ ...ours, id: 'apr_two' })),
    desk.records.approvals.put(pendingOf({ epoch: 'epo_before' })),
  )
  desk.clock.advance(20 * MINUTE)
  await createLapseService(desk.ports).announceLapsed()
  expect(desk.commits).toEqual([])
})

test('APP-09 of more than one page of requests all are told', async () => {
  const desk = openServiceDesk()
  const ids = Array.from({ length: 101 }, (_, at) => `apr_${at}` as const)
  await desk.put(...ids.map((id) => desk.records.approvals.put(pendingOf({ ...ours, id }))))
  desk.clock.advance(10 * MINUTE)
  await createLapseService(desk.ports).announceLapsed()
  expect(new Set(desk.commits.map((change) => change.writes[0]!.key[1]))).toEqual(new Set(ids))
})
