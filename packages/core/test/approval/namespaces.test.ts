import { expect, test } from 'vitest'
import { createApplicant, openDoor, settle, shown } from '../kit/applicants.ts'
import { createServer } from '../kit/newcomers.ts'
import { OWNER, paired } from '../kit/owners.ts'

test('SEC-17 requests and the mode of one namespace are nothing to another on the same store', async () => {
  const { server } = await openDoor('approval')
  const other = createServer({ store: server.store, clock: server.clock, namespace: 'other' })
  const stranger = await paired(other, OWNER)
  expect(await other.pair.admission.get()).toMatchObject({ mode: 'code' })
  const phone = await createApplicant(server)
  await phone.ask()
  const { id, digest } = (await shown(server))[0]!
  expect((await stranger.call('/auth/access')).body).toMatchObject({ approvals: [] })
  expect((await stranger.call('/auth/approvals')).body).toEqual({ items: [], next: null })
  for (const verb of ['approve', 'reject'])
    expect(
      await stranger.call(`/auth/approvals/${id}/${verb}`, { body: { digest } }),
    ).toMatchObject({ status: 404 })
  expect((await stranger.call(`/auth/approvals/${id}`, { method: 'DELETE' })).status).toBe(404)
  const there = await createApplicant(other, { key: phone.key })
  there.pending = phone.pending
  expect(await there.collect()).toMatchObject({ status: 410, body: { code: 'approval_expired' } })
  expect(await there.withdraw()).toMatchObject({ status: 410 })
  await other.pair.admission.set('closed')
  await other.pair.sessions.revokeAll()
  // a rejection there is none here either
  await other.pair.admission.set('approval')
  await there.ask()
  await settle(other, 'reject', there)
  await settle(server, 'approve', phone)
  expect((await phone.collect()).status).toBe(200)
})
