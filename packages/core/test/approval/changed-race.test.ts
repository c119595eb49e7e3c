import { expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, openDoor, shown } from '../kit/applicants.ts'
import { jitteredStore, race } from '../kit/races.ts'

const SCOPES = [['notes:read'], ['notes:write'], ['access:write']]

/** One race, held to its laws; answers how often somebody was approved and collected in it. */
async function runRace(round: number): Promise<{ approved: number; collected: number }> {
  const store = jitteredStore(memoryStore(), round)
  const { server } = await openDoor('approval', { store })
  const phone = await createApplicant(server)
  await phone.ask({ scopes: SCOPES[0] })
  /** What stood on the screen beside that digest. */
  const looks = new Map<string, readonly string[]>()
  const decide = async (): Promise<void> => {
    const [item] = await shown(server)
    if (item?.state !== 'pending') return
    looks.set(item.digest, item.scopes)
    await server.pair.approvals.approve(item.id, { digest: item.digest }).catch(() => null)
  }
  await race(async (rival) => {
    if (rival % 4 === 0) return phone.ask({ scopes: SCOPES[(rival / 4) % 3] })
    for (let times = 0; times < 5; times++) await (rival % 4 === 1 ? phone.collect() : decide())
    return null
  })
  await phone.collect()
  const { items } = await server.pair.audit.read({ limit: 1_000 })
  const of = (type: string): typeof items => items.filter((event) => event.type === type)
  for (const { detail } of of('approval.approved'))
    expect(looks.get(String(detail!.digest))).toEqual(detail!.scopes)
  for (const { detail, approvalId } of of('approval.collected')) {
    const decision = of('approval.approved').filter((event) => event.approvalId === approvalId)
    expect(decision.map((event) => event.detail!.scopes)).toEqual([detail!.scopes])
  }
  // Let in, it comes back by itself, and with nothing more.
  const entries = items.filter(({ type }) => /^approval.collected|device.returned/.test(type))
  for (const { approvalId, detail } of entries) {
    const [decision] = of('approval.approved').filter((event) => event.approvalId === approvalId)
    expect(decision!.detail!.scopes).toEqual(expect.arrayContaining(detail!.scopes as string[]))
  }
  const { items: sessions } = await server.pair.sessions.list()
  expect(
    sessions.flatMap(({ id, scopes, device }) =>
      device.label === 'A phone' ? [{ id, scopes }] : [],
    ),
  ).toEqual(
    entries.slice(-1).map(({ sessionId, detail }) => ({ id: sessionId, scopes: detail!.scopes })),
  )
  return {
    approved: of('approval.approved').length,
    collected: of('approval.collected').length,
  }
}

test('APP-07 among 40 who change, look, approve and collect at once, what is let in is what was looked at (memory, 8 rounds)', async () => {
  let [approved, collected] = [0, 0]
  for (let round = 1; round <= 8; round++) {
    const seen = await runRace(round)
    approved += seen.approved
    collected += seen.collected
  }
  // In these races there was something to see.
  expect(approved).toBeGreaterThan(0)
  expect(collected).toBeGreaterThan(0)
}, 120_000)
