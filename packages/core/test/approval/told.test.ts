import { describe, expect, test } from 'vitest'
import type { AccessAnswer } from '../../src/http/wire.ts'
import { createApplicant, openDoor, seen, settle, type Applicant } from '../kit/applicants.ts'
import type { LoggedServer, Newcomer } from '../kit/newcomers.ts'

interface Stage {
  server: LoggedServer
  owner: Newcomer
  phone: Applicant
}

async function stage(): Promise<Stage> {
  const door = await openDoor()
  return { ...door, phone: await createApplicant(door.server) }
}

const decide = async ({ server, owner, phone }: Stage, verb: string): Promise<unknown> => {
  const { id, digest } = await seen(server, phone)
  return owner.call(`/auth/approvals/${id}/${verb}`, {
    body: { digest, reason: 'as agreed' },
    info: { remoteAddress: '192.0.2.77' },
  })
}

const admission = ({ owner }: Stage, mode: string): Promise<{ status: number }> =>
  owner
    .call('/auth/admission')
    .then(({ body }) =>
      owner.call('/auth/admission', { method: 'PUT', body: { mode, version: body.version } }),
    )

/** Every real change: what comes before it, the change, and what it is called. */
const CHANGES: Record<
  string,
  {
    before?: (stage: Stage) => Promise<unknown>
    act: (stage: Stage) => Promise<unknown>
    type: string
    by: string
    /** Does the list of requests show it? Those that are over are shown by not being there. */
    lists: 'pending' | 'approved' | 'rejected' | null
  }
> = {
  asking: {
    act: ({ phone }) => phone.ask(),
    type: 'approval.requested',
    by: 'newcomer',
    lists: 'pending',
  },
  'asking for something else': {
    before: ({ phone }) => phone.ask(),
    act: ({ phone }) => phone.ask({ scopes: ['notes:read'] }),
    type: 'approval.requested',
    by: 'newcomer',
    lists: 'pending',
  },
  approving: {
    before: ({ phone }) => phone.ask(),
    act: (at) => decide(at, 'approve'),
    type: 'approval.approved',
    by: 'session',
    lists: 'approved',
  },
  rejecting: {
    before: ({ phone }) => phone.ask(),
    act: (at) => decide(at, 'reject'),
    type: 'approval.rejected',
    by: 'session',
    lists: 'rejected',
  },
  collecting: {
    before: (at) => at.phone.ask().then(() => decide(at, 'approve')),
    act: ({ phone }) => phone.collect(),
    type: 'approval.collected',
    by: 'newcomer',
    lists: null,
  },
  withdrawing: {
    before: ({ phone }) => phone.ask(),
    act: ({ phone }) => phone.withdraw(),
    type: 'approval.withdrawn',
    by: 'newcomer',
    lists: null,
  },
  forgetting: {
    before: (at) => at.phone.ask().then(() => decide(at, 'reject')),
    act: async ({ owner, phone }) =>
      owner.call(`/auth/approvals/${phone.pending.approval.id}`, { method: 'DELETE' }),
    type: 'approval.forgotten',
    by: 'session',
    lists: null,
  },
  expiring: {
    before: ({ phone }) => phone.ask(),
    act: async ({ server, owner }) => {
      server.clock.advance(600_000)
      await server.pair.sweep()
      await owner.call('/auth/renew', { body: {} })
    },
    type: 'approval.expired',
    by: 'server',
    lists: null,
  },
}

describe('APP-12', () => {
  test.each(Object.entries(CHANGES))(
    'APP-12 %s is one event, and the next snapshot shows it',
    async (_, { before, act, type, by, lists }) => {
      const at = await stage()
      const { server, owner, phone } = at
      await before?.(at)
      const snapshot = async (): Promise<AccessAnswer> =>
        (await owner.call('/auth/access')).as<AccessAnswer>()
      const { cursor } = await snapshot()
      await act(at)
      const since = async (): Promise<unknown[]> =>
        (await server.pair.audit.read({ after: cursor })).items
      expect(await since()).toMatchObject([
        { type, at: server.clock(), approvalId: phone.pending.approval.id, actor: { kind: by } },
      ])
      const next = await snapshot()
      expect(next.cursor).not.toBe(cursor)
      expect(next.approvals.map(({ state }) => state)).toEqual(lists === null ? [] : [lists])
      expect(next.approvals).toEqual((await owner.call('/auth/approvals')).body.items)
      // done once more, it is no change
      await act(at)
      if (type !== 'approval.requested') expect(await since()).toHaveLength(1)
    },
  )

  test('APP-12 whoever decided is named in the event and in the list: device, session, address, reason, time and digest', async () => {
    for (const [verb, scopes] of [
      ['approve', ['notes:read', 'notes:write']],
      ['reject', null],
    ] as const) {
      const at = await stage()
      const { session } = (await at.owner.call('/auth/session')).body as {
        session: { id: string; device: { id: string } }
      }
      await at.phone.ask()
      const { id, digest } = await seen(at.server, at.phone)
      at.server.clock.advance(5_000)
      await decide(at, verb)
      const by = {
        kind: 'session',
        sessionId: session.id,
        deviceId: session.device.id,
        address: '192.0.2.77',
      }
      const when = at.server.clock()
      expect((await at.server.pair.audit.read()).items.at(-1)).toMatchObject({
        at: when,
        actor: by,
        approvalId: id,
        detail: { digest, reason: 'as agreed', label: 'A phone' },
      })
      const { decision } = await seen(at.server, at.phone)
      expect(decision).toEqual({ at: when, by, reason: 'as agreed', scopes })
      const [item] = (await at.owner.call('/auth/approvals')).body.items as object[]
      expect(item).toMatchObject({
        decision: { at: new Date(when).toISOString(), by, reason: 'as agreed', scopes },
      })
    }
  })

  test('APP-12 the operator is named as such, and a reason may be left out', async () => {
    const { server, phone } = await stage()
    await phone.ask()
    await settle(server, 'approve', phone)
    expect((await seen(server, phone)).decision).toMatchObject({
      by: { kind: 'operator' },
      reason: null,
    })
  })

  test('APP-12 a reason is a line of text that can be shown, or refused', async () => {
    const { server, owner, phone } = await stage()
    await phone.ask()
    const { id, digest } = await seen(server, phone)
    for (const reason of ['', ' ', 'x'.repeat(201), '\u0000', '\ud800', 7, null])
      expect(
        await owner.call(`/auth/approvals/${id}/reject`, { body: { digest, reason } }),
        String(reason),
      ).toMatchObject({ status: 400 })
    await server.pair.approvals.reject(id, { digest, reason: `  ${'y'.repeat(200)} ` })
    expect((await seen(server, phone)).decision?.reason).toBe('y'.repeat(200))
  })

  test('APP-12 who came in names the request that let it in, and whoever was displaced is told of too', async () => {
    const { server, phone } = await stage()
    await phone.ask()
    await settle(server, 'approve', phone)
    await phone.collect()
    const last = (await server.pair.audit.read()).items.at(-1)!
    expect(last).toMatchObject({
      type: 'approval.collected',
      approvalId: phone.pending.approval.id,
      sessionId: expect.stringMatching(/^ses_/),
      deviceId: expect.stringMatching(/^dev_/),
      actor: { kind: 'newcomer', address: '203.0.113.7' },
      detail: { label: 'A phone', scopes: ['notes:read', 'notes:write'], known: false },
    })
  })

  test('APP-12 a change of mode is one event with both modes and who did it', async () => {
    const at = await stage()
    const { items: before } = await at.server.pair.audit.read()
    expect((await admission(at, 'code+approval')).status).toBe(200)
    expect((await admission(at, 'code+approval')).status).toBe(200)
    const { items } = await at.server.pair.audit.read()
    expect(items.slice(before.length)).toMatchObject([
      {
        type: 'admission.changed',
        actor: { kind: 'session', address: '127.0.0.1' },
        detail: { from: 'approval', to: 'code+approval', reevaluated: false },
      },
    ])
    const { admission: shown } = (await at.owner.call('/auth/access')).as<AccessAnswer>()
    expect(shown).toMatchObject({ mode: 'code+approval', stored: null })
  })
})
