import { expect, test } from 'vitest'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, openDoor, seen, settle, type Applicant } from '../kit/applicants.ts'
import { createKeyed, createServer, type LoggedServer, type Newcomer } from '../kit/newcomers.ts'
import { OWNER, paired } from '../kit/owners.ts'

interface Approved {
  server: LoggedServer
  decider: Newcomer
  me: AuthorizedAnswer['session']
  phone: Applicant
}

/** What a device has approved, and nobody has collected yet. */
async function approved(
  scopes: readonly string[] = ['notes:read', 'notes:write'],
): Promise<Approved> {
  const { server } = await openDoor('code')
  const decider = await paired(server, OWNER)
  const me = (await decider.call('/auth/session')).as<AuthorizedAnswer>().session
  await server.pair.admission.set('approval')
  const phone = await createApplicant(server)
  await phone.ask({ scopes })
  const { id, digest } = await seen(server, phone)
  const answer = await decider.call(`/auth/approvals/${id}/approve`, { body: { digest } })
  expect(answer.status).toBe(200)
  return { server, decider, me, phone }
}

const GONE: Record<string, (at: Approved) => Promise<unknown>> = {
  'his device was revoked': ({ server, me }) => server.pair.devices.revoke(me.device.id),
  'his session was revoked': ({ server, me }) => server.pair.sessions.revoke(me.id),
  'he may not decide any more': ({ server, me }) =>
    server.pair.sessions.narrow(me.id, ['notes:read', 'notes:write']),
  'nothing is left of what he gave': ({ server, me }) =>
    server.pair.sessions.narrow(me.id, ['access:read', 'access:write']),
}

test.each(Object.entries(GONE))(
  'APP-08 what somebody approved is not collected once %s',
  async (_, act) => {
    const at = await approved()
    await act(at)
    const before = (await at.server.pair.sessions.list()).items.length
    expect(await at.phone.collect()).toMatchObject({
      status: 410,
      body: { code: 'approval_expired' },
    })
    expect((await at.server.pair.sessions.list()).items).toHaveLength(before)
  },
)

test.each(Object.entries(GONE))(
  'APP-08 what can not be collected any more is asked for anew once %s',
  async (_, act) => {
    const at = await approved()
    await act(at)
    expect((await at.phone.ask()).status).toBe(202)
    expect(await seen(at.server, at.phone)).toMatchObject({ state: 'pending' })
    await settle(at.server, 'approve', at.phone)
    expect((await at.phone.collect()).status).toBe(200)
  },
)

test('APP-08 no scope that its decider lost since is collected', async () => {
  const { server, me, phone } = await approved()
  await server.pair.sessions.narrow(me.id, ['notes:read', 'access:write'])
  const got = await phone.collect()
  expect(got.status).toBe(200)
  expect(got.as<AuthorizedAnswer>().session.scopes).toEqual(['notes:read'])
})

test('APP-08 the right to decide, once given on, does not outlive the device that gave it', async () => {
  const { server, me, phone } = await approved(OWNER)
  await server.pair.devices.revoke(me.device.id)
  expect((await phone.collect()).status).toBe(410)
})

test('APP-08 who is of another subject makes nobody the owner, and may turn him away', async () => {
  const { server } = await openDoor('code')
  const bob = await createKeyed(server)
  const code = await server.pair.codes.issue({ scopes: OWNER as never, subject: 'bob' })
  expect((await bob.redeem(code.typed)).status).toBe(200)
  await server.pair.admission.set('approval')
  const phone = await createApplicant(server)
  await phone.ask({ scopes: OWNER })
  const { id, digest } = await seen(server, phone)
  const decide = (verb: string, more: object = {}): Promise<{ status: number }> =>
    bob.call(`/auth/approvals/${id}/${verb}`, { body: { digest, ...more } })
  for (const more of [{}, { scopes: ['notes:read'] }])
    expect(await decide('approve', more)).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope' },
    })
  expect(await seen(server, phone)).toMatchObject({ state: 'pending' })
  expect((await phone.collect()).status).toBe(202)
  expect((await decide('reject')).status).toBe(200)
})

test.each([
  [OWNER, 'full', 200, OWNER],
  [OWNER, 'limited', 200, ['notes:read', 'notes:write']],
  [['access:read', 'access:write'], 'limited', 410, undefined],
] as const)(
  'APP-08 of %j, approved for who has no key while that was “full”, where it is “%s” by then: %i',
  async (asked, keyless, status, scopes) => {
    const store = memoryStore()
    const { server } = await openDoor('approval', { store, keyless: 'full' })
    const guest = await createApplicant(server, { key: null })
    expect((await guest.ask({ scopes: asked })).status).toBe(202)
    await settle(server, 'approve', guest)
    const later = createServer({ store, clock: server.clock, keyless })
    const same = await createApplicant(later, { key: null })
    for (const [name, value] of guest.jar) same.jar.set(name, value)
    same.pending = guest.pending
    const got = await same.collect()
    expect([got.status, got.as<Partial<AuthorizedAnswer>>().session?.scopes]).toEqual([
      status,
      scopes,
    ])
  },
)
