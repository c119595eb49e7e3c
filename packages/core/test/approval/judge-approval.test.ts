import { describe, expect, test } from 'vitest'
import {
  beforeOf,
  endOfApproval,
  entryOfWish,
  holdsCode,
  judgeApproval,
  mayDecide,
  REJECTED_MS,
  termsOfApproval,
  wishOf,
  type Approval,
  type ApprovalFacts,
  type Judged,
} from '../../src/approval/approval.ts'
import { DAY, MINUTE, SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import {
  approvedOf,
  collectedOf,
  expiredOf,
  pendingOf,
  rejectedOf,
  WISH,
  withdrawnOf,
} from '../kit/requests.ts'

function judged(
  approval: Approval | null,
  now: number,
  facts: Partial<ApprovalFacts> = {},
): Judged {
  const standing: ApprovalFacts = {
    approval,
    epoch: 'epo_one',
    before: { deviceId: null, live: false },
    codeStands: true,
    givenStands: true,
    ...facts,
  }
  return judgeApproval(standing, now)
}

const LATER: [string, Partial<ApprovalFacts>][] = [
  ['its key was paired since', { before: { deviceId: 'dev_one', live: false } }],
  ['its device lives again', { before: { deviceId: null, live: true } }],
  ['its code is gone', { codeStands: false }],
  ['all was revoked', { epoch: 'epo_two' }],
  ['the epoch can not be read', { epoch: null }],
]

describe('where a request stands', () => {
  test('APP-10 nothing is known of one that is not there', () => {
    expect(judged(null, NOON)).toEqual({ is: 'unknown' })
  })

  test('APP-09 it waits until its last millisecond, and not a moment more', () => {
    const approval = pendingOf()
    for (const now of [NOON, approval.expiresAt - 1])
      expect(judged(approval, now)).toEqual({ is: 'pending', approval })
    for (const now of [approval.expiresAt, approval.expiresAt + 1])
      expect(judged(approval, now)).toEqual({ is: 'over', approval })
  })

  test('SEC-06 one from a clock that ran ahead does not wait before its time', () => {
    const approval = pendingOf()
    expect(judged(approval, NOON - 15 * SECOND).is).toBe('pending')
    expect(judged(approval, NOON - 15 * SECOND - 1)).toEqual({ is: 'over', approval })
  })

  test('APP-11 an approved one may be collected until its last millisecond, and not a moment more', () => {
    const approval = approvedOf()
    for (const now of [approval.decidedAt, approval.collectBy - 1])
      expect(judged(approval, now)).toEqual({ is: 'approved', approval })
    expect(judged(approval, approval.collectBy)).toEqual({ is: 'over', approval })
  })

  test('SEC-06 one that was approved by a clock that ran ahead is not collected before its time', () => {
    const approval = approvedOf()
    expect(judged(approval, approval.decidedAt - 15 * SECOND).is).toBe('approved')
    expect(judged(approval, approval.decidedAt - 15 * SECOND - 1).is).toBe('over')
  })

  test.each(LATER)('APP-04 whoever waits is over where %s', (_, facts) => {
    for (const approval of [pendingOf(), approvedOf()])
      expect(judged(approval, NOON + MINUTE, facts)).toEqual({ is: 'over', approval })
  })

  test('APP-08 what was given falls with who gave it, and nobody who waits is held to that', () => {
    const facts = { givenStands: false }
    expect(judged(approvedOf(), NOON + MINUTE, facts).is).toBe('over')
    expect(judged(pendingOf(), NOON + MINUTE, facts).is).toBe('pending')
  })

  test('APP-09 a rejection holds for thirty days, whatever became of code and epoch', () => {
    const approval = rejectedOf()
    expect(REJECTED_MS).toBe(30 * DAY)
    for (const now of [NOON, approval.decidedAt + REJECTED_MS - 1])
      expect(judged(approval, now, { codeStands: false, epoch: null })).toEqual({
        is: 'rejected',
        approval,
      })
    expect(judged(approval, approval.decidedAt + REJECTED_MS)).toEqual({ is: 'over', approval })
  })

  test('APP-04 a rejected key that was paired or revoked since starts clean', () => {
    const approval = rejectedOf()
    for (const before of [
      { deviceId: 'dev_one' as const, live: false },
      { deviceId: null, live: true },
    ])
      expect(judged(approval, NOON + MINUTE, { before })).toEqual({ is: 'over', approval })
  })

  test('APP-03 a collected one stays collected, an expired or withdrawn one is over', () => {
    const collected = collectedOf()
    expect(judged(collected, NOON + DAY, { epoch: null, codeStands: false })).toEqual({
      is: 'collected',
      approval: collected,
    })
    for (const approval of [expiredOf(), withdrawnOf()])
      expect(judged(approval, NOON)).toEqual({ is: 'over', approval })
  })
})

describe('who may decide', () => {
  const approval = pendingOf()

  test('APP-07 only who saw exactly this request', () => {
    expect(mayDecide({ is: 'pending', approval }, 'digest', 'digest')).toEqual({
      ok: true,
      approval,
    })
    expect(mayDecide({ is: 'pending', approval }, 'digest', 'another')).toEqual({
      ok: false,
      refusal: 'approval_changed',
    })
  })

  test('APP-10 nobody decides what is unknown', () => {
    expect(mayDecide({ is: 'unknown' }, 'digest', 'digest')).toEqual({
      ok: false,
      refusal: 'not_found',
    })
  })

  test.each<[string, Judged, string]>([
    ['approved', { is: 'approved', approval: approvedOf() }, 'approved'],
    ['rejected', { is: 'rejected', approval: rejectedOf() }, 'rejected'],
    ['collected', { is: 'collected', approval: collectedOf() }, 'collected'],
    ['withdrawn', { is: 'over', approval: withdrawnOf() }, 'withdrawn'],
    ['rejected long ago', { is: 'over', approval: rejectedOf() }, 'rejected'],
    ['expired', { is: 'over', approval: expiredOf() }, 'expired'],
    ['over and never decided', { is: 'over', approval: pendingOf() }, 'expired'],
    ['over and never collected', { is: 'over', approval: approvedOf() }, 'expired'],
  ])('APP-03 nobody decides again what is %s', (_, is, state) => {
    expect(mayDecide(is, 'digest', 'digest')).toEqual({
      ok: false,
      refusal: 'approval_decided',
      state,
    })
  })
})

describe('a code that a request holds', () => {
  const codeId = 'cod_one'
  const before = { deviceId: null, live: false }

  test('APP-09 is held while it may be approved or collected, and no longer', () => {
    const waiting = pendingOf({ codeId })
    expect(holdsCode(waiting, codeId, before, waiting.expiresAt - 1)).toBe(true)
    expect(holdsCode(waiting, codeId, before, waiting.expiresAt)).toBe(false)
    const approved = approvedOf({ codeId })
    expect(holdsCode(approved, codeId, before, approved.collectBy - 1)).toBe(true)
    expect(holdsCode(approved, codeId, before, approved.collectBy)).toBe(false)
  })

  test('APP-09 is held by nothing that is over', () => {
    const settled = [rejectedOf, collectedOf, expiredOf, withdrawnOf]
    for (const make of settled)
      expect(holdsCode(make({ codeId }), codeId, before, NOON)).toBe(false)
  })

  test('APP-09 is not held by a request with another code, nor by a key that was paired since', () => {
    const waiting = pendingOf({ codeId })
    expect(holdsCode(waiting, 'cod_two', before, NOON)).toBe(false)
    expect(holdsCode(waiting, codeId, { deviceId: 'dev_one', live: false }, NOON)).toBe(false)
    expect(holdsCode(waiting, codeId, { deviceId: null, live: true }, NOON)).toBe(false)
  })
})

describe('what a request is', () => {
  test('APP-03 its end is that of its state, and what is settled has none', () => {
    expect(endOfApproval(pendingOf())).toBe(NOON + 10 * MINUTE)
    expect(endOfApproval(approvedOf())).toBe(NOON + 6 * MINUTE)
    for (const make of [rejectedOf, collectedOf, expiredOf, withdrawnOf])
      expect(endOfApproval(make())).toBeNull()
  })

  test('APP-03 its terms hold no stamp of any state', () => {
    const { state: _, ...terms } = pendingOf()
    for (const make of [pendingOf, approvedOf, rejectedOf, collectedOf, expiredOf, withdrawnOf])
      expect(termsOfApproval(make())).toEqual(terms)
  })

  test('APP-07 its wish is all that was asked for, and nothing else', () => {
    expect(wishOf(pendingOf())).toEqual(WISH)
  })

  test('APP-01 the way in that it asks for is told by its code', () => {
    expect(entryOfWish({ codeId: null })).toBe('approval')
    expect(entryOfWish({ codeId: 'cod_one' })).toBe('code+approval')
  })

  test('APP-04 the incarnation of its key is that of the device that it points to', () => {
    expect(beforeOf({ pointer: null, known: null })).toEqual({ deviceId: null, live: false })
    expect(beforeOf({ pointer: { record: null }, known: null })).toEqual({
      deviceId: null,
      live: false,
    })
    expect(beforeOf({ pointer: { record: { deviceId: 'dev_one' } }, known: {} })).toEqual({
      deviceId: 'dev_one',
      live: true,
    })
  })
})
