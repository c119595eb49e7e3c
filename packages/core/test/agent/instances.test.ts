import { describe, expect, test } from 'vitest'
import { faultyStore } from '@pair/testkit/store'
import type { Edge } from '../kit/edge.ts'
import { STORES } from '../kit/stores.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { bearer, bind, createTown, outcome } from './kit.ts'

const OUT = 'agent_key_required'

describe.each(STORES)('two instances on $name', ({ openTwo }) => {
  test('AGT-04 a key of one is taken by the other; a revoke on one takes hold on both within a second', async () => {
    const [one, other] = openTwo().map((store) => createTown({ store })) as [Edge, Edge]
    const { key, agentKey } = await one.pair.agentKeys.issue({ agent: 'a' })
    for (let count = 0; count < 3; count++) {
      expect(await outcome(one, bearer(key))).toBe('in')
      expect(await outcome(other, bearer(key))).toBe('in')
    }
    await one.pair.agentKeys.revoke(agentKey.id)
    expect(await outcome(one, bearer(key))).toBe(OUT)
    await expect.poll(() => outcome(other, bearer(key)), { timeout: 1_000, interval: 20 }).toBe(OUT)
    await Promise.all([one.pair.close(), other.pair.close()])
  })

  test('AGT-03 AGT-04 of forty at two instances one binds, and one rotates', async () => {
    for (let round = 0; round < 8; round++) {
      const towns = openTwo().map((store) => createTown({ store }))
      await towns[0]!.pair.admission.set('code')
      const { typed } = await towns[0]!.pair.agentKeys.supportCode()
      const bound = await Promise.all(
        Array.from({ length: 40 }, (_, at) =>
          bind(towns[at % 2]!, typed, `a-${at}`, `127.0.1.${at + 1}`),
        ),
      )
      const [first, ...more] = bound.filter(({ status }) => status === 201)
      expect(more).toEqual([])
      const { id } = first!.body.agentKey
      const rotated = await Promise.allSettled(
        Array.from({ length: 40 }, (_, at) => towns[at % 2]!.pair.agentKeys.rotate(id)),
      )
      expect(rotated.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const town of towns) await town.pair.close()
    }
  }, 120_000)
})

test('AGT-01 a key that is known costs no call of the store; one whose checksum is wrong never does', async () => {
  const line = faultyStore(memoryStore())
  const town = createTown({ store: line.store })
  const { key } = await town.pair.agentKeys.issue({ agent: 'a' })
  const calls = (): number => line.calls('read') + line.calls('commit') + line.calls('increment')
  await expect
    .poll(async () => {
      await outcome(town, bearer(key))
      const before = calls()
      await outcome(town, bearer(key))
      return calls() - before
    })
    .toBe(0)
  const before = calls()
  for (let count = 0; count < 10; count++)
    expect(await outcome(town, bearer(`${key.slice(0, -1)}!`))).toBe(OUT)
  expect(calls()).toBe(before)
  await town.pair.close()
})

test('AGT-04 SES-05 a key that is known ends at its end, and at that of the session which issued it, all the same', async () => {
  const line = faultyStore(memoryStore())
  const town = createTown({ store: line.store, session: { slidingMs: 120_000 } })
  const owner = await town.owner()
  const given = (await owner.call('/auth/agent-keys', { body: { agent: 'b' } })).body.key as string
  const own = await town.pair.agentKeys.issue({ agent: 'a', expiresAt: town.now() + 60_000 })
  const known = async (key: string): Promise<boolean> => {
    await outcome(town, bearer(key))
    const before = line.calls('read')
    await outcome(town, bearer(key))
    return line.calls('read') === before
  }
  for (const key of [given, own.key]) await expect.poll(() => known(key)).toBe(true)
  town.pass(60_000)
  expect(await outcome(town, bearer(own.key))).toBe(OUT)
  await expect.poll(() => known(given)).toBe(true)
  town.pass(60_000)
  expect(await outcome(town, bearer(given))).toBe(OUT)
  await town.pair.close()
})

describe('a clock that fell back', () => {
  const DAY = 86_400_000
  /** What becomes of a key at that instant where it is known, and where it is looked up. */
  async function bothAt(
    back: number,
    by: 'operator' | 'session',
  ): Promise<{ known: string; fresh: string }> {
    const line = faultyStore(memoryStore())
    const town = createTown({ store: line.store })
    const owner = await town.owner()
    const issued =
      by === 'operator'
        ? await town.pair.agentKeys.issue({ agent: 'a' })
        : (await owner.call('/auth/agent-keys', { body: { agent: 'a' } })).body
    if (by === 'session') {
      town.pass(10 * DAY)
      const renewed = await owner.call('/auth/renew', { body: {} })
      expect(renewed.status).toBe(200)
    }
    await expect
      .poll(async () => {
        await outcome(town, bearer(issued.key))
        const before = line.calls('read')
        await outcome(town, bearer(issued.key))
        return line.calls('read') - before
      })
      .toBe(0)
    const now = town.now()
    town.pass(-back)
    const known = await outcome(town, bearer(issued.key))
    const other = createTown({ store: line.store, clock: () => now - back })
    const fresh = await outcome(other, bearer(issued.key))
    await Promise.all([town.pair.close(), other.pair.close()])
    return { known, fresh }
  }

  test.each([
    ['by as much as clocks may be apart', 'operator', 15_000, 'in'],
    ['behind its making', 'operator', 15_001, OUT],
    ['by hours behind its making', 'operator', DAY / 2, OUT],
    ['by a day more behind the renewal of who issued it', 'session', DAY + 15_000, 'in'],
    ['by more than that', 'session', DAY + 15_001, OUT],
  ] as const)(
    'SEC-06 AGT-04 %s: a key of the %s is judged alike, known or not',
    async (_what, by, back, expected) => {
      expect(await bothAt(back, by)).toEqual({ known: expected, fresh: expected })
    },
  )
})

test('AGT-01 while the store is away a key that is not known is not taken, and says so', async () => {
  const line = faultyStore(memoryStore())
  const town = createTown({ store: line.store })
  const { key } = await town.pair.agentKeys.issue({ agent: 'a' })
  line.down()
  expect(await outcome(town, bearer(key))).toBe('store_unavailable')
  line.up()
  expect(await outcome(town, bearer(key))).toBe('in')
  await town.pair.close()
})
