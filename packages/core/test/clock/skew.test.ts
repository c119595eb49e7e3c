import { describe, expect, test } from 'vitest'
import type { AccessAnswer } from '../../src/http/wire.ts'
import { createApplicant, settle } from '../kit/applicants.ts'
import { STORES } from '../kit/stores.ts'
import { dumpStore, wordsIn } from '../kit/dump.ts'
import { toldOf, wrongCode } from '../kit/guessers.ts'
import { createStranger, secretOf, type LoggedServer } from '../kit/newcomers.ts'
import { OWNER, paired } from '../kit/owners.ts'
import { keptIn, MINTS, openTwo } from './skew.ts'

const APART = [10_000, -10_000]

describe.each(STORES)('on $name', { timeout: 30_000 }, (kind) => {
  describe.each(APART)('of two instances %i ms apart', (apart) => {
    test.each(MINTS)(
      'SEC-20 the one that is off refuses $name and spends nothing of it; the other gives it',
      async ({ prepare }) => {
        const { right, wrong } = openTwo(kind, apart)
        const take = await prepare(right)
        const before = await keptIn(right)
        for (let count = 0; count < 3; count++) expect(await take(wrong)).toBe('clock_skew')
        expect(await keptIn(right)).toEqual(before)
        expect(await take(right)).toBe('in')
      },
    )

    test('SEC-20 the stranger hears 503 and no figures, the operator hears them once', async () => {
      const { right, wrong } = openTwo(kind, apart)
      const { typed } = await right.pair.codes.issue()
      const answers = []
      for (let count = 0; count < 5; count++)
        answers.push(await createStranger(wrong).redeem(typed))
      for (const { status, headers, text, body } of answers) {
        expect([status, body.code]).toEqual([503, 'clock_skew'])
        expect(headers.get('retry-after')).toBe('1')
        expect(headers.has('set-cookie')).toBe(false)
        expect(text).not.toMatch(/10.?000|ahead|behind/)
      }
      const errors = wrong.logs.filter(({ level }) => level === 'error')
      expect(errors).toMatchObject([{ fields: { aheadMs: apart, allowedMs: 5_000 } }])
      expect(wrong.refusals[0]?.reason).toContain('10000 ms')
    })

    test('SEC-20 whatever the code: right, wrong, link or typed, the answer is the same', async () => {
      const { right, wrong } = openTwo(kind, apart)
      const { typed, link } = await right.pair.codes.issue()
      const texts = new Set<string>()
      for (const code of [typed, secretOf(link), wrongCode(1), 'A'.repeat(22)]) {
        texts.add((await createStranger(wrong).redeem(code)).text)
        texts.add((await wrong.call('/auth/codes/preview', { body: { code } })).text)
      }
      expect(texts.size).toBe(1)
    })

    test('SEC-20 guards, lists, decisions and revokes go on', async () => {
      const { right, wrong } = openTwo(kind, apart)
      const owner = await paired(right, OWNER)
      const guest = createStranger(right)
      const scopes = ['notes:read', 'notes:write'] as const
      await guest.redeem((await right.pair.codes.issue({ scopes })).typed)
      const asOwner = async (at: LoggedServer, method: string, path: string, body?: unknown) => {
        const proof = { htm: method, htu: `${at.origin}/auth/${path}`, at: at.clock() }
        const headers = { cookie: owner.cookie(), dpop: await owner.key!.prove(proof) }
        const more = body === undefined ? {} : { body }
        return at.call(`/auth/${path}`, { method, headers, ...more })
      }
      const guarded = async (at: LoggedServer): Promise<boolean> => {
        const request = new Request(`${at.origin}/notes`, { headers: { cookie: guest.cookie() } })
        return (await at.pair.guard(request, undefined, { scopes: ['notes:read'] })).ok
      }
      expect(await guarded(wrong)).toBe(true)
      const access = (await asOwner(wrong, 'GET', 'access')).as<AccessAnswer>()
      expect(access.sessions).toHaveLength(2)
      const guestId = access.sessions.find(({ scopes }) => scopes.length === 2)!.id
      const narrowed = { scopes: ['notes:write'] }
      expect((await asOwner(wrong, 'PATCH', `sessions/${guestId}`, narrowed)).status).toBe(204)
      expect(await guarded(right)).toBe(false)

      await right.pair.admission.set('approval')
      const applicant = await createApplicant(right)
      await applicant.ask()
      await settle(wrong, 'approve', applicant)
      expect((await applicant.collect()).status).toBe(200)

      expect((await asOwner(wrong, 'DELETE', `sessions/${guestId}`)).status).toBe(204)
      for (const at of [right, wrong]) expect(await guarded(at)).toBe(false)
      const { code } = await right.pair.codes.issue()
      expect((await asOwner(wrong, 'DELETE', `codes/${code.id}`)).status).toBe(204)
      expect((await asOwner(wrong, 'POST', 'logout', {})).status).toBe(204)
      expect((await asOwner(right, 'GET', 'access')).status).toBe(401)
      await wrong.pair.sessions.revokeAll()
      expect((await right.pair.sessions.list()).items).toEqual([])
    })

    test('SEC-20 no try of it counts, and none is one more: limits do not multiply', async () => {
      const { right, wrong } = openTwo(kind, apart, { limits: {} })
      const told: string[] = []
      for (let count = 0; count < 24; count++) {
        const at = count % 3 === 0 ? right : wrong
        const info = { remoteAddress: '203.0.113.7' }
        told.push(toldOf(await at.call('/auth/redeem', { body: { code: wrongCode(count) }, info })))
      }
      expect(told.filter((word) => word === 'clock_skew')).toHaveLength(16)
      expect(told.filter((word) => word === 'code_invalid')).toHaveLength(8)
      const last = await right.call('/auth/redeem', {
        body: { code: wrongCode(99) },
        info: { remoteAddress: '203.0.113.7' },
      })
      expect(toldOf(last)).toBe('rate_limited')
    })

    test.each(MINTS.filter(({ isEntry }) => isEntry))(
      'SEC-20 who comes with $name leaves not even a spent proof behind',
      async ({ prepare }) => {
        const { right, wrong } = openTwo(kind, apart)
        const take = await prepare(right)
        expect(await take(wrong)).toBe('clock_skew')
        expect(wordsIn(await dumpStore(right.store))).not.toContain('proof')
        await take(right)
        expect(wordsIn(await dumpStore(right.store))).toContain('proof')
      },
    )

    test('SEC-20 put right, it mints at once', async () => {
      const { right, wrong } = openTwo(kind, apart)
      const { typed } = await right.pair.codes.issue()
      expect(toldOf(await createStranger(wrong).redeem(typed))).toBe('clock_skew')
      wrong.clock.advance(-apart)
      expect(toldOf(await createStranger(wrong).redeem(typed))).toBe('in')
      wrong.clock.advance(apart)
      expect(toldOf(await createStranger(wrong).redeem(typed))).toBe('clock_skew')
    })
  })

  test.each(APART)('SEC-20 a code that ran out passes at none of two, %i ms apart', async (ms) => {
    const { right, wrong, pass } = openTwo(kind, ms)
    const { typed } = await right.pair.codes.issue({ expiresInMs: 60_000 })
    pass(60_000)
    expect(toldOf(await createStranger(wrong).redeem(typed))).toBe('clock_skew')
    expect(toldOf(await createStranger(right).redeem(typed))).toBe('code_invalid')
  })

  test.each([4_900, -4_900])('SEC-20 of two instances %i ms apart both mint', async (apart) => {
    const { right, wrong } = openTwo(kind, apart)
    for (const [from, to] of [
      [right, wrong],
      [wrong, right],
    ] as const)
      expect(toldOf(await createStranger(to).redeem((await from.pair.codes.issue()).typed))).toBe(
        'in',
      )
  })

  test('SEC-20 nothing is forgotten, and nobody told that it ended, by a clock that is off', async () => {
    const DAY = 86_400_000
    const { right, wrong } = openTwo(kind, 100 * DAY)
    await right.pair.codes.issue()
    const guest = createStranger(right)
    await guest.redeem((await right.pair.codes.issue()).typed)
    const before = await keptIn(right)
    expect(await wrong.pair.sweep()).toEqual({ purged: 0 })
    expect(await keptIn(right)).toEqual(before)
    wrong.clock.advance(-100 * DAY)
    await wrong.pair.sweep()
    expect((await guest.call('/auth/session')).body).toMatchObject({ authenticated: true })
  })
})
