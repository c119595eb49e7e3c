import { describe, expect, test } from 'vitest'
import { digestOf } from '../../src/approval/approval-crypto.ts'
import { coolingOf, judgeTyped, occurrenceOf } from '../../src/approval/decision.ts'
import { isListed, viewApproval } from '../../src/approval/approval-view.ts'
import { drawMatchCode } from '../../src/approval/match-code.ts'
import { networkInQueue } from '../../src/approval/queue.ts'
import { approvalPurgeAt } from '../../src/approval/retention.ts'
import { DAY, HOUR, MINUTE } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import {
  approvedOf,
  collectedOf,
  DECISION,
  expiredOf,
  pendingOf,
  rejectedOf,
  WISH,
  withdrawnOf,
} from '../kit/requests.ts'

describe('the match code', () => {
  const of = (...draws: number[][]): string =>
    drawMatchCode(() => Uint8Array.from(draws.shift() ?? []))

  test('APP-13 is six digits in two groups, with leading zeros', () => {
    expect(of([0, 0, 0])).toBe('000 000')
    expect(of([0, 0x30, 0x39])).toBe('012 345')
    // 999,999 = 0x0f423f; the four highest bits are no part of it
    expect(of([0x0f, 0x42, 0x3f])).toBe('999 999')
    expect(of([0xff, 0x42, 0x3f])).toBe('999 999')
  })

  test('APP-13 is drawn again where the number is a million or more', () => {
    expect(of([0x0f, 0x42, 0x40], [0x0f, 0xff, 0xff], [1, 2, 3])).toBe('066 051')
  })
})

describe('what is typed for a request', () => {
  const deviceGrant = { clientId: 'cli', userCode: 'digest-one', entry: 'approval' } as const

  test('APP-07 counts for the device grant alone, and has to be the very code', () => {
    expect(judgeTyped(pendingOf(), null)).toBe('ok')
    expect(judgeTyped(pendingOf(), ['any'])).toBe('ok')
    const asked = pendingOf({ deviceGrant })
    expect(judgeTyped(asked, null)).toBe('user_code_required')
    expect(judgeTyped(asked, [])).toBe('code_invalid')
    expect(judgeTyped(asked, ['digest-two', 'digest'])).toBe('code_invalid')
    expect(judgeTyped(asked, ['digest-two', 'digest-one'])).toBe('ok')
  })

  test('APP-07 is covered by the digest, and no digest of another request is moved by it', () => {
    const of = (terms: Parameters<typeof pendingOf>[0]): string =>
      digestOf({ instance: 'abcdefgh' }, pendingOf(terms))
    const digests = [
      of({}),
      of({ deviceGrant }),
      of({ deviceGrant: { ...deviceGrant, clientId: 'other' } }),
      of({ deviceGrant: { ...deviceGrant, userCode: 'digest-two' } }),
      of({ deviceGrant: { ...deviceGrant, entry: 'code+approval' } }),
    ]
    expect(new Set(digests).size).toBe(digests.length)
  })
})

describe('what is shown of a request', () => {
  const shown = {
    ...WISH,
    id: 'apr_one',
    clientId: null,
    digest: 'digest',
    matchCode: '123 456',
    requestedAt: NOON,
  }

  test('APP-12 one that waits has no decision', () => {
    expect(viewApproval(pendingOf(), 'digest')).toEqual({
      ...shown,
      state: 'pending',
      expiresAt: NOON + 10 * MINUTE,
      decision: null,
    })
  })

  test('APP-12 one that was decided tells by whom, when, why and with which scopes', () => {
    const { decidedAt: at, decidedBy: by, reason } = DECISION
    expect(viewApproval(approvedOf(), 'digest')).toEqual({
      ...shown,
      state: 'approved',
      expiresAt: NOON + 6 * MINUTE,
      decision: { at, by, reason, scopes: ['notes:read'] },
    })
    expect(viewApproval(collectedOf(), 'digest')).toEqual({
      ...shown,
      state: 'collected',
      expiresAt: null,
      decision: { at, by, reason, scopes: ['notes:read'] },
    })
    expect(viewApproval(rejectedOf(), 'digest')).toEqual({
      ...shown,
      state: 'rejected',
      expiresAt: null,
      decision: { at, by, reason, scopes: null },
    })
  })

  test('APP-12 lists show what may be decided, collected or forgotten', () => {
    expect(isListed({ is: 'pending', approval: pendingOf() })).toBe(true)
    expect(isListed({ is: 'approved', approval: approvedOf() })).toBe(true)
    expect(isListed({ is: 'rejected', approval: rejectedOf() })).toBe(true)
    expect(isListed({ is: 'collected', approval: collectedOf() })).toBe(false)
    expect(isListed({ is: 'over', approval: pendingOf() })).toBe(false)
    expect(isListed({ is: 'unknown' })).toBe(false)
  })
})

test('APP-09 after a rejection the code cools down, or the network of who had none', () => {
  expect(coolingOf(pendingOf())).toEqual({ network: '192.0.2.7' })
  expect(coolingOf(pendingOf({ codeId: 'cod_one' }))).toEqual({ codeId: 'cod_one' })
})

test('APP-09 those whose network can not be told share one in the queue', () => {
  expect(networkInQueue({ network: '192.0.2.7', folded: false })).toBe('192.0.2.7')
  expect(networkInQueue({ network: '192.0.2.7', folded: true })).toBe('shared')
})

test('APP-12 the journal names request, code and label, and what else there is to say', () => {
  const told = {
    type: 'approval.approved',
    at: NOON,
    actor: { kind: 'server' },
    approvalId: 'apr_one',
  }
  const tell = (codeId: 'cod_one' | null, detail?: { scopes: string[] }): unknown =>
    occurrenceOf('approval.approved', pendingOf({ codeId }), { kind: 'server' }, NOON, detail)
  expect(tell(null)).toEqual({ ...told, detail: { label: 'Phone' } })
  expect(tell('cod_one', { scopes: ['notes:read'] })).toEqual({
    ...told,
    codeId: 'cod_one',
    detail: { label: 'Phone', scopes: ['notes:read'] },
  })
})

describe('APP-10 a request is kept', () => {
  const until = NOON + 10 * MINUTE
  test.each([
    ['while it waits, and an hour', pendingOf(), until + HOUR],
    [
      'while it may be collected, and an hour',
      { ...approvedOf(), collectBy: until + 1 },
      until + 1 + HOUR,
    ],
    ['at least as long as it would have waited', approvedOf(), until + HOUR],
    [
      'an hour after it was collected',
      { ...collectedOf(), collectedAt: until + 2 },
      until + 2 + HOUR,
    ],
    ['an hour after it ran out', { ...expiredOf(), expiredAt: until + 3 }, until + 3 + HOUR],
    [
      'an hour after it was withdrawn',
      { ...withdrawnOf(), withdrawnAt: until + 4 },
      until + 4 + HOUR,
    ],
    [
      'thirty days and an hour after it was rejected',
      rejectedOf(),
      NOON + MINUTE + 30 * DAY + HOUR,
    ],
  ])('APP-10 %s', (_, approval, purgeAt) => {
    expect(approvalPurgeAt(approval)).toBe(purgeAt)
  })
})
