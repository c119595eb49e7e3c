import { describe, expect, test } from 'vitest'
import { createCollectService, type CollectService } from '../../src/approval/collect-service.ts'
import type { Approval, ApprovalTerms } from '../../src/approval/approval.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import { FIRST_EPOCH } from '../../src/revocation/epoch.ts'
import type { Authorized } from '../../src/session/credential.ts'
import { DAY, MINUTE } from '../../src/time.ts'
import { hashSecret } from '../../src/token/secret.ts'
import { NOON } from '../kit/clock.ts'
import { approvedOf, collectedOf, expiredOf, pendingOf, rejectedOf } from '../kit/requests.ts'
import { codeOf } from '../kit/sessions.ts'
import { keysOf, openServiceDesk, toldOf, writtenOf, type ServiceDesk } from './service-desk.ts'

const ID = `apr_${'A'.repeat(22)}` as const
const SECRET = 'c'.repeat(43)
const COOKIE = 's'.repeat(43)
const CLAIM = `${ID}.${SECRET}`
const KEY = 'k'.repeat(43)
const RIGHT = { claim: CLAIM, by: { thumbprint: KEY }, nonce: null, address: '192.0.2.9' }
const GUEST = { ...RIGHT, by: { cookie: COOKIE } }
const KEYLESS: Partial<ApprovalTerms> = {
  thumbprint: null,
  transport: 'bearer',
  cookieHash: hashSecret(COOKIE),
}

interface Stage {
  desk: ServiceDesk
  service: CollectService
}

/** A request in some state, as it lies in the store, two minutes past noon. */
async function stage(
  stands: (terms: Partial<ApprovalTerms>) => Approval,
  terms: Partial<ApprovalTerms> = {},
  options: Partial<PairOptions> = {},
): Promise<Stage> {
  const desk = openServiceDesk({ admission: 'approval', ...options })
  desk.clock.advance(2 * MINUTE)
  const own = { id: ID, epoch: FIRST_EPOCH, claimHash: hashSecret(SECRET)! }
  await desk.put(desk.records.approvals.put(stands({ ...own, ...terms })))
  return { desk, service: createCollectService(desk.ports) }
}

describe('a claim is nothing, and the operator hears why,', () => {
  const unknown = { code: 'approval_expired', reason: 'no such request is known' }

  test('where its text is none', async () => {
    const { service } = await stage(approvedOf)
    const none = { code: 'approval_expired', reason: 'not a claim' }
    for (const claim of ['', ID, `${ID}.short`, `ses_${'A'.repeat(22)}.${SECRET}`, `${CLAIM}.x`]) {
      await expect(service.claimedBy(claim), claim).rejects.toMatchObject(none)
      await expect(service.collect({ ...RIGHT, claim }), claim).rejects.toMatchObject(none)
    }
  })

  test('where there is no such request, or it has another secret', async () => {
    const { service } = await stage(approvedOf)
    for (const claim of [`apr_${'B'.repeat(22)}.${SECRET}`, `${ID}.${COOKIE}`]) {
      await expect(service.claimedBy(claim)).rejects.toMatchObject(unknown)
      await expect(service.collect({ ...RIGHT, claim })).rejects.toMatchObject(unknown)
      await expect(service.withdraw({ ...RIGHT, claim })).rejects.toMatchObject(unknown)
    }
    expect(await service.claimedBy(CLAIM)).toEqual({ id: ID, thumbprint: KEY })
  })

  test('APP-14 in the hand of another key, or of none', async () => {
    const { desk, service } = await stage(approvedOf)
    for (const by of [{ thumbprint: 'x'.repeat(43) }, { cookie: COOKIE }, { cookie: null }]) {
      await expect(service.collect({ ...RIGHT, by })).rejects.toMatchObject(unknown)
      await expect(service.withdraw({ ...RIGHT, by })).rejects.toMatchObject(unknown)
    }
    expect(desk.commits).toEqual([])
  })

  test('APP-14 without the cookie that stands for a key; where none was given nobody has it', async () => {
    for (const cookieHash of [hashSecret(COOKIE), null]) {
      const { service } = await stage(approvedOf, { ...KEYLESS, cookieHash })
      for (const by of [{ thumbprint: KEY }, { cookie: SECRET }, { cookie: null }, { cookie: '' }])
        await expect(service.collect({ ...RIGHT, by })).rejects.toMatchObject(unknown)
    }
  })
})

describe('what was asked for is not handed out', () => {
  test('where it is over', async () => {
    for (const stands of [
      expiredOf,
      () => approvedOf({ id: ID, claimHash: hashSecret(SECRET)! }),
    ]) {
      const { service } = await stage(stands)
      await expect(service.collect(RIGHT)).rejects.toMatchObject({
        code: 'approval_expired',
        reason: 'it ran out, or what it hung on is gone',
      })
      // which is as it was meant to be
      await service.withdraw(RIGHT)
    }
  })

  test('APP-09 where it was rejected, or has been collected', async () => {
    for (const [stands, code] of [
      [rejectedOf, 'approval_rejected'],
      [collectedOf, 'approval_collected'],
    ] as const) {
      const { service } = await stage(stands)
      await expect(service.collect(RIGHT)).rejects.toMatchObject({ code })
      await expect(service.withdraw(RIGHT)).rejects.toMatchObject({ code })
    }
  })

  test('to who has no key, where one is wanted by now', async () => {
    const { service } = await stage(approvedOf, KEYLESS, { keyless: 'refuse' })
    await expect(service.collect(GUEST)).rejects.toMatchObject({ code: 'device_key_required' })
  })

  test('APP-08 where nothing is left of what was given', async () => {
    const stands = (terms: Partial<ApprovalTerms>): Approval => ({
      ...approvedOf(terms),
      granted: ['access:read'],
    })
    const { service } = await stage(stands, KEYLESS)
    await expect(service.collect(GUEST)).rejects.toMatchObject({
      code: 'approval_expired',
      reason: 'nothing is left of what was given',
    })
  })

  test('where its code is gone', async () => {
    const held = { codeId: 'cod_one' } as const
    const { service } = await stage(pendingOf, held, { admission: 'code+approval' })
    await expect(service.collect(RIGHT)).rejects.toMatchObject({ code: 'approval_expired' })
  })
})

describe('what was approved', () => {
  const entered = async ({ service }: Stage, claimant: typeof RIGHT | typeof GUEST) =>
    (await service.collect(claimant)) as Authorized

  test('APP-08 for no scope at all, by an app that has none, is handed out like any other', async () => {
    const stands = (terms: Partial<ApprovalTerms>): Approval => ({
      ...approvedOf(terms),
      granted: [],
    })
    const at = await stage(stands, { scopes: [] }, { scopes: [] })
    expect((await entered(at, RIGHT)).session).toMatchObject({ scopes: [] })
  })

  test('of who has no key lasts a day at most, and as long as any other where that is “full”', async () => {
    const terms = { ...KEYLESS, life: { slidingMs: 3 * DAY, absoluteMs: 9 * DAY } }
    const now = NOON + 2 * MINUTE
    const limited = await entered(await stage(approvedOf, terms), GUEST)
    expect(limited).toMatchObject({ session: { expiresAt: now + DAY }, refreshToken: null })
    const full = await entered(await stage(approvedOf, terms, { keyless: 'full' }), GUEST)
    expect(full.session.expiresAt).toBe(now + 3 * DAY)
    expect(full.refreshToken).toMatch(/./)
  })

  test('tells whether the device was known, and which session it replaces', async () => {
    const fresh = await stage(approvedOf)
    await entered(fresh, RIGHT)
    const [event] = toldOf(fresh.desk.commits[0]!) as { detail: object }[]
    expect(event!.detail).toEqual({
      label: 'Phone',
      kind: 'app',
      transport: 'dpop',
      scopes: ['notes:read'],
      known: false,
    })
    const again = await stage(approvedOf, { before: { deviceId: 'dev_one', live: true } })
    const last = await again.desk.pair({}, ['notes:read'])
    const { session } = await entered(again, RIGHT)
    expect(toldOf(again.desk.commits[0]!)).toMatchObject([
      {
        type: 'approval.collected',
        actor: { kind: 'newcomer', address: '192.0.2.9' },
        deviceId: last.deviceId,
        sessionId: session.id,
        detail: { known: true, replacedSessionId: last.id },
      },
    ])
  })

  test('takes the last use of its code, and who took it is written there', async () => {
    const held = { codeId: 'cod_one' } as const
    const at = await stage(approvedOf, held, { admission: 'code+approval' })
    const code = codeOf({ epoch: FIRST_EPOCH, holds: [ID] })
    await at.desk.put(at.desk.records.codes.put(code))
    const { session } = await entered(at, RIGHT)
    expect(writtenOf(at.desk.commits[0]!, 'code', 'cod_one')).toMatchObject({
      state: 'redeemed',
      holds: [],
      redeemedBy: { sessionId: session.id, thumbprint: KEY },
    })
  })

  test('rests on all that it hangs on, and on the mode', async () => {
    const at = await stage(approvedOf)
    const { session } = await entered(at, RIGHT)
    const [change] = at.desk.commits
    expect(keysOf(change!, 'checks')).toEqual(
      expect.arrayContaining(['admission', 'epoch', `approval/${ID}`, `session/${session.id}`]),
    )
    expect(change!.own).toEqual(['session', session.id, 'record'])
    expect(change!.undo).toMatchObject({ writes: [{ record: { reason: 'revoked' } }] })
  })
})
