import { describe, expect, test } from 'vitest'
import { createApplicant, letIn, openDoor, settle, type Applicant } from '../kit/applicants.ts'
import type { LoggedServer } from '../kit/newcomers.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A phone that was let in once, for an hour; what its key was then is kept for 30 days more. */
async function known(): Promise<{ server: LoggedServer; phone: Applicant }> {
  const { server } = await openDoor('approval', { session: { slidingMs: HOUR } })
  const phone = await createApplicant(server)
  await letIn(server, phone)
  return { server, phone }
}

async function revoke({ pair }: LoggedServer): Promise<void> {
  for (const { id, label } of (await pair.devices.list()).items)
    if (label === 'A phone') await pair.devices.revoke(id)
  // from then on its mark has an end
  await pair.sweep()
}

async function pass({ clock, pair }: LoggedServer, ms: number): Promise<void> {
  clock.advance(ms)
  await pair.sweep()
}

describe.each([
  ['ran out', async () => {}],
  ['was revoked', revoke],
] as const)('APP-09 of a key whose device %s', (_, end) => {
  test('APP-09 a rejection holds for its 30 days, also where what the key once was is swept by then', async () => {
    const { server, phone } = await known()
    await end(server)
    await pass(server, 30 * DAY)
    expect((await phone.ask()).status).toBe(202)
    await settle(server, 'reject', phone)
    const still = { status: 403, body: { code: 'approval_rejected' } }
    for (const ms of [20 * MINUTE, 2 * HOUR, 5 * DAY, 24 * DAY]) {
      await pass(server, ms)
      expect(await phone.ask(), `${ms}`).toMatchObject(still)
    }
    await pass(server, DAY)
    expect((await phone.ask()).status).toBe(202)
  })

  test('APP-09 a request that waits, or was approved, goes on where what the key once was is swept meanwhile', async () => {
    const { server, phone } = await known()
    await end(server)
    await pass(server, HOUR + 30 * DAY - MINUTE)
    expect((await phone.ask()).status).toBe(202)
    await pass(server, 2 * MINUTE)
    expect((await phone.collect()).status).toBe(202)
    await pass(server, 7 * MINUTE)
    await settle(server, 'approve', phone)
    await pass(server, 9 * MINUTE)
    expect((await phone.collect()).status).toBe(200)
  })
})
