import { describe, expect, test } from 'vitest'
import { judgeStanding, type Standing, type StandingFacts } from '../../src/session/standing.ts'
import {
  endOf,
  extend,
  keepMarkUntil,
  KEEP_AFTER_END_MS,
  keepUntil,
  lifeFrom,
  lifeUnder,
  viewSession,
  type Session,
} from '../../src/session/session.ts'
import { viewPresence } from '../../src/session/presence.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { deviceOf, grantOf, sessionOf } from '../kit/sessions.ts'

function judge(over: Partial<StandingFacts> = {}, now = NOON): Standing {
  const facts: StandingFacts = {
    epoch: 'epo_one',
    session: sessionOf(),
    sessionRevoked: false,
    grant: grantOf(),
    device: deviceOf(),
    deviceRevoked: false,
    ...over,
  }
  return judgeStanding(facts, now)
}
const refused = (reason: string): object => ({ ok: false, reason })

describe('a session', () => {
  test('SES-05 stands with its grant and its device', () => {
    expect(judge()).toEqual({
      ok: true,
      session: sessionOf(),
      grant: grantOf(),
      device: deviceOf(),
    })
  })

  test('SES-05 stands no more once it, its device or its age is revoked', () => {
    for (const over of [
      { sessionRevoked: true },
      { deviceRevoked: true },
      { epoch: 'epo_two' as const },
      { epoch: null },
    ])
      expect(judge(over)).toEqual(refused('revoked'))
  })

  test('SES-05 does not stand where anything is missing, or is another’s', () => {
    const nothing = { session: null, sessionRevoked: true }
    expect(judge(nothing)).toEqual(refused('invalid'))
    for (const over of [
      { grant: null },
      { device: null },
      { grant: grantOf({ id: 'gra_two' }) },
      { device: deviceOf({ id: 'dev_two' }) },
      { device: deviceOf({ thumbprint: 'another key' }) },
    ])
      expect(judge(over)).toEqual(refused('invalid'))
  })

  test('SES-07 stands until its last millisecond, whichever of its ends comes first', () => {
    const at = (session: Session, now: number): unknown => {
      const standing = judge({ session }, now)
      return standing.ok ? 'stands' : standing.reason
    }
    const brief = sessionOf()
    expect([at(brief, NOON + HOUR - 1), at(brief, NOON + HOUR)]).toEqual(['stands', 'expired'])
    const bounded = sessionOf({ expiresAt: null, slidingMs: null })
    expect([at(bounded, NOON + DAY - 1), at(bounded, NOON + DAY)]).toEqual(['stands', 'expired'])
    const endless = sessionOf({ expiresAt: null, slidingMs: null, absoluteAt: null })
    expect(at(endless, NOON + 1_000 * DAY)).toBe('stands')
    expect(at(endless, Number.NaN)).toBe('expired')
  })

  test('SEC-06 stands only from a day before it was made, or renewed the last time', () => {
    const first = NOON - DAY - 15 * SECOND
    expect(judge({}, first).ok).toBe(true)
    expect(judge({}, first - 1)).toEqual(refused('expired'))
    const renewed = sessionOf({ expiresAt: NOON + 2 * HOUR })
    expect(judge({ session: renewed }, first + HOUR).ok).toBe(true)
    expect(judge({ session: renewed }, first + HOUR - 1)).toEqual(refused('expired'))
    // one that was shortened since began when it was made
    const shorter = sessionOf({ expiresAt: NOON + MINUTE })
    expect(judge({ session: shorter }, first).ok).toBe(true)
    expect(judge({ session: shorter }, first - 1)).toEqual(refused('expired'))
    const endless = sessionOf({ expiresAt: NOON + 2 * HOUR, slidingMs: null })
    expect(judge({ session: endless }, first).ok).toBe(true)
    const bounded = sessionOf({ expiresAt: null })
    expect(judge({ session: bounded }, first).ok).toBe(true)
  })

  test('SES-06 is shown with its device and what it may do', () => {
    const { id: _i, origin: _o, sessionId: _s, grantId: _g, ...device } = deviceOf()
    expect(viewSession(sessionOf(), grantOf(), deviceOf())).toEqual({
      id: 'ses_one',
      subject: 'owner',
      scopes: ['notes:read'],
      transport: 'dpop',
      device: { id: 'dev_one', ...device },
      createdAt: NOON,
      expiresAt: NOON + HOUR,
      data: { room: 1 },
    })
  })
})

describe('how long a session lives', () => {
  test('SES-07 is told by its two ends, each of which it may lack', () => {
    expect(lifeFrom({ slidingMs: HOUR, absoluteMs: DAY }, NOON)).toEqual({
      expiresAt: NOON + HOUR,
      absoluteAt: NOON + DAY,
      slidingMs: HOUR,
    })
    expect(lifeFrom({ slidingMs: null, absoluteMs: null }, NOON)).toEqual({
      expiresAt: null,
      absoluteAt: null,
      slidingMs: null,
    })
    expect(endOf({ expiresAt: 1, absoluteAt: 2 })).toBe(1)
    expect(endOf({ expiresAt: 3, absoluteAt: 2 })).toBe(2)
    expect(endOf({ expiresAt: 3, absoluteAt: null })).toBe(3)
    expect(endOf({ expiresAt: null, absoluteAt: 2 })).toBe(2)
    expect(endOf({ expiresAt: null, absoluteAt: null })).toBeNull()
  })

  const server = { slidingMs: 2 * HOUR, absoluteMs: 2 * DAY }
  const wanted = { slidingMs: 3 * HOUR, absoluteMs: 3 * DAY }

  test('SES-07 is no longer than the life of who let it in, where he is a guest', () => {
    const now = NOON + HOUR
    expect(lifeUnder(sessionOf(), wanted, server, now)).toEqual({
      slidingMs: HOUR,
      absoluteMs: 23 * HOUR,
    })
    expect(lifeUnder(sessionOf(), { slidingMs: MINUTE, absoluteMs: MINUTE }, server, now)).toEqual({
      slidingMs: MINUTE,
      absoluteMs: MINUTE,
    })
    const endless = { slidingMs: null, absoluteMs: null }
    expect(lifeUnder(sessionOf(), endless, endless, now)).toEqual({
      slidingMs: HOUR,
      absoluteMs: 23 * HOUR,
    })
  })

  test('SES-07 is that of the server where he who let it in is no guest', () => {
    const whole = sessionOf({ absoluteAt: NOON + 2 * DAY })
    expect(lifeUnder(whole, wanted, server, NOON + HOUR).absoluteMs).toBe(2 * DAY)
    const less = { slidingMs: null, absoluteMs: DAY }
    expect(lifeUnder(whole, less, server, NOON + HOUR).absoluteMs).toBe(DAY)
    const endless = sessionOf({ absoluteAt: null })
    expect(lifeUnder(endless, wanted, server, NOON + HOUR).absoluteMs).toBe(3 * DAY)
    const brief = sessionOf({ absoluteAt: NOON + 2 * DAY - 1 })
    expect(lifeUnder(brief, wanted, server, NOON)).toMatchObject({ absoluteMs: 2 * DAY - 1 })
  })

  test('SES-07 is extended by a renewal that moves its end by a hundredth, by no less', () => {
    const session = sessionOf()
    expect(extend(session, NOON + HOUR / 100)).toEqual({
      ...session,
      expiresAt: NOON + HOUR + HOUR / 100,
    })
    expect(extend(session, NOON + HOUR / 100 - 1)).toBe(session)
    for (const endless of [sessionOf({ slidingMs: null }), sessionOf({ expiresAt: null })])
      expect(extend(endless, NOON + DAY)).toBe(endless)
  })
})

describe('how long it is kept', () => {
  test('SES-07 a record is, so long after its end that expired can be told from unknown', () => {
    expect(KEEP_AFTER_END_MS).toBe(30 * DAY)
    expect(keepUntil(sessionOf(), 7 * DAY)).toBe(NOON + HOUR + 7 * DAY)
    const endless = sessionOf({ expiresAt: null, absoluteAt: null })
    expect(keepUntil(endless, 7 * DAY)).toBeNull()
  })

  test('SES-05 the mark of a revoke is, longer than what it marks', () => {
    const now = NOON + HOUR
    const least = now + HOUR + 7 * DAY + DAY
    expect(keepMarkUntil(sessionOf(), NOON, now, 7 * DAY)).toBe(least)
    expect(keepMarkUntil(sessionOf(), least + 1, now, 7 * DAY)).toBe(least + 1)
    expect(keepMarkUntil(null, NOON, now, 7 * DAY)).toBe(least - HOUR)
    expect(keepMarkUntil(sessionOf({ slidingMs: null }), NOON, now, 7 * DAY)).toBe(least - HOUR)
    expect(keepMarkUntil(sessionOf(), null, now, 7 * DAY)).toBeNull()
  })
})

test('SES-06 who was seen within a minute and a half is online', () => {
  const seen = { lastSeenAt: NOON }
  expect(viewPresence(seen, 0, NOON + 90 * SECOND - 1)).toEqual({ lastSeenAt: NOON, online: true })
  expect(viewPresence(seen, 0, NOON + 90 * SECOND)).toEqual({ lastSeenAt: NOON, online: false })
  expect(viewPresence(null, NOON - HOUR, NOON)).toEqual({
    lastSeenAt: NOON - HOUR,
    online: false,
  })
})
