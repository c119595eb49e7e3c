import { expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { dumpStore } from '../kit/dump.ts'
import type { Edge } from '../kit/edge.ts'
import { bearer, createTown, outcome } from './kit.ts'

const DAY = 86_400_000

/** How many rows there are of keys, their marks and what leads to them. */
async function rowsOf({ store }: Edge): Promise<number> {
  const rows = await dumpStore(store)
  return rows.filter(({ key }) => key.some((part) => part.startsWith('agent-key'))).length
}

test('AGT-04 a key that stands no more is forgotten after a month, counts in no moment before, and others stay', async () => {
  const town = createTown()
  const { pair } = town
  const owner = await town.owner()
  const revoked = await pair.agentKeys.issue({ agent: 'a' })
  const rotated = await pair.agentKeys.issue({ agent: 'b' })
  const orphan = (await owner.call('/auth/agent-keys', { body: { agent: 'c' } })).body.key as string
  const ending = await pair.agentKeys.issue({ agent: 'd', expiresAt: town.now() + DAY })
  const heir = await pair.agentKeys.rotate(rotated.agentKey.id)
  await pair.agentKeys.revoke(revoked.agentKey.id)
  await pair.sessions.revoke(owner.sessionId)
  const gone = [revoked.key, orphan, rotated.key, ending.key]
  expect(await rowsOf(town)).toBe(11)
  town.pass(DAY)
  for (let day = 0; day < 33; day++) {
    await pair.sweep()
    for (const key of gone) expect(await outcome(town, bearer(key))).toBe('agent_key_required')
    expect(await outcome(town, bearer(heir.key))).toBe('in')
    if (day === 29) expect(await rowsOf(town)).toBe(11)
    town.pass(DAY)
  }
  expect(await rowsOf(town)).toBe(2)
  expect((await pair.agentKeys.list()).items.map(({ agent }) => agent)).toEqual(['b'])
})

test('AGT-04 a sweep by a clock that fell back ends no key for good', async () => {
  const town = createTown()
  const { key } = await town.pair.agentKeys.issue({ agent: 'a' })
  town.pass(-DAY / 24)
  await town.pair.sweep()
  town.pass(DAY / 24)
  expect(await outcome(town, bearer(key))).toBe('in')
})

test.each(['epoch', 'session', 'grant', 'device'])(
  'AGT-04 SEC-16 a sweep that can not read the %s ends no key for good',
  async (word) => {
    const real = memoryStore()
    const blind = { isBlind: false }
    const town = createTown({
      store: {
        ...real,
        async read(key) {
          const entry = await real.read(key)
          const isHidden = blind.isBlind && key[1] === word && (key[3] ?? 'record') === 'record'
          return isHidden && entry ? { ...entry, value: 'of a later version' } : entry
        },
      },
    })
    await town.pair.sessions.revokeAll()
    const owner = await town.owner()
    const { key } = (await owner.call('/auth/agent-keys', { body: { agent: 'a' } })).body
    blind.isBlind = true
    await town.pair.sweep()
    blind.isBlind = false
    town.pass(6 * 60_000)
    expect(await outcome(town, bearer(key as string))).toBe('in')
  },
)
