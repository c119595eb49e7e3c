import { faultyStore } from '@pair/testkit/store'
import { expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, openDoor, shown, type Applicant } from '../kit/applicants.ts'

test('APP-09 one code that 32 hold costs each a few reads, and nobody their square', async () => {
  const line = faultyStore(memoryStore())
  const { server } = await openDoor('code+approval', { store: line.store })
  const { typed } = await server.pair.codes.issue({ uses: 'unlimited' })
  const cost = async (what: () => Promise<unknown>): Promise<number> => {
    const before = line.calls('read')
    await what()
    return line.calls('read') - before
  }
  const holders: Applicant[] = []
  const joining: number[] = []
  for (let n = 0; n < 32; n++) {
    const who = await createApplicant(server, { address: `198.51.100.${n}` })
    joining.push(await cost(async () => expect((await who.redeem(typed)).status).toBe(202)))
    holders.push(who)
  }
  expect(await shown(server)).toHaveLength(32)
  // each that holds adds its own record and its key’s, however many there are
  const steps = joining.slice(1).map((reads, n) => reads - joining[n]!)
  expect(Math.max(...steps)).toBeLessThanOrEqual(3)
  expect(await cost(() => holders[0]!.collect())).toBeLessThanOrEqual(joining[0]! + 3)
  expect(await cost(() => server.pair.approvals.list())).toBeLessThan(32 * 10)
  expect(await cost(() => server.pair.codes.list())).toBeLessThan(32 * 4)
  // who finds no room asks for the standing of all 32
  const late = await createApplicant(server, { address: '192.0.2.1' })
  expect(await cost(async () => expect((await late.redeem(typed)).status).toBe(429))).toBeLessThan(
    32 * 12,
  )
  await server.pair.admission.set('approval')
  for (const n of [1, 2]) {
    const stranger = await createApplicant(server, { address: `203.0.113.${n}`, key: null })
    expect(await cost(async () => expect((await stranger.ask()).status).toBe(429))).toBeLessThan(
      32 * 10,
    )
  }
})
