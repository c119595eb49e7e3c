import { expect, test } from 'vitest'
import { createApplicant, openDoor, seen, settle } from '../kit/applicants.ts'
import { dumpStore } from '../kit/dump.ts'
import type { LoggedServer } from '../kit/newcomers.ts'

const TIMES = 100

/** How many lines of the journal and records of requests there are. */
async function size({ store }: LoggedServer): Promise<number> {
  const rows = await dumpStore(store)
  return rows.filter(({ key }) => key[0] === 'journal' || key[1]!.startsWith('approval')).length
}

test('APP-09 a stranger with many keys who asks and takes it back, over and over, does not grow the store', async () => {
  const { server } = await openDoor()
  const before = await size(server)
  for (let times = 0; times < TIMES; times++) {
    const who = await createApplicant(server)
    if ((await who.ask()).status === 202) await who.withdraw()
  }
  expect((await size(server)) - before).toBeLessThan(TIMES)
})

test('APP-09 a stranger with one key who asks and takes it back, over and over, does not grow the store', async () => {
  const { server } = await openDoor()
  const who = await createApplicant(server)
  const before = await size(server)
  for (let times = 0; times < TIMES; times++) {
    if ((await who.ask()).status === 202) await who.withdraw()
  }
  expect((await size(server)) - before).toBeLessThan(TIMES)
})

test('APP-09 a request is changed eight times at most, and waits as it is then', async () => {
  const { server } = await openDoor()
  const who = await createApplicant(server)
  await who.ask()
  for (let times = 1; times <= 8; times++) {
    who.label = `A phone ${times}`
    expect((await who.ask()).status).toBe(202)
  }
  const before = await seen(server, who)
  who.label = 'A phone 9'
  expect(await who.ask()).toMatchObject({
    status: 429,
    body: { code: 'approval_limited', retryAfter: 600 },
  })
  expect(await seen(server, who)).toEqual(before)
  who.label = 'A phone 8'
  expect((await who.ask()).status).toBe(202)
  await settle(server, 'approve', who)
  expect((await who.collect()).status).toBe(200)
})

test('APP-09 a stranger who asks for something else each time does not grow the store', async () => {
  const { server } = await openDoor()
  const who = await createApplicant(server)
  const before = await size(server)
  for (let times = 0; times < TIMES; times++) {
    who.label = `A phone ${times % 2}`
    await who.ask()
  }
  expect((await size(server)) - before).toBeLessThan(TIMES)
})
