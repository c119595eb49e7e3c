import { expect, test } from 'vitest'
import { createApprovalsService } from '../../src/approval/approvals-service.ts'
import { FIRST_EPOCH } from '../../src/revocation/epoch.ts'
import { MINUTE } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { approvedOf, collectedOf, rejectedOf } from '../kit/requests.ts'
import { keysOf, openServiceDesk, toldOf } from './service-desk.ts'

const ID = `apr_${'A'.repeat(22)}` as const

test('APP-12 whoever reads the journal sees in which state a request was forgotten', async () => {
  for (const stands of [rejectedOf, approvedOf, collectedOf]) {
    const desk = openServiceDesk()
    desk.clock.advance(2 * MINUTE)
    const approval = stands({ id: ID, epoch: FIRST_EPOCH })
    await desk.put(desk.records.approvals.put(approval))
    await createApprovalsService(desk.ports).forget(ID)
    const [change] = desk.commits
    expect(toldOf(change!)).toEqual([
      {
        type: 'approval.forgotten',
        at: NOON + 2 * MINUTE,
        actor: { kind: 'operator' },
        approvalId: ID,
        detail: { label: 'Phone', state: approval.state },
      },
    ])
    expect(keysOf(change!, 'checks')).toEqual([`approval/${ID}`, 'cool-down/network'])
    // nothing cooled there, and nothing is made to
    expect(keysOf(change!, 'writes')).toEqual([`approval/${ID}`])
  }
})
