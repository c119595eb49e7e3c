import { describe, expect, test } from 'vitest'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, openDoor, seen, type Applicant } from '../kit/applicants.ts'
import { becomes, interruptible } from '../kit/interruption.ts'
import type { Answer, LoggedServer, Newcomer } from '../kit/newcomers.ts'
import { paired } from '../kit/owners.ts'

async function stage(
  held: readonly string[],
  wanted: readonly string[] = ['notes:read', 'notes:write'],
): Promise<{
  server: LoggedServer
  owner: Newcomer
  decider: Newcomer
  deciderId: string
  phone: Applicant
  line: ReturnType<typeof interruptible>
  decide(verb: 'approve' | 'reject', more?: object): Promise<Answer>
}> {
  const line = interruptible(memoryStore())
  const { server, owner } = await openDoor('code', { store: line.store })
  const decider = await paired(server, held)
  const { session } = (await decider.call('/auth/session')).as<AuthorizedAnswer>()
  await server.pair.admission.set('approval')
  const phone = await createApplicant(server)
  await phone.ask({ scopes: wanted })
  const { id, digest } = await seen(server, phone)
  return {
    server,
    owner,
    decider,
    phone,
    line,
    deciderId: session.id,
    decide: (verb, more = {}) =>
      decider.call(`/auth/approvals/${id}/${verb}`, { body: { digest, ...more } }),
  }
}

describe('APP-08 nobody gives more than he has', () => {
  test('APP-08 who lacks a scope that is asked for does not approve it, and may approve the rest', async () => {
    const { server, phone, decide } = await stage(['access:write', 'notes:read'])
    expect(await decide('approve')).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope', scopes: ['notes:write'] },
    })
    expect(await decide('approve', { scopes: ['notes:read', 'notes:write'] })).toMatchObject({
      status: 403,
    })
    expect(await seen(server, phone)).toMatchObject({ state: 'pending' })
    expect((await phone.collect()).status).toBe(202)
    const approved = await decide('approve', { scopes: ['notes:read'] })
    expect(approved).toMatchObject({
      status: 200,
      body: { state: 'approved', decision: { scopes: ['notes:read'] } },
    })
    const collected = (await phone.collect()).as<AuthorizedAnswer>()
    expect(collected.session.scopes).toEqual(['notes:read'])
  })

  test('APP-08 the scopes of a device that changes who has access are no others’ to give', async () => {
    const { decide } = await stage(['access:write', 'notes:read'], ['access:read', 'notes:read'])
    expect(await decide('approve')).toMatchObject({ body: { scopes: ['access:read'] } })
    expect((await decide('approve', { scopes: ['notes:read'] })).status).toBe(200)
  })

  test('APP-08 a decision narrows and never widens', async () => {
    const { server, phone, decide } = await stage(
      ['access:read', 'access:write', 'notes:read', 'notes:write'],
      ['notes:read'],
    )
    for (const scopes of [
      ['notes:write'],
      ['notes:read', 'access:read'],
      [],
      ['notes:read', 'notes:read'],
      ['notes:delete'],
      'notes:read',
    ])
      expect(await decide('approve', { scopes }), String(scopes)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      })
    expect(await seen(server, phone)).toMatchObject({ state: 'pending' })
  })

  test('APP-08 whoever may decide may also turn away what he could not give', async () => {
    const { decide, phone } = await stage(['access:write', 'notes:read'])
    expect(await decide('reject', { reason: 'not ours' })).toMatchObject({
      status: 200,
      body: { state: 'rejected', decision: { reason: 'not ours', scopes: null } },
    })
    expect(await phone.collect()).toMatchObject({ status: 403 })
  })

  test('APP-08 whom a guest lets in leaves with the guest', async () => {
    const { server } = await openDoor('code')
    const guest = await createApplicant(server)
    const { typed } = await server.pair.codes.issue({
      scopes: ['access:write', 'notes:read'],
      session: { absoluteMs: 3_600_000 },
    })
    await guest.redeem(typed)
    const end = server.clock() + 3_600_000
    await server.pair.admission.set('approval')
    const phone = await createApplicant(server)
    await phone.ask({ scopes: ['notes:read'] })
    const { id, digest } = await seen(server, phone)
    server.clock.advance(60_000)
    await guest.call(`/auth/approvals/${id}/approve`, { body: { digest } })
    server.clock.advance(60_000)
    const { session } = (await phone.collect()).as<AuthorizedAnswer>()
    expect(Date.parse(session.expiresAt!)).toBe(end)
  })
})

/** What may happen between a decision's reading and its commit, and what it answers then. */
const BETWEEN: Record<
  string,
  {
    act(at: Awaited<ReturnType<typeof stage>>): Promise<unknown>
    status: number
    code: string
  }
> = {
  'its decider was narrowed': {
    act: ({ server, deciderId }) =>
      server.pair.sessions.narrow(deciderId, ['access:write', 'notes:read']),
    status: 403,
    code: 'insufficient_scope',
  },
  'its decider lost the right to decide': {
    act: ({ server, deciderId }) =>
      server.pair.sessions.narrow(deciderId, ['notes:read', 'notes:write']),
    status: 403,
    code: 'insufficient_scope',
  },
  'its decider was revoked': {
    act: ({ server, deciderId }) => server.pair.sessions.revoke(deciderId),
    status: 401,
    code: 'session_revoked',
  },
  'the device of its decider was revoked': {
    act: async ({ server, deciderId }) => {
      const { items } = await server.pair.sessions.list()
      await server.pair.devices.revoke(items.find(({ id }) => id === deciderId)!.device.id)
    },
    status: 401,
    code: 'session_revoked',
  },
  'everybody was signed out': {
    act: ({ server }) => server.pair.sessions.revokeAll(),
    status: 409,
    code: 'approval_decided',
  },
  'the request changed': {
    act: ({ phone }) => phone.ask({ scopes: ['notes:read'] }),
    status: 409,
    code: 'approval_changed',
  },
  'the request was taken back': {
    act: ({ phone }) => phone.withdraw(),
    status: 409,
    code: 'approval_decided',
  },
  'the mode was changed': {
    act: ({ server }) => server.pair.admission.set('code'),
    status: 403,
    code: 'admission_refused',
  },
}

test.each(Object.entries(BETWEEN))(
  'APP-08 nothing is approved where %s between look and commit',
  async (_, { act, status, code }) => {
    const at = await stage(['access:write', 'notes:read', 'notes:write'])
    at.line.before(becomes('approved'), () => act(at))
    expect(await at.decide('approve')).toMatchObject({ status, body: { code } })
    expect(at.line.happened()).toBe(true)
    expect((await at.phone.collect()).status).not.toBe(200)
    const { items } = await at.server.pair.audit.read({ limit: 1_000 })
    expect(items.map(({ type }) => type)).not.toContain('approval.approved')
  },
)
