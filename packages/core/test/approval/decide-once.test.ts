import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, openDoor, settle, shown, type Applicant } from '../kit/applicants.ts'
import type { Answer, LoggedServer, Newcomer } from '../kit/newcomers.ts'
import { jitteredStore, race } from '../kit/races.ts'

interface Stage {
  server: LoggedServer
  owner: Newcomer
  phone: Applicant
  id: string
  digest: string
}

async function asked(): Promise<Stage> {
  const { server, owner } = await openDoor()
  const phone = await createApplicant(server)
  await phone.ask()
  const [item] = await shown(server)
  return { server, owner, phone, id: item!.id, digest: item!.digest }
}

/** How a request comes to stand in each state that no decision may follow. */
const WAYS: Record<string, (stage: Stage) => Promise<unknown>> = {
  approved: ({ server, phone }) => settle(server, 'approve', phone),
  rejected: ({ server, phone }) => settle(server, 'reject', phone),
  collected: async ({ server, phone }) => {
    await settle(server, 'approve', phone)
    await phone.collect()
  },
  withdrawn: ({ phone }) => phone.withdraw(),
  expired: async ({ server }) => server.clock.advance(600_000),
  'expired and told': async ({ server }) => {
    server.clock.advance(600_000)
    await server.pair.sweep()
  },
  'never collected': async ({ server, phone }) => {
    await settle(server, 'approve', phone)
    server.clock.advance(600_000)
  },
}

const decide = ({ owner, id, digest }: Stage, verb: 'approve' | 'reject'): Promise<Answer> =>
  owner.call(`/auth/approvals/${id}/${verb}`, { body: { digest } })

describe.each(Object.keys(WAYS))('APP-03 a request that is %s', (way) => {
  test.each(['approve', 'reject'] as const)(
    'APP-03 is not there to %s: 409 with its state, and nothing is changed',
    async (verb) => {
      const stage = await asked()
      await WAYS[way]!(stage)
      await renewed(stage)
      const before = await stage.server.pair.audit.read()
      const [listed, held] = [await shown(stage.server), await heldBy(stage)]
      const state = /expired|never/.test(way) ? 'expired' : way
      expect(await decide(stage, verb)).toMatchObject({
        status: 409,
        body: { code: 'approval_decided', state },
      })
      // whatever digest is named
      expect(await decide({ ...stage, digest: 'another' }, verb)).toMatchObject({
        status: 409,
        body: { code: 'approval_decided', state },
      })
      expect(await shown(stage.server)).toEqual(listed)
      expect(await heldBy(stage)).toEqual(held)
      expect(await stage.server.pair.audit.read()).toEqual(before)
    },
  )
})

/** Keeps the owner signed in while time passes. */
async function renewed({ owner }: Stage): Promise<void> {
  expect((await owner.call('/auth/renew', { body: {} })).status).toBe(200)
}

/** The record itself, as it lies in the store. */
async function heldBy({ server, id }: Stage): Promise<unknown> {
  return (await server.store.read(['pair', 'approval', id, 'record']))?.value
}

test.each(['approve', 'reject'] as const)(
  'APP-03 what was forgotten or never was is 404 to %s',
  async (verb) => {
    const stage = await asked()
    await settle(stage.server, 'reject', stage.phone)
    await stage.server.pair.approvals.forget(stage.id)
    for (const id of [stage.id, `apr_${'A'.repeat(22)}`, 'apr_', `ses_${'A'.repeat(22)}`, '*'])
      expect(await decide({ ...stage, id }, verb), id).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      })
  },
)

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'APP-03 of 40 decisions at once one counts, and it is the one that is kept (memory, round %i)',
  async (round) => {
    const { server } = await openDoor('approval', { store: jitteredStore(memoryStore(), round) })
    const phone = await createApplicant(server)
    await phone.ask()
    const [item] = await shown(server)
    const { id, digest } = item!
    const answers = await race((rival) =>
      server.pair.approvals[rival % 2 ? 'approve' : 'reject'](id, {
        digest,
        reason: `rival ${rival}`,
      }).then(
        ({ state, decision }) => ({ state, reason: decision?.reason }),
        ({ code, members }: { code: string; members: unknown }) => ({ code, members }),
      ),
    )
    const winners = answers.filter((answer) => 'reason' in answer)
    expect(winners).toHaveLength(1)
    const [{ state, reason }] = winners as [{ state: string; reason: string }]
    for (const answer of answers)
      if (!('reason' in answer))
        expect(answer).toEqual({ code: 'approval_decided', members: { state } })
    expect(await shown(server)).toMatchObject([{ id, state, decision: { reason } }])
    const { items } = await server.pair.audit.read()
    const told = items.filter(({ approvalId }) => approvalId === id).map(({ type }) => type)
    expect(told).toEqual(['approval.requested', `approval.${state}`])
    expect((await phone.collect()).status).toBe(state === 'approved' ? 200 : 403)
  },
)

test('APP-03 all that was ever decided of a device stays in the journal', async () => {
  const { server, phone, id } = await asked()
  await server.pair.approvals.reject(id, { digest: (await shown(server))[0]!.digest, reason: 'no' })
  await server.pair.approvals.forget(id)
  await phone.ask()
  await settle(server, 'approve', phone)
  await phone.collect()
  for (const { id: each, label } of (await server.pair.devices.list()).items)
    if (label === 'A phone') await server.pair.devices.revoke(each)
  await phone.ask()
  await settle(server, 'reject', phone)
  const { items } = await server.pair.audit.read()
  const history = items.flatMap(({ type, approvalId, detail }) =>
    approvalId === undefined ? [] : [`${type} ${String(detail?.label)}`],
  )
  expect(history).toEqual(
    [
      'requested',
      'rejected',
      'forgotten',
      'requested',
      'approved',
      'collected',
      'requested',
      'rejected',
    ].map((verb) => `approval.${verb} A phone`),
  )
  expect(new Set(items.flatMap(({ approvalId }) => approvalId ?? []))).toHaveLength(3)
})
