import { describe, expect, test } from 'vitest'
import {
  admit,
  burnOnce,
  holdOnce,
  judgeCode,
  previewCode,
  redeemOnce,
  refuseRedeemer,
  viewCode,
  type Code,
  type CodeFacts,
  type KeylessPolicy,
  type Redeemer,
  type UsableOutcome,
} from '../../src/bootstrap/code.ts'
import { HOUR, SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { codeOf, redeemedOf } from '../kit/sessions.ts'

function judge(code: Code | null, over: Partial<CodeFacts> = {}, now = NOON): UsableOutcome {
  const facts: CodeFacts = {
    code,
    revoked: false,
    epoch: 'epo_one',
    issuerHolds: 'all',
    holds: [],
    own: null,
    ...over,
  }
  return judgeCode(facts, now)
}
const refused = (reason: string): object => ({ ok: false, reason })
const EXPIRED: Code = { ...codeOf(), state: 'expired' }
const REJECTED: Code = { ...codeOf(), state: 'rejected', rejectedAt: NOON, approvalId: 'apr_one' }

describe('a code', () => {
  test('CODE-14 is good until its last millisecond, and not a moment more', () => {
    const code = codeOf()
    for (const now of [NOON, code.expiresAt - 1])
      expect(judge(code, {}, now)).toEqual({ ok: true, code })
    expect(judge(code, {}, code.expiresAt)).toEqual(refused('expired'))
    expect(judge(EXPIRED)).toEqual(refused('expired'))
  })

  test('SEC-06 of a clock that ran ahead is not good before its time', () => {
    expect(judge(codeOf(), {}, NOON - 15 * SECOND).ok).toBe(true)
    expect(judge(codeOf(), {}, NOON - 15 * SECOND - 1)).toEqual(refused('expired'))
  })

  test('CODE-14 that is unknown, used, revoked or of another age is good for nothing', () => {
    expect(judge(null)).toEqual(refused('unknown'))
    expect(judge(redeemedOf())).toEqual(refused('used'))
    expect(judge(REJECTED)).toEqual(refused('used'))
    expect(judge(codeOf(), { revoked: true })).toEqual(refused('revoked'))
    expect(judge(codeOf(), { epoch: 'epo_two' })).toEqual(refused('revoked'))
    expect(judge(codeOf(), { epoch: null })).toEqual(refused('revoked'))
  })

  test('CODE-15 gives what is left to who issued it, and nothing where that is nothing', () => {
    const code = codeOf()
    expect(judge(code, { issuerHolds: null })).toEqual(refused('issuer_gone'))
    expect(judge(code, { issuerHolds: ['notes:read', 'other'] })).toEqual({
      ok: true,
      code: { ...code, scopes: ['notes:read'] },
    })
    expect(judge(code, { issuerHolds: ['other'] })).toEqual(refused('issuer_gone'))
    expect(judge(codeOf({ scopes: [] }), { issuerHolds: [] }).ok).toBe(true)
  })

  test('APP-09 whose uses are held by requests is free again when these go', () => {
    const code = codeOf({ uses: 2, used: 1 })
    expect(judge(code, { holds: ['apr_one'] })).toEqual({ ok: false, reason: 'held', code })
    expect(judge(code).ok).toBe(true)
    const many = codeOf({ uses: null, used: 7 })
    expect(judge(many, { holds: ['apr_one', 'apr_two'] }).ok).toBe(true)
    expect(judge(codeOf({ uses: 2 }), { holds: ['apr_one'] }).ok).toBe(true)
  })

  test('APP-09 is there for the request that holds it, also when it has run out', () => {
    const code = codeOf()
    const holds = ['apr_one'] as const
    const late = code.expiresAt + HOUR
    expect(judge(code, { holds, own: 'apr_one' })).toEqual({ ok: true, code })
    expect(judge(code, { holds, own: 'apr_one' }, late)).toEqual({ ok: true, code })
    expect(judge(code, { holds, own: 'apr_two' })).toMatchObject({ reason: 'held' })
    expect(judge(code, { holds, own: 'apr_two' }, late)).toEqual(refused('expired'))
    expect(judge(EXPIRED, { holds, own: 'apr_one' })).toEqual(refused('expired'))
  })
})

describe('who comes', () => {
  const key = { thumbprint: 'key', transport: 'dpop' } as const
  const bare = { thumbprint: null, transport: 'bearer' } as const

  test('SES-01 has a transport that goes with a key, or with none', () => {
    for (const policy of ['limited', 'full'] as const) {
      for (const transport of ['cookie', 'dpop'] as const)
        expect(refuseRedeemer({ ...key, transport }, policy)).toBeNull()
      for (const transport of ['cookie', 'bearer'] as const)
        expect(refuseRedeemer({ ...bare, transport }, policy)).toBeNull()
      expect(refuseRedeemer({ ...key, transport: 'bearer' }, policy)).toBe('transport')
      expect(refuseRedeemer({ ...bare, transport: 'dpop' }, policy)).toBe('transport')
    }
  })

  test('CODE-11 without a key is refused where keys are asked for', () => {
    expect(refuseRedeemer(bare, 'refuse')).toBe('device_key_required')
    expect(refuseRedeemer({ ...bare, transport: 'dpop' }, 'refuse')).toBe('device_key_required')
    expect(refuseRedeemer(key, 'refuse')).toBeNull()
  })

  const offer = { scopes: ['access:read', 'notes:read'], boundThumbprint: null }
  const given = (
    redeemer: Partial<Redeemer>,
    keyless: KeylessPolicy,
    hasAppScopes = true,
  ): unknown => admit(offer, { ...key, scopes: null, ...redeemer }, { keyless, hasAppScopes })

  test('CODE-11 gets all that is there for his like, or what he asked for of it', () => {
    expect(given({}, 'limited')).toEqual({ ok: true, scopes: ['access:read', 'notes:read'] })
    expect(given({ scopes: ['notes:read'] }, 'limited')).toEqual({
      ok: true,
      scopes: ['notes:read'],
    })
    expect(given(bare, 'limited')).toEqual({ ok: true, scopes: ['notes:read'] })
    expect(given(bare, 'full')).toEqual({ ok: true, scopes: ['access:read', 'notes:read'] })
    expect(given({ ...bare, scopes: ['access:read'] }, 'limited')).toEqual({
      ok: false,
      refusal: 'insufficient_scope',
      scopes: ['access:read'],
    })
  })

  test('CODE-14 with another key than the code is bound to is refused', () => {
    const bound = { ...offer, boundThumbprint: 'key' }
    const policy = { keyless: 'limited', hasAppScopes: true } as const
    expect(admit(bound, { ...key, scopes: null }, policy).ok).toBe(true)
    for (const thumbprint of ['other', null])
      expect(admit(bound, { ...key, thumbprint, scopes: null }, policy)).toEqual({
        ok: false,
        refusal: 'wrong_key',
      })
  })

  test('CODE-11 without a key is told so where nothing else would be left', () => {
    const access = { scopes: ['access:read'], boundThumbprint: null }
    const redeemer = { ...bare, scopes: null }
    expect(admit(access, redeemer, { keyless: 'limited', hasAppScopes: true })).toEqual({
      ok: false,
      refusal: 'device_key_required',
    })
    expect(admit(access, redeemer, { keyless: 'limited', hasAppScopes: false })).toEqual({
      ok: true,
      scopes: [],
    })
  })
})

describe('a use', () => {
  const by = { sessionId: 'ses_two', thumbprint: null } as const

  test('CODE-09 is counted, and the last one is kept as who had it', () => {
    const code = codeOf({ uses: 2, holds: ['apr_one', 'apr_two'] })
    const once = redeemOnce(code, by, NOON + 1, 'apr_one')
    expect(once).toEqual({ ...code, used: 1, holds: ['apr_two'] })
    expect(redeemOnce(once, by, NOON + 2)).toEqual({
      ...code,
      used: 2,
      holds: ['apr_two'],
      state: 'redeemed',
      redeemedAt: NOON + 2,
      redeemedBy: by,
    })
    const many = codeOf({ uses: null, used: 9 })
    expect(redeemOnce(many, by, NOON)).toEqual({ ...many, used: 10 })
  })

  test('APP-09 that was held and rejected is gone', () => {
    const code = codeOf({ uses: 2, holds: ['apr_one', 'apr_two'] })
    const once = burnOnce(code, 'apr_one', NOON)
    expect(once).toEqual({ ...code, used: 1, holds: ['apr_two'] })
    expect(burnOnce({ ...code, used: 1 }, 'apr_two', NOON + 1)).toEqual({
      ...code,
      used: 2,
      holds: ['apr_one'],
      state: 'rejected',
      rejectedAt: NOON + 1,
      approvalId: 'apr_two',
    })
    expect(burnOnce(codeOf({ uses: null }), 'apr_one', NOON)).toEqual(
      codeOf({ uses: null, used: 1 }),
    )
  })

  test('APP-09 is held once by each request, and holds that count no more are let go', () => {
    const code = codeOf({ uses: 9, holds: ['apr_gone', 'apr_one'] })
    expect(holdOnce(code, ['apr_one', 'apr_two'], 'apr_one')).toEqual({
      ...code,
      holds: ['apr_two', 'apr_one'],
    })
  })
})

describe('what is shown of a code', () => {
  test('CODE-10 is none of its secrets, to who brings it and to who lists it', () => {
    const issuer = { sessionId: 'ses_one', deviceId: 'dev_one' } as const
    const code = codeOf({ uses: 3, used: 1, issuer, boundThumbprint: 'key' })
    const { id, label, scopes, uses, used, boundThumbprint, createdAt, expiresAt } = code
    expect(viewCode(code, ['apr_one'])).toEqual({
      id,
      label,
      scopes,
      uses,
      used,
      held: 1,
      boundThumbprint,
      issuedBy: issuer,
      createdAt,
      expiresAt,
    })
    const shown = { label, scopes, uses, expiresAt }
    expect(previewCode(code, 'code+approval')).toEqual({ ...shown, isDecided: true })
    for (const mode of ['code', 'closed', null] as const)
      expect(previewCode(code, mode)).toEqual({ ...shown, isDecided: false })
  })
})
