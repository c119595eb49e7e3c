import { expect, test } from 'vitest'
import { createApplicant, letIn, openDoor, settle } from '../kit/applicants.ts'
import { dumpStore } from '../kit/dump.ts'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import type { LoggedServer } from '../kit/newcomers.ts'

/** Of every device that is listed, when it was last seen. */
async function lastSeen({ pair }: LoggedServer): Promise<Record<string, number>> {
  const { items } = await pair.devices.list()
  return Object.fromEntries(items.map(({ label, presence }) => [label, presence.lastSeenAt]))
}

/** How many notes of somebody having been seen lie in the store. */
const notes = async ({ store }: LoggedServer): Promise<number> =>
  (await dumpStore(store)).filter(({ key }) => key[1] === 'presence').length

test('APP-05 whoever waits, is turned away or is let in without coming is not seen', async () => {
  const { server } = await openDoor()
  const phone = await createApplicant(server)
  const knock = async (): Promise<void> => {
    server.clock.advance(61_000)
    await phone.ask()
    await phone.collect()
    await phone.call('/auth/session')
  }
  const before = await notes(server)
  for (let times = 0; times < 3; times++) await knock()
  expect(Object.keys(await lastSeen(server))).toEqual(['A device'])
  await settle(server, 'approve', phone)
  server.clock.advance(61_000)
  await phone.call('/auth/session')
  expect(Object.keys(await lastSeen(server))).toEqual(['A device'])
  await phone.withdraw()
  await knock()
  await settle(server, 'reject', phone)
  await knock()
  expect(Object.keys(await lastSeen(server))).toEqual(['A device'])
  expect(await notes(server)).toBe(before)
})

test('APP-05 last seen moves while somebody is let in, and no longer once it is revoked', async () => {
  const { server } = await openDoor('approval', { session: { accessMs: 3_600_000 } })
  const phone = await createApplicant(server)
  const { session } = (await letIn(server, phone)).as<AuthorizedAnswer>()
  const come = async (): Promise<void> => {
    server.clock.advance(61_000)
    await phone.call('/auth/session')
  }
  await come()
  expect(await lastSeen(server)).toMatchObject({ 'A phone': server.clock() })
  await come()
  const last = server.clock()
  expect(await lastSeen(server)).toMatchObject({ 'A phone': last })
  const key = ['pair', 'presence', session.id, 'record']
  const kept = (await server.store.read(key))!.version
  await server.pair.devices.revoke(session.device.id)
  await come()
  // it asks again, and is let in anew: what was seen of the one before stays there
  await phone.ask()
  await come()
  expect((await server.store.read(key))!.version).toBe(kept)
  expect(await lastSeen(server)).not.toHaveProperty('A phone')
})
