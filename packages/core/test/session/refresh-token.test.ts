import { describe, expect, test } from 'vitest'
import {
  FIRST_REFRESH,
  judgeRefresh,
  parseRefreshToken,
  type BySecret,
} from '../../src/session/refresh-token.ts'
import { SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'

const SESSION = `ses_${'A'.repeat(22)}` as const
const SECRET = 'Az09_-'.padEnd(43, 'x')

describe('the text of a refresh token', () => {
  test('SES-08 names session and generation, and holds a secret', () => {
    for (const generation of [1, 10, 999_999_999])
      expect(parseRefreshToken(`${SESSION}.${generation}.${SECRET}`)).toEqual({
        sessionId: SESSION,
        generation,
        secret: SECRET,
      })
  })

  test('SES-03 has one spelling: anything else is none', () => {
    const others = [
      '',
      `${SESSION}.0.${SECRET}`,
      `${SESSION}.01.${SECRET}`,
      `${SESSION}.-1.${SECRET}`,
      `${SESSION}.1000000000.${SECRET}`,
      `${SESSION}..${SECRET}`,
      `${SESSION}.1.${SECRET}x`,
      `${SESSION}.1.${SECRET.slice(1)}`,
      `${SESSION}.1.${SECRET.slice(1)}+`,
      `${SESSION}.1.${SECRET}.`,
      `.1.${SECRET}`,
      ` ${SESSION}.1.${SECRET}`,
      `x.${SESSION}.1.${SECRET}`,
      `${SESSION}.1.${SECRET}\n`,
      `cod_${'A'.repeat(22)}.1.${SECRET}`,
    ]
    for (const text of others) expect(parseRefreshToken(text), text).toBeNull()
  })
})

describe('a genuine refresh token', () => {
  const GRACE = 30 * SECOND
  const renewal: BySecret = { by: 'secret', generation: 5, rotatedAt: NOON, reusedAt: null }
  const judge = (generation: number, now = NOON, over: Partial<BySecret> = {}): unknown =>
    judgeRefresh({ ...renewal, ...over }, generation, GRACE, now)

  test('SES-08 of the last generation turns it over, and forgets that an older one was brought', () => {
    expect(FIRST_REFRESH).toBe(1)
    expect(judge(5, NOON + 1, { reusedAt: NOON })).toEqual({
      ok: true,
      renewal: { by: 'secret', generation: 6, rotatedAt: NOON + 1, reusedAt: null },
      rotated: true,
    })
  })

  test('SES-08 of the one before is answered like it, for half a minute', () => {
    const again = { ok: true, renewal, rotated: false }
    for (const now of [NOON - 15 * SECOND, NOON, NOON + GRACE - 1])
      expect(judge(4, now)).toEqual(again)
    for (const now of [NOON - 15 * SECOND - 1, NOON + GRACE])
      expect(judge(4, now)).toMatchObject({ ok: false, reason: 'reused' })
    expect(judge(4, NOON, { rotatedAt: null })).toMatchObject({ ok: false, reason: 'reused' })
  })

  test('SES-08 of an older one was copied: that is noted once', () => {
    expect(judge(3, NOON + 7)).toEqual({
      ok: false,
      reason: 'reused',
      renewal: { ...renewal, reusedAt: NOON + 7 },
      isNew: true,
    })
    const noted = { reusedAt: NOON }
    expect(judge(3, NOON + 7, noted)).toEqual({
      ok: false,
      reason: 'reused',
      renewal: { ...renewal, ...noted },
      isNew: false,
    })
  })

  test('SES-08 of one that was not handed out yet is unknown', () => {
    expect(judge(6)).toEqual({ ok: false, reason: 'unknown' })
  })
})
