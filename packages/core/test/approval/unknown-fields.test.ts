import { expect, test } from 'vitest'
import { createApplicant, openDoor, seen, shown } from '../kit/applicants.ts'

/** What a newer client might say. */
const NEW = {
  version: 2,
  state: 'approved',
  approved: true,
  admission: 'code',
  digests: ['x'],
  waitMs: 5,
  'x-new': { deep: [{ er: null }] },
  device2: { label: 'x' },
}

test('APP-16 what a newer client says beside is ignored on every route of entry and decision', async () => {
  const { server, owner } = await openDoor()
  const phone = await createApplicant(server)
  const device = { label: 'A phone', kind: 'browser', publicKey: phone.key!.jwk, attested: true }
  expect((await phone.ask({ ...NEW, device })).status).toBe(202)
  expect((await phone.collect(NEW)).status).toBe(202)
  const item = await seen(server, phone)
  expect(item).toMatchObject({ state: 'pending', label: 'A phone', kind: 'browser' })
  expect(JSON.stringify(item)).not.toContain('attested')
  // said or not said, it is the same request
  expect((await phone.ask()).status).toBe(202)
  expect((await seen(server, phone)).digest).toBe(item.digest)

  const { version } = (await owner.call('/auth/admission')).body
  const put = { ...NEW, mode: 'approval', version }
  expect((await owner.call('/auth/admission', { method: 'PUT', body: put })).status).toBe(200)
  const { digest, id } = item
  const approved = await owner.call(`/auth/approvals/${id}/approve`, { body: { ...NEW, digest } })
  expect(approved.body).toMatchObject({ state: 'approved' })
  expect((await phone.collect(NEW)).status).toBe(200)

  const other = await createApplicant(server)
  expect((await other.ask(NEW)).status).toBe(202)
  expect((await other.withdraw(NEW)).status).toBe(204)
  expect((await shown(server)).map(({ state }) => state)).toEqual([])
})

test('APP-16 a kind of device, a transport or a mode that this version does not know is refused, not guessed', async () => {
  const { server, owner } = await openDoor()
  const phone = await createApplicant(server)
  const publicKey = phone.key!.jwk
  for (const wish of [
    { device: { label: 'x', kind: 'watch', publicKey } },
    { transport: 'mtls' },
    { scopes: ['notes:delete'] },
  ])
    expect(await phone.ask(wish)).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  const { version } = (await owner.call('/auth/admission')).body
  for (const mode of ['open', 'unknown', '', null, 'CODE', ['code']])
    expect(
      await owner.call('/auth/admission', { method: 'PUT', body: { mode, version } }),
    ).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  expect(await shown(server)).toEqual([])
})
