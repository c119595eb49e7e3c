import { describe, expect, test } from 'vitest'
import {
  createApplicant,
  letIn,
  openDoor,
  seen,
  settle,
  shown,
  type Applicant,
} from '../kit/applicants.ts'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import type { Answer, LoggedServer } from '../kit/newcomers.ts'

/** The request as it would be of somebody who was never seen before. */
async function expectClean(server: LoggedServer, phone: Applicant, answer: Answer): Promise<void> {
  expect(answer.status, answer.text).toBe(202)
  const item = await seen(server, phone)
  expect(item).toMatchObject({
    state: 'pending',
    decision: null,
    requestedAt: server.clock(),
    expiresAt: server.clock() + 600_000,
  })
  const row = await server.store.read(['pair', 'approval', item.id, 'record'])
  expect(row!.value).toContain('"state":"pending"')
  for (const stamp of ['decidedAt', 'decidedBy', 'granted', 'collectedAt', 'sessionId'])
    expect(row!.value).not.toContain(stamp)
}

/** Lets this key in again; answers the session. */
async function letInAgain(
  server: LoggedServer,
  phone: Applicant,
): Promise<AuthorizedAnswer['session']> {
  await settle(server, 'approve', phone)
  return (await phone.collect()).as<AuthorizedAnswer>().session
}

const deviceOf = async ({ pair }: LoggedServer, label: string): Promise<string> =>
  (await pair.devices.list()).items.find((item) => item.label === label)!.id

describe('APP-04 a request', () => {
  test('APP-04 after a revoke is a new one, and neither its device nor its last seen is the old one', async () => {
    const { server } = await openDoor()
    const phone = await createApplicant(server)
    const first = (await letIn(server, phone)).as<AuthorizedAnswer>().session
    const { id: before, claim } = { ...phone.pending.approval, ...phone.pending }
    server.clock.advance(120_000)
    await phone.call('/auth/session')
    await server.pair.devices.revoke(first.device.id)
    server.clock.advance(3_600_000)
    const again = await phone.ask()
    await expectClean(server, phone, again)
    expect(phone.pending.approval.id).not.toBe(before)
    expect(await phone.collect({ claim })).toMatchObject({ status: 410 })
    const second = await letInAgain(server, phone)
    expect([second.id, second.device.id]).not.toEqual([first.id, first.device.id])
    expect(second.device.id).not.toBe(first.device.id)
    const { items } = await server.pair.sessions.list()
    expect(items.find(({ id }) => id === second.id)).toMatchObject({
      createdAt: server.clock(),
      presence: { lastSeenAt: server.clock() },
    })
  })

  test('APP-04 that waited, or was approved, when its device was revoked is over', async () => {
    for (const verb of [null, 'approve'] as const) {
      const { server } = await openDoor()
      const phone = await createApplicant(server)
      await letIn(server, phone, { scopes: ['notes:read'] })
      await phone.ask({ scopes: ['notes:read', 'notes:write'] })
      const { id } = phone.pending.approval
      if (verb) await settle(server, verb, phone)
      await server.pair.devices.revoke(await deviceOf(server, 'A phone'))
      expect(await shown(server)).toEqual([])
      expect(await phone.collect()).toMatchObject({
        status: 410,
        body: { code: 'approval_expired' },
      })
      await expectClean(server, phone, await phone.ask({ scopes: ['notes:read'] }))
      expect(phone.pending.approval.id).not.toBe(id)
    }
  })

  test('APP-04 that was rejected does not stand in the way once its device was revoked', async () => {
    const { server } = await openDoor()
    const phone = await createApplicant(server)
    await letIn(server, phone, { scopes: ['notes:read'] })
    await phone.ask({ scopes: ['notes:write'] })
    await settle(server, 'reject', phone)
    phone.address = '203.0.113.8'
    const more = { scopes: ['notes:write'] }
    expect(await phone.ask(more)).toMatchObject({
      status: 403,
      body: { code: 'approval_rejected' },
    })
    await server.pair.devices.revoke(await deviceOf(server, 'A phone'))
    await expectClean(server, phone, await phone.ask(more))
  })

  test('APP-04 that was rejected does not stand in the way once its key was paired in another way', async () => {
    const { server } = await openDoor()
    const phone = await createApplicant(server)
    await phone.ask()
    await settle(server, 'reject', phone)
    phone.address = '203.0.113.8'
    expect(await phone.ask()).toMatchObject({ status: 403, body: { code: 'approval_rejected' } })
    await server.pair.admission.set('code')
    const { typed } = await server.pair.codes.issue({ scopes: ['notes:read'] })
    expect((await phone.redeem(typed)).status).toBe(200)
    await server.pair.admission.set('approval')
    await expectClean(server, phone, await phone.ask())
  })

  test('APP-10 that was decided and forgotten is clean the next time', async () => {
    for (const verb of ['approve', 'reject'] as const) {
      const { server, owner } = await openDoor()
      const phone = await createApplicant(server)
      await phone.ask()
      const { id } = await settle(server, verb, phone)
      const forget = (): Promise<Answer> =>
        owner.call(`/auth/approvals/${id}`, { method: 'DELETE' })
      expect((await forget()).status).toBe(204)
      expect(await phone.collect()).toMatchObject({ status: 410 })
      expect((await forget()).status).toBe(404)
      await expectClean(server, phone, await phone.ask())
      expect(phone.pending.approval.id).not.toBe(id)
      expect(
        await owner.call(`/auth/approvals/${phone.pending.approval.id}`, { method: 'DELETE' }),
      ).toMatchObject({ status: 409, body: { code: 'approval_pending' } })
    }
  })

  test('APP-10 that is over, or never was, is not there to be forgotten', async () => {
    const { server, owner } = await openDoor()
    const phone = await createApplicant(server)
    const forget = (id: string): Promise<Answer> =>
      owner.call(`/auth/approvals/${id}`, { method: 'DELETE' })
    await phone.ask()
    await phone.withdraw()
    const withdrawn = phone.pending.approval.id
    await phone.ask()
    server.clock.advance(600_000)
    const events = await server.pair.audit.read()
    for (const id of [withdrawn, phone.pending.approval.id, `apr_${'A'.repeat(22)}`])
      expect(await forget(id)).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(await server.pair.audit.read()).toEqual(events)
  })

  test('APP-04 by another subject has nothing of the one before', async () => {
    const { server } = await openDoor('code+approval')
    const code = async (subject: string): Promise<string> =>
      (await server.pair.codes.issue({ subject })).typed
    const phone = await createApplicant(server)
    await phone.redeem(await code('ann'))
    await settle(server, 'reject', phone)
    expect(await phone.redeem(await code('ann'))).toMatchObject({
      status: 403,
      body: { code: 'approval_rejected' },
    })
    await expectClean(server, phone, await phone.redeem(await code('ben')))
    const { id } = phone.pending.approval
    expect(await seen(server, phone)).toMatchObject({ subject: 'ben' })
    await settle(server, 'approve', phone)
    // what was approved for one is not collected for another
    const { claim } = phone.pending
    await expectClean(server, phone, await phone.redeem(await code('cleo')))
    expect(phone.pending.approval.id).not.toBe(id)
    expect(await phone.collect({ claim })).toMatchObject({ status: 410 })
    expect((await letInAgain(server, phone)).subject).toBe('cleo')
  })
})
