import { expect, test } from 'vitest'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import {
  createApplicant,
  openDoor,
  seen,
  settle,
  shown,
  type Applicant,
} from '../kit/applicants.ts'
import type { LoggedServer } from '../kit/newcomers.ts'
import { OWNER, paired } from '../kit/owners.ts'

interface Held {
  server: LoggedServer
  phone: Applicant
  typed: string
  /** Revokes the device that approved. */
  dismiss(): Promise<unknown>
}

/** A phone that holds the one use of a code, and that a device has approved. */
async function approved(): Promise<Held> {
  const { server } = await openDoor('code')
  const decider = await paired(server, OWNER)
  const { session } = (await decider.call('/auth/session')).as<AuthorizedAnswer>()
  await server.pair.admission.set('code+approval')
  const { typed } = await server.pair.codes.issue()
  const phone = await createApplicant(server)
  expect((await phone.redeem(typed)).status).toBe(202)
  const { id, digest } = await seen(server, phone)
  const answer = await decider.call(`/auth/approvals/${id}/approve`, { body: { digest } })
  expect(answer.status).toBe(200)
  return { server, phone, typed, dismiss: () => server.pair.devices.revoke(session.device.id) }
}

const SINCE: Record<string, (at: Held) => Promise<unknown>> = {
  'was changed after it was approved': async ({ phone }) => (phone.label = 'Another phone'),
  'was approved by a device that was revoked since': ({ dismiss }) => dismiss(),
}

test.each(Object.entries(SINCE))(
  'APP-09 whose request %s goes on with the one use of its code',
  async (_, act) => {
    const at = await approved()
    const { server, phone, typed } = at
    await act(at)
    expect((await phone.redeem(typed)).status).toBe(202)
    expect((await phone.collect()).status).toBe(202)
    expect(await shown(server)).toMatchObject([{ id: phone.pending.approval.id, state: 'pending' }])
    await settle(server, 'approve', phone)
    expect((await phone.collect()).status).toBe(200)
  },
)

test('APP-09 what a revoked device approved holds no use of a code any more', async () => {
  const { server, phone, typed, dismiss } = await approved()
  await dismiss()
  expect((await phone.collect()).status).toBe(410)
  expect((await server.pair.codes.list()).items.map(({ held }) => held)).toEqual([0])
  const other = await createApplicant(server, { address: '198.51.100.1' })
  expect((await other.redeem(typed)).status).toBe(202)
})

test('APP-09 whoever waits has his use of a code, also where one that another left is taken in mode code', async () => {
  const { server } = await openDoor('code+approval')
  const { typed } = await server.pair.codes.issue({ uses: 2 })
  const [gone, phone] = [await createApplicant(server), await createApplicant(server)]
  for (const who of [gone, phone]) expect((await who.redeem(typed)).status).toBe(202)
  expect((await gone.withdraw()).status).toBe(204)
  await server.pair.admission.set('code')
  const other = await createApplicant(server, { address: '198.51.100.1' })
  expect((await other.redeem(typed)).status).toBe(200)
  await server.pair.admission.set('code+approval')
  await settle(server, 'approve', phone)
  expect((await phone.collect()).status).toBe(200)
  const late = await createApplicant(server, { address: '198.51.100.2' })
  expect((await late.redeem(typed)).status).toBe(401)
})
