import { expect, test } from 'vitest'
import { createApplicant, openDoor, seen, settle } from '../kit/applicants.ts'

test('APP-09 whoever waits goes on waiting, and may ask for the same again, while a neighbour cools down', async () => {
  const { server } = await openDoor()
  const [one, two] = [await createApplicant(server), await createApplicant(server)]
  await one.ask()
  await two.ask()
  const before = await seen(server, two)
  await settle(server, 'reject', one)
  expect((await two.ask()).status).toBe(202)
  expect(await seen(server, two)).toEqual(before)
  // the same is all that is asked for again
  two.label = 'Another phone'
  expect(await two.ask()).toMatchObject({ status: 429, body: { code: 'approval_limited' } })
  two.label = 'A phone'
  expect((await two.ask()).status).toBe(202)
  await settle(server, 'approve', two)
  expect((await two.collect()).status).toBe(200)
})

test.each([
  ['earlier', 0],
  ['later', 1],
] as const)(
  'APP-09 of two rejections each cools down for itself: forgetting the %s one leaves the other',
  async (_, forgotten) => {
    const { server } = await openDoor()
    const both = [await createApplicant(server), await createApplicant(server)]
    for (const who of both) await who.ask()
    await settle(server, 'reject', both[0]!)
    server.clock.advance(60_000)
    await settle(server, 'reject', both[1]!)
    await server.pair.approvals.forget(both[forgotten]!.pending.approval.id)
    const third = await createApplicant(server)
    const left = forgotten === 0 ? 600 : 540
    expect(await third.ask()).toMatchObject({ status: 429, body: { retryAfter: left } })
    server.clock.advance(left * 1_000 - 1)
    expect((await third.ask()).status).toBe(429)
    server.clock.advance(1)
    expect((await third.ask()).status).toBe(202)
  },
)
