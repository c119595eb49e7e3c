import { describe, expect, test } from 'vitest'
import type { AdmissionMode } from '../../src/admission/admission.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, openDoor, seen, settle } from '../kit/applicants.ts'
import { dumpStore } from '../kit/dump.ts'
import { createServer } from '../kit/newcomers.ts'

const MODES = ['closed', 'code', 'approval', 'code+approval'] as const

/** What /redeem and /request answer in each mode. */
const WAYS: Record<AdmissionMode, [redeem: number, request: number]> = {
  closed: [403, 403],
  code: [200, 403],
  approval: [403, 202],
  'code+approval': [202, 403],
}

describe.each(MODES)('APP-01 in mode %s', (mode) => {
  test.each([undefined, null])('APP-01 newcomers enter by its way alone (key: %s)', async (key) => {
    const { server } = await openDoor(mode)
    const [redeem, request] = WAYS[mode]
    const { typed, code } = await server.pair.codes.issue()
    const who = await createApplicant(server, key === null ? { key } : {})
    const before = await dumpStore(server.store)
    const asked = await who.ask()
    expect(asked.status).toBe(request)
    if (request === 403) {
      expect(asked.body).toMatchObject({ code: 'admission_refused', admission: mode })
      // not even its proof was spent
      expect(await dumpStore(server.store)).toEqual(before)
    }
    const redeemed = await who.redeem(typed)
    expect(redeemed.status).toBe(redeem)
    if (redeem === 403) {
      expect(redeemed.body).toMatchObject({ code: 'admission_refused', admission: mode })
      expect(redeemed.headers.getSetCookie()).toEqual([])
      const listed = (await server.pair.codes.list()).items
      expect(listed).toMatchObject([{ id: code.id, used: 0, held: 0 }])
      // a code says nothing of itself where codes are not asked for
      expect((await who.redeem('222-222-222')).body).toMatchObject({ code: 'admission_refused' })
      await server.pair.admission.set('code')
      expect((await who.redeem(typed)).status).toBe(200)
    }
  })

  test('APP-01 strangers are told the mode, and who was let in before goes on', async () => {
    const { server, owner } = await openDoor(mode)
    const { body } = await server.call('/auth/session')
    expect(body.server).toEqual({
      version: 1,
      time: new Date(server.clock()).toISOString(),
      admission: mode,
    })
    expect((await owner.call('/auth/renew', { body: {} })).status).toBe(200)
    expect((await owner.call('/auth/tickets', { body: { for: 'socket' } })).status).toBe(200)
    expect((await owner.call('/auth/codes', { body: {} })).status).toBe(201)
    expect((await owner.call('/auth/admission')).body).toMatchObject({ mode, stored: null })
  })

  test('APP-01 it stays over a restart, whatever the options say then', async () => {
    const { server } = await openDoor(mode)
    for (const admission of MODES) {
      const restarted = createServer({ admission, store: server.store })
      expect(await restarted.pair.admission.get()).toEqual(await server.pair.admission.get())
      const who = await createApplicant(restarted, {
        address: `192.0.2.${MODES.indexOf(admission)}`,
      })
      const { typed } = await restarted.pair.codes.issue()
      const [redeem, request] = WAYS[mode]
      expect((await who.redeem(typed)).status).toBe(redeem)
      const other = await createApplicant(restarted, {
        address: `198.51.100.${MODES.indexOf(admission)}`,
      })
      expect((await other.ask()).status).toBe(request)
    }
  })
})

describe('APP-01 the mode of the options', () => {
  test.each(MODES)('APP-01 counts at the first start: %s', async (admission) => {
    const { pair } = createServer({ admission })
    expect(await pair.admission.get()).toEqual({ mode: admission, stored: null, version: null })
  })

  test.each(['code', 'approval', 'code+approval'] as const)(
    'APP-01 stays once somebody came by it: %s',
    async (admission) => {
      const store = memoryStore()
      const first = createServer({ admission, store })
      const who = await createApplicant(first)
      const { typed } = await first.pair.codes.issue()
      const { status } = admission === 'approval' ? await who.ask() : await who.redeem(typed)
      expect(status).toBe(admission === 'code' ? 200 : 202)
      const restarted = createServer({ admission: 'closed', store })
      expect(await restarted.pair.admission.get()).toMatchObject({ mode: admission })
      expect((await restarted.pair.admission.get()).version).not.toBeNull()
    },
  )

  test('APP-01 is not kept for who was refused, nor for what an operator does', async () => {
    const store = memoryStore()
    const first = createServer({ admission: 'code', store })
    await first.pair.codes.issue()
    await (await createApplicant(first)).redeem('222-222-222')
    await (await createApplicant(first)).ask()
    const restarted = createServer({ admission: 'approval', store })
    expect(await restarted.pair.admission.get()).toMatchObject({ mode: 'approval', version: null })
  })

  test('APP-06 once it was changed, what was approved by another way is not collected, and is again when it is set back', async () => {
    const { server } = await openDoor('approval')
    const phone = await createApplicant(server)
    await phone.ask()
    await settle(server, 'approve', phone)
    for (const mode of ['closed', 'code', 'code+approval'] as const) {
      await server.pair.admission.set(mode)
      expect(await phone.collect()).toMatchObject({
        status: 403,
        body: { code: 'admission_refused', admission: mode },
      })
    }
    expect((await server.pair.sessions.list()).items).toHaveLength(1)
    await server.pair.admission.set('approval')
    expect((await phone.collect()).status).toBe(200)
  })

  test('APP-06 who waits is refused at the next look, and who decides too, once the mode takes another way', async () => {
    const { server, owner } = await openDoor('code+approval')
    const { typed } = await server.pair.codes.issue()
    const phone = await createApplicant(server)
    await phone.redeem(typed)
    const { id, digest } = await seen(server, phone)
    await server.pair.admission.set('approval')
    expect(await phone.collect()).toMatchObject({
      status: 403,
      body: { code: 'admission_refused' },
    })
    expect(await owner.call(`/auth/approvals/${id}/approve`, { body: { digest } })).toMatchObject({
      status: 403,
      body: { code: 'admission_refused', admission: 'approval' },
    })
    // turning away and taking back are always there
    expect((await owner.call(`/auth/approvals/${id}/reject`, { body: { digest } })).status).toBe(
      200,
    )
    expect(await phone.collect()).toMatchObject({
      status: 403,
      body: { code: 'approval_rejected' },
    })
  })
})
