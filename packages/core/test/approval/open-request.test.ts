import { describe, expect, test } from 'vitest'
import type { Judged } from '../../src/approval/approval.ts'
import {
  CHANGES_CAP,
  drawOpening,
  openRequest,
  withdraw,
  type Drawn,
  type OpeningFacts,
  type OpeningOutcome,
} from '../../src/approval/opening.ts'
import { MINUTE } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { approvedOf, expiredOf, pendingOf, rejectedOf, WISH, withdrawnOf } from '../kit/requests.ts'

const TIMES = { pendingMs: 10 * MINUTE, collectMs: 5 * MINUTE, coolDownMs: MINUTE }
const NOW = NOON + MINUTE
const DRAWN: Drawn = {
  id: 'apr_new',
  nonce: 'nonce-new',
  matchCode: '654 321',
  claim: { text: 'claim', hash: 'new claim' },
  cookie: { text: 'cookie', hash: 'new cookie' },
  jti: 'jti',
}

const BEFORE = { deviceId: 'dev_now' as const, live: true }

function open(facts: Partial<OpeningFacts>, now = NOW, drawn = DRAWN): OpeningOutcome {
  const all: OpeningFacts = {
    wish: WISH,
    network: 'network-now',
    before: BEFORE,
    epoch: 'epo_now',
    latest: { is: 'unknown' },
    cooling: [],
    ...facts,
  }
  return openRequest(all, drawn, TIMES, now)
}

const FRESH = {
  ...WISH,
  id: 'apr_new',
  nonce: 'nonce-new',
  matchCode: '654 321',
  network: 'network-now',
  before: BEFORE,
  epoch: 'epo_now',
  claimHash: 'new claim',
  cookieHash: 'new cookie',
  requestedAt: NOW,
  changes: 0,
  expiresAt: NOW + 10 * MINUTE,
  state: 'pending',
}

describe('a first request', () => {
  test('APP-04 waits with nothing of an earlier one in it', () => {
    expect(open({})).toEqual({ ok: true, approval: FRESH, how: 'new', replaces: null })
  })

  test('APP-11 of who proved a key has no cookie', () => {
    const keyed = open({}, NOW, { ...DRAWN, cookie: null })
    expect(keyed).toMatchObject({ ok: true, approval: { cookieHash: null } })
  })
})

describe('asking again', () => {
  const pending = pendingOf({ changes: 3 })
  const latest: Judged = { is: 'pending', approval: pending }

  test('APP-07 for the same changes nothing but the claim', () => {
    expect(open({ latest })).toEqual({
      ok: true,
      approval: { ...pending, claimHash: 'new claim' },
      how: 'kept',
      replaces: null,
    })
    const approval = approvedOf()
    expect(open({ latest: { is: 'approved', approval } })).toEqual({
      ok: true,
      approval: { ...approval, claimHash: 'new claim' },
      how: 'kept',
      replaces: null,
    })
  })

  test('APP-09 for the same is answered also where it cools down', () => {
    const cooling = [{ since: NOW, until: NOW + MINUTE }]
    expect(open({ latest, cooling })).toMatchObject({ ok: true, how: 'kept' })
  })

  test('APP-07 for something else is decided anew, in the same place and with the same end', () => {
    const wish = { ...WISH, label: 'Laptop' }
    expect(open({ latest, wish })).toEqual({
      ok: true,
      approval: {
        ...FRESH,
        label: 'Laptop',
        id: pending.id,
        changes: 4,
        expiresAt: pending.expiresAt,
      },
      how: 'changed',
      replaces: null,
    })
  })

  test('APP-09 for something else may be done eight times, then it is over with it', () => {
    const wish = { ...WISH, label: 'Laptop' }
    const after = (changes: number): OpeningOutcome =>
      open({ latest: { is: 'pending', approval: pendingOf({ changes }) }, wish })
    expect(CHANGES_CAP).toBe(8)
    expect(after(7)).toMatchObject({ ok: true, approval: { changes: 8 } })
    expect(after(8)).toEqual({
      ok: false,
      refusal: 'approval_limited',
      retryMs: pending.expiresAt - NOW,
    })
  })

  test.each<[string, Judged, Partial<OpeningFacts>]>([
    [
      'that was approved',
      { is: 'approved', approval: approvedOf() },
      { wish: { ...WISH, label: 'Laptop' } },
    ],
    [
      'with another code',
      { is: 'pending', approval: pendingOf() },
      { wish: { ...WISH, codeId: 'cod_one' } },
    ],
    [
      'of another subject',
      { is: 'pending', approval: pendingOf() },
      { wish: { ...WISH, subject: 'guest' } },
    ],
    [
      'of another subject that was approved',
      { is: 'approved', approval: approvedOf() },
      { wish: { ...WISH, subject: 'guest' } },
    ],
  ])('APP-04 takes the place of one %s, and begins anew', (_, before, facts) => {
    const outcome = open({ latest: before, ...facts })
    expect(outcome).toEqual({
      ok: true,
      approval: { ...FRESH, ...facts.wish },
      how: 'new',
      replaces: 'approval' in before ? before.approval : null,
    })
  })

  test('APP-04 after it ran out begins anew, with no changes counted', () => {
    const latest: Judged = { is: 'over', approval: expiredOf({ changes: 8 }) }
    expect(open({ latest })).toEqual({ ok: true, approval: FRESH, how: 'new', replaces: null })
  })
})

describe('after a rejection', () => {
  const latest: Judged = { is: 'rejected', approval: rejectedOf() }

  test('APP-09 the same key and subject is refused', () => {
    expect(open({ latest })).toEqual({ ok: false, refusal: 'approval_rejected' })
  })

  test('APP-04 another subject starts clean', () => {
    expect(open({ latest, wish: { ...WISH, subject: 'guest' } })).toMatchObject({
      ok: true,
      how: 'new',
      replaces: null,
    })
  })

  test('APP-09 it cools down from its first to its last millisecond', () => {
    const cooling = [{ since: NOW, until: NOW + MINUTE }]
    const at = (now: number): OpeningOutcome => open({ cooling }, now)
    expect(at(NOW)).toEqual({ ok: false, refusal: 'approval_limited', retryMs: MINUTE })
    expect(at(NOW + MINUTE - 1)).toEqual({ ok: false, refusal: 'approval_limited', retryMs: 1 })
    expect(at(NOW + MINUTE).ok).toBe(true)
    expect(at(NOW - 1).ok).toBe(true)
  })

  test('APP-09 of several that cool down the longest counts', () => {
    const cooling = [MINUTE, 3 * MINUTE, 2 * MINUTE].map((ms) => ({ since: NOW, until: NOW + ms }))
    expect(open({ cooling })).toEqual({
      ok: false,
      refusal: 'approval_limited',
      retryMs: 3 * MINUTE,
    })
  })
})

describe('taking it back and asking anew', () => {
  const after = (changes: number, now: number): OpeningOutcome =>
    open({ latest: { is: 'over', approval: withdrawnOf({ changes }) } }, now)
  const turnEnds = NOON + 5 * MINUTE

  test('APP-09 is a change like any other while its turn would have been', () => {
    for (const now of [NOON, turnEnds - 1])
      expect(after(2, now)).toMatchObject({ ok: true, how: 'new', approval: { changes: 3 } })
    for (const now of [NOON - 1, turnEnds])
      expect(after(2, now)).toMatchObject({ ok: true, how: 'new', approval: { changes: 0 } })
  })

  test('APP-09 may be done eight times in a turn', () => {
    expect(after(7, NOON)).toMatchObject({ ok: true, approval: { changes: 8 } })
    expect(after(8, turnEnds - 1)).toEqual({
      ok: false,
      refusal: 'approval_limited',
      retryMs: 1,
    })
    expect(after(8, NOON)).toEqual({
      ok: false,
      refusal: 'approval_limited',
      retryMs: 5 * MINUTE,
    })
    expect(after(8, turnEnds).ok).toBe(true)
  })
})

test('APP-03 what is withdrawn keeps its terms and no stamp of a decision', () => {
  const { decisionId: _a, decidedAt: _b, decidedBy: _c, reason: _d, ...rest } = approvedOf()
  const { granted: _e, collectBy: _f, state: _g, ...terms } = rest
  expect(withdraw(approvedOf(), 'queue', NOW)).toEqual({
    ...terms,
    state: 'withdrawn',
    withdrawnAt: NOW,
    withdrawnBy: 'queue',
  })
})

/** Bytes that no two calls have alike. */
function counting(): (length: number) => Uint8Array {
  let calls = 0
  return (length) => new Uint8Array(length).fill(++calls)
}

test('APP-11 who has no key gets a cookie, and no two parts of a request are drawn alike', () => {
  const drawn = drawOpening(false, counting())
  expect(drawn.id).toMatch(/^apr_[\w-]{22}$/)
  expect(drawn.nonce).toMatch(/^[\w-]{22}$/)
  expect(drawn.jti).toMatch(/^[\w-]{22}$/)
  expect(drawn.matchCode).toMatch(/^\d{3} \d{3}$/)
  const texts = [drawn.id.slice(4), drawn.nonce, drawn.jti, drawn.claim.text, drawn.cookie!.text]
  expect(new Set(texts).size).toBe(5)
  expect(drawOpening(true, counting()).cookie).toBeNull()
})
