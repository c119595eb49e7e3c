import { expect, test } from 'vitest'
import type { AgentOptions } from '../../src/agent.ts'
import { bearer, createTown, knock, outcome } from './kit.ts'

const SHARED = 'a-shared-key-of-forty-two-characters-or-so'
const HOUR = 3_600_000
const UNTIL = 1_800_000_000_000 + 10 * HOUR
const sharedKey = { key: SHARED, until: UNTIL, scopes: ['notes:read'] }
const as = (name: string): Record<string, string> => ({ ...bearer(SHARED), 'pair-agent': name })

test('AGT-03 a shared key lets in who names himself, with the scopes of the option, until its end', async () => {
  const town = createTown({}, { sharedKey })
  const guarded = await knock(town, as('old-1'))
  expect(guarded.ok && guarded.auth).toEqual({
    kind: 'agent',
    agent: { id: 'old-1', keyId: null, scopes: ['notes:read'] },
    credentialExpiresAt: UNTIL,
  })
  expect(await outcome(town, as('old-1'), { who: 'agent', scopes: ['notes:write'] })).toBe(
    'insufficient_scope',
  )
  expect(await outcome(town, as('old-1'), { who: 'agent', agent: 'old-2' })).toBe('agent_mismatch')
  town.pass(10 * HOUR - 1)
  expect(await outcome(town, as('old-1'))).toBe('in')
  town.pass(1)
  expect(await outcome(town, as('old-1'))).toBe('agent_key_required')
})

test('AGT-03 AGT-02 whoever has, or had, a key of his own needs that', async () => {
  const town = createTown({}, { sharedKey })
  expect(await outcome(town, as('old-1'))).toBe('in')
  const { agentKey } = await town.pair.agentKeys.issue({ agent: 'old-1' })
  expect(await outcome(town, as('old-1'))).toBe('agent_key_required')
  await town.pair.agentKeys.revoke(agentKey.id)
  expect(await outcome(town, as('old-1'))).toBe('agent_key_required')
  expect(await outcome(town, as('old-2'))).toBe('in')
})

test('AGT-03 each who comes with it is told apart, and warned of once an hour', async () => {
  const warned: unknown[] = []
  const warn = (message: string, fields?: object): void => void warned.push([message, fields])
  const quiet = (): void => {}
  const logger = { debug: quiet, info: quiet, warn, error: quiet }
  const town = createTown({ logger }, { sharedKey })
  const use = (): ReturnType<typeof town.pair.agentKeys.sharedKeyUse> =>
    town.pair.agentKeys.sharedKeyUse()
  expect(await use()).toEqual({ agents: [], isFull: false, until: UNTIL })
  const at = town.now()
  for (let count = 0; count < 5; count++) for (const name of ['a', 'b']) await knock(town, as(name))
  expect(warned).toHaveLength(2)
  expect(JSON.stringify(warned)).not.toContain(SHARED)
  await expect
    .poll(async () => (await use())?.agents)
    .toEqual([
      { agent: 'a', firstAt: at, lastAt: at },
      { agent: 'b', firstAt: at, lastAt: at },
    ])
  town.pass(HOUR)
  await knock(town, as('b'))
  await expect.poll(async () => (await use())?.agents[1]?.lastAt).toBe(at + HOUR)
  expect(warned).toHaveLength(3)
  // Another instance of the same store knows as much.
  const other = createTown({ store: town.store, clock: town.now, logger }, { sharedKey })
  expect((await other.pair.agentKeys.sharedKeyUse())?.agents).toHaveLength(2)
  expect(await createTown().pair.agentKeys.sharedKeyUse()).toBe(null)
})

test('AGT-03 however many names come with it, 200 are listed and the warnings are bounded', async () => {
  let warned = 0
  const quiet = (): void => {}
  const logger = { debug: quiet, info: quiet, warn: () => void warned++, error: quiet }
  const town = createTown({ logger }, { sharedKey })
  for (let count = 0; count < 230; count++) await knock(town, as(`old-${count}`))
  await expect
    .poll(async () => (await town.pair.agentKeys.sharedKeyUse())?.agents.length, { timeout: 5_000 })
    .toBe(200)
  expect((await town.pair.agentKeys.sharedKeyUse())?.isFull).toBe(true)
  expect(warned).toBe(201)
})

test('AGT-03 a store that fails in noting it fails nothing else', async () => {
  const town = createTown({}, { sharedKey })
  const commit = async (): Promise<never> => Promise.reject(new Error('down'))
  const failing = createTown({ store: { ...town.store, commit } }, { sharedKey })
  expect(await outcome(failing, as('a'))).toBe('in')
})

test('AGT-03 the options of agents are checked when the server is made', () => {
  const wrong: AgentOptions<string>[] = [
    { prefix: 'P' },
    { prefix: 'a_b' },
    { sharedKey: { ...sharedKey, key: 'a'.repeat(31) } },
    { sharedKey: { ...sharedKey, key: `${SHARED}.` } },
    { sharedKey: { ...sharedKey, key: `pak_${SHARED}` } },
    { sharedKey: { ...sharedKey, key: `${SHARED} a` } },
    { sharedKey: { ...sharedKey, key: 7 as never } },
    { sharedKey: { ...sharedKey, until: NaN } },
    { sharedKey: { ...sharedKey, until: new Date('soon') } },
    { sharedKey: { ...sharedKey, until: 'soon' as never } },
    { sharedKey: { ...sharedKey, scopes: ['access:read'] } },
    { sharedKey: { ...sharedKey, scopes: ['notes:raed'] } },
  ]
  for (const options of wrong)
    expect(() => createTown({}, options), JSON.stringify(options)).toThrow(
      expect.objectContaining({ code: 'config_invalid' }),
    )
  createTown({}, { prefix: 'lab', sharedKey: { key: SHARED, until: new Date(UNTIL) } })
})
