import { describe, expect, test } from 'vitest'
import type { Code, CodeFacts } from '../../src/bootstrap/code.ts'
import {
  followOnce,
  isRepeat,
  judgeRepeat,
  judgeReuse,
  redeemerName,
  REPEAT_MS,
  saysMore,
  type ReuseOutcome,
} from '../../src/bootstrap/redemption.ts'
import { SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { codeOf, deviceOf, grantOf, redeemedOf, sessionOf } from '../kit/sessions.ts'

const REDEMPTION = { sessionId: 'ses_one', at: NOON } as const

test('CODE-12 who redeemed is known by his key, else by the name that he gave', () => {
  expect(redeemerName('key', 'hash')).toBe('key')
  expect(redeemerName(null, 'hash')).toBe('hash')
  expect(redeemerName(null, null)).toBeNull()
})

test('CODE-12 the same redemption is one of the same minute, by whatever clock', () => {
  expect(REPEAT_MS).toBe(60 * SECOND)
  const at = (now: number): boolean => isRepeat(REDEMPTION, now)
  expect([at(NOON), at(NOON + REPEAT_MS - 1), at(NOON + REPEAT_MS)]).toEqual([true, true, false])
  expect([at(NOON - 15 * SECOND), at(NOON - 15 * SECOND - 1)]).toEqual([true, false])
  expect(isRepeat(null, NOON)).toBe(false)
})

describe('who redeemed a code', () => {
  const stands = { ok: true, session: sessionOf(), grant: grantOf(), device: deviceOf() } as const
  const first: Parameters<typeof judgeRepeat>[1] = {
    standing: stands,
    isUsed: false,
    thumbprint: 'key',
  }
  const judge = (over: Partial<CodeFacts> = {}, by: Partial<typeof first> = {}): unknown => {
    const facts: CodeFacts = {
      code: redeemedOf(),
      revoked: false,
      epoch: 'epo_one',
      issuerHolds: 'all',
      holds: [],
      own: null,
      ...over,
    }
    return judgeRepeat(facts, { ...first, ...by })
  }
  const refused = (reason: string): object => ({ ok: false, reason })

  test('CODE-12 is answered again with what he got', () => {
    const code = redeemedOf({ boundThumbprint: 'key' })
    expect(judge({ code })).toEqual({
      ok: true,
      code,
      offer: { scopes: ['notes:read'], boundThumbprint: 'key' },
    })
  })

  test('CODE-12 is not once the code, its issuer or his session is no more', () => {
    expect(judge({ code: null })).toEqual(refused('unknown'))
    expect(judge({ revoked: true })).toEqual(refused('revoked'))
    expect(judge({ epoch: 'epo_two' })).toEqual(refused('revoked'))
    expect(judge({ issuerHolds: null })).toEqual(refused('issuer_gone'))
    expect(judge({}, { standing: { ok: false, reason: 'expired' } })).toEqual(
      refused('used, and its session is expired'),
    )
  })

  test('CODE-12 is not once anything was done with what he got', () => {
    expect(judge({}, { isUsed: true })).toEqual(refused('used, and so is its session'))
  })

  test('CODE-12 is not where somebody else has it', () => {
    expect(judge({}, { thumbprint: 'other' })).toEqual(refused('used by somebody else'))
    const session = sessionOf({ codeId: 'cod_two' })
    expect(judge({}, { standing: { ...stands, session } })).toEqual(
      refused('used by somebody else'),
    )
  })

  test('CODE-15 gets what is left to the issuer, and nothing where that is nothing', () => {
    const grant = grantOf({ scopes: ['notes:read', 'notes:write'] })
    const standing = { ...stands, grant }
    expect(judge({ issuerHolds: ['notes:write'] }, { standing })).toMatchObject({
      ok: true,
      offer: { scopes: ['notes:write'] },
    })
    expect(judge({ issuerHolds: [] })).toEqual(refused('issuer_gone'))
    const none = { ...stands, grant: grantOf({ scopes: [] }) }
    expect(judge({ issuerHolds: [] }, { standing: none })).toMatchObject({ ok: true })
  })

  test('CODE-12 is followed by the session that takes the place of the first', () => {
    const redeemedBy = { sessionId: 'ses_two', thumbprint: 'key' } as const
    expect(followOnce(redeemedOf(), 'ses_one', 'ses_two')).toEqual(redeemedOf({ redeemedBy }))
    expect(followOnce(redeemedOf(), 'ses_three', 'ses_two')).toBeNull()
    expect(followOnce(codeOf(), 'ses_one', 'ses_two')).toBeNull()
  })
})

describe('a code that is brought once more', () => {
  const judge = (
    code: Code | null,
    by: Partial<Parameters<typeof judgeReuse>[1]> = {},
    onReuse: 'audit' | 'end-session' = 'audit',
  ): ReuseOutcome =>
    judgeReuse(code, { thumbprint: 'other', redemption: null, ...by }, onReuse, NOON)

  test('CODE-13 by somebody else is told once', () => {
    const code = redeemedOf()
    const told = { is: 'reused', codeId: 'cod_one', ends: null }
    expect(judge(code)).toEqual({ ...told, code: { ...code, reusedAt: NOON } })
    expect(judge(redeemedOf({ reusedAt: null }))).toMatchObject({ code: { reusedAt: NOON } })
    expect(judge(redeemedOf({ reusedAt: NOON - 1 }))).toEqual({ ...told, code: null })
    const bare = redeemedOf({ redeemedBy: { sessionId: 'ses_one', thumbprint: null } })
    expect(judge(bare, { thumbprint: null })).toMatchObject({ is: 'reused' })
  })

  test('CODE-13 is nothing where it was not used up, or it is his own', () => {
    for (const code of [null, codeOf()]) expect(judge(code)).toEqual({ is: 'nothing' })
    expect(judge(redeemedOf(), { thumbprint: 'key' })).toEqual({ is: 'nothing' })
    expect(judge(redeemedOf(), { redemption: REDEMPTION })).toEqual({ is: 'nothing' })
  })

  test('CODE-13 ends the first session where that is wished, and it is the only one', () => {
    expect(judge(redeemedOf(), {}, 'end-session')).toMatchObject({ ends: 'ses_one' })
    expect(judge(redeemedOf({ uses: 2, used: 2 }), {}, 'end-session')).toMatchObject({ ends: null })
  })

  test('CODE-13 is written where there is anything to say', () => {
    const reused = { is: 'reused', codeId: 'cod_one' } as const
    expect(saysMore({ is: 'nothing' })).toBe(false)
    expect(saysMore({ ...reused, code: null, ends: null })).toBe(false)
    expect(saysMore({ ...reused, code: redeemedOf(), ends: null })).toBe(true)
    expect(saysMore({ ...reused, code: null, ends: 'ses_one' })).toBe(true)
  })
})
