import { expect, test } from 'vitest'
import { createApplicant, openDoor, settle, shown } from '../kit/applicants.ts'

test('APP-12 a page of requests is full, or the last, whatever is over between them', async () => {
  const { server } = await openDoor()
  const waiting = []
  for (const last of [1, 2, 3, 4, 5, 6]) {
    const phone = await createApplicant(server, { address: `198.51.100.${last}` })
    expect((await phone.ask()).status).toBe(202)
    waiting.push(phone)
  }
  const order = (await shown(server)).map(({ id }) => id)
  for (const at of [1, 2]) {
    const gone = waiting.find(({ pending }) => pending.approval.id === order[at])!
    expect((await gone.withdraw()).status).toBe(204)
  }
  const { list } = server.pair.approvals
  const first = await list({ limit: 2 })
  expect(first.items.map(({ id }) => id)).toEqual([order[0], order[3]])
  const second = await list({ limit: 2, after: first.next! })
  expect(second.items.map(({ id }) => id)).toEqual([order[4], order[5]])
})

test('APP-10 who may not act forgets nothing', async () => {
  const { server } = await openDoor()
  const phone = await createApplicant(server)
  await phone.ask()
  await settle(server, 'reject', phone)
  const { id } = phone.pending.approval
  const stranger = {
    sessionId: `ses_${'A'.repeat(22)}`,
    deviceId: `dev_${'A'.repeat(22)}`,
  } as const
  const forget = server.pair.approvals.forget as (id: string, by?: unknown) => Promise<void>
  await expect(forget(id, { kind: 'session', ...stranger })).rejects.toMatchObject({
    code: 'session_invalid',
  })
  expect(await shown(server)).toMatchObject([{ id, state: 'rejected' }])
})
