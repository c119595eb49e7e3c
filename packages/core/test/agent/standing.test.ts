import { expect, test } from 'vitest'
import { judgeAgentKey, type AgentKey } from '../../src/agent/agent-key.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { dumpStore } from '../kit/dump.ts'
import { bearer, bind, createTown, outcome } from './kit.ts'

const OUT = 'agent_key_required'

test('SES-05 logout, and the end of its session or device, end the keys that a session issued; not those of others', async () => {
  type Town = ReturnType<typeof createTown>
  type Owner = Awaited<ReturnType<Town['owner']>>
  const ends: Record<string, (town: Town, owner: Owner) => Promise<unknown>> = {
    logout: (_town, owner) => owner.call('/auth/logout', { body: {} }),
    'revoke of the session': ({ pair }, { sessionId }) => pair.sessions.revoke(sessionId),
    'revoke of the device': ({ pair }, { deviceId }) => pair.devices.revoke(deviceId),
  }
  for (const [name, end] of Object.entries(ends)) {
    const town = createTown()
    const owner = await town.owner()
    const { key } = (await owner.call('/auth/agent-keys', { body: { agent: 'a' } })).body
    const { typed } = (await owner.call('/auth/agent-keys/codes', { body: {} })).body
    const bound = (await bind(town, typed, 'b')).body.key as string
    const heir = (
      await owner.call(
        `/auth/agent-keys/${(await town.pair.agentKeys.issue({ agent: 'c' })).agentKey.id}/rotate`,
        { body: {} },
      )
    ).body.key as string
    const own = (await town.pair.agentKeys.issue({ agent: 'd' })).key
    const keys = [key, bound, heir, own]
    const all = (): Promise<string[]> =>
      Promise.all(keys.map((each) => outcome(town, bearer(each))))
    expect(await all(), name).toEqual(['in', 'in', 'in', 'in'])
    await end(town, owner)
    expect(await all(), name).toEqual([OUT, OUT, OUT, 'in'])
    const listed = (await town.pair.agentKeys.list()).items.map(({ agent }) => agent)
    expect(listed.sort(), name).toEqual(['c', 'd'])
  }
})

test('SES-05 revoke-all and revoke-others end every key', async () => {
  for (const which of ['all', 'others'] as const) {
    const town = createTown()
    const owner = await town.owner()
    const { key } = await town.pair.agentKeys.issue({ agent: 'a' })
    const { body } = await owner.call('/auth/agent-keys', { body: { agent: 'b' } })
    expect(await outcome(town, bearer(key))).toBe('in')
    if (which === 'all') await town.pair.sessions.revokeAll()
    else await town.pair.sessions.revokeOthers(owner.sessionId)
    for (const each of [key, body.key]) expect(await outcome(town, bearer(each))).toBe(OUT)
    expect((await town.pair.agentKeys.list()).items).toEqual([])
    const fresh = await town.pair.agentKeys.issue({ agent: 'a' })
    expect(await outcome(town, bearer(fresh.key))).toBe('in')
  }
})

test('SES-05 a key gives no more than is left to the session that issued it', async () => {
  const town = createTown()
  const owner = await town.owner()
  const scopes = ['notes:read', 'notes:write']
  const { body } = await owner.call('/auth/agent-keys', { body: { agent: 'a', scopes } })
  const need = { who: 'agent', scopes: ['notes:write'] } as const
  expect(await outcome(town, bearer(body.key), need)).toBe('in')
  await town.pair.sessions.narrow(owner.sessionId, ['notes:read', 'access:read', 'access:write'])
  expect(await outcome(town, bearer(body.key), need)).toBe('insufficient_scope')
  expect(await outcome(town, bearer(body.key))).toBe('in')
  await town.pair.sessions.narrow(owner.sessionId, ['access:read', 'access:write'])
  expect(await outcome(town, bearer(body.key))).toBe(OUT)
})

test('SES-05 of a key and the revoke of its issuer at the same moment, no key outlives the issuer', async () => {
  for (let round = 0; round < 8; round++) {
    const town = createTown()
    const owner = await town.owner()
    const issuing = Array.from({ length: 40 }, async (_, at) =>
      owner.call('/auth/agent-keys', { body: { agent: `a-${at}` } }),
    )
    const [, ...answers] = await Promise.all([
      town.pair.sessions.revoke(owner.sessionId),
      ...issuing,
    ])
    for (const { body, status } of answers)
      if (status === 201) expect(await outcome(town, bearer(body.key))).toBe(OUT)
    expect((await town.pair.agentKeys.list()).items).toEqual([])
  }
})

test('AGT-01 a key stands by all that it hangs on; anything missing denies', () => {
  const key: AgentKey = {
    id: 'agk_x',
    agent: 'a',
    label: null,
    scopes: ['notes:read'],
    hash: '',
    issuer: null,
    codeId: null,
    predecessor: null,
    epoch: 'epo_1',
    createdAt: 1_000_000,
    expiresAt: 2_000_000,
    state: 'live',
  }
  const facts = {
    key,
    revoked: false,
    epoch: 'epo_1',
    issuerHolds: 'all',
    issuerWithin: null,
  } as const
  const at = (now: number, change: object = {}): string => {
    const judged = judgeAgentKey({ ...facts, ...change }, now)
    return judged.ok ? 'ok' : judged.reason
  }
  expect(at(1_500_000)).toBe('ok')
  expect([at(1_999_999), at(2_000_000), at(NaN)]).toEqual(['ok', 'expired', 'expired'])
  expect([at(1_000_000 - 15_000), at(1_000_000 - 15_001)]).toEqual(['ok', 'expired'])
  const within = (change: object = {}): unknown => {
    const judged = judgeAgentKey({ ...facts, ...change }, 1_500_000)
    return judged.ok && [judged.from, judged.until]
  }
  expect(within()).toEqual([1_000_000, 2_000_000])
  expect(within({ issuerWithin: { from: 5, until: Infinity } })).toEqual([1_000_000, 2_000_000])
  expect(within({ issuerWithin: { from: 1_200_000, until: 1_700_000 } })).toEqual([
    1_200_000, 1_700_000,
  ])
  expect(at(1_500_000, { key: null })).toBe('unknown')
  expect(at(1_500_000, { revoked: true })).toBe('revoked')
  expect(at(1_500_000, { epoch: 'epo_2' })).toBe('revoked')
  expect(at(1_500_000, { epoch: null })).toBe('revoked')
  expect(at(1_500_000, { issuerHolds: null })).toBe('issuer_gone')
  expect(at(1_500_000, { issuerHolds: [] })).toBe('issuer_gone')
  expect(at(1_500_000, { issuerHolds: [], key: { ...key, scopes: [] } })).toBe('ok')
})

test('SES-05 whoever is revoked, narrowed or overtaken by revoke-all while his key is made gets none', async () => {
  type Owner = Awaited<ReturnType<ReturnType<typeof createTown>['owner']>>
  type Pair = ReturnType<typeof createTown>['pair']
  const between: Record<string, [(pair: Pair, owner: Owner) => Promise<unknown>, string]> = {
    'a revoke': [({ sessions }, { sessionId }) => sessions.revoke(sessionId), 'session_revoked'],
    'the end of the device': [
      ({ devices }, { deviceId }) => devices.revoke(deviceId),
      'session_revoked',
    ],
    'revoke-all': [({ sessions }) => sessions.revokeAll(), 'session_revoked'],
    'a narrowing': [
      ({ sessions }, { sessionId }) => sessions.narrow(sessionId, ['notes:read', 'access:read']),
      'insufficient_scope',
    ],
  }
  const ways: Record<string, [string, object]> = {
    issue: ['/auth/agent-keys', { agent: 'b' }],
    rotate: ['/auth/agent-keys/:id/rotate', {}],
    support: ['/auth/agent-keys/codes', {}],
  }
  for (const [what, [happen, code]] of Object.entries(between)) {
    for (const [way, [path, body]] of Object.entries(ways)) {
      const store = memoryStore()
      const truth = createTown({ store })
      const owner = await truth.owner()
      const { agentKey } = await truth.pair.agentKeys.issue({ agent: 'a' })
      let isDue = true
      const town = createTown({
        store: {
          ...store,
          async commit(checks, writes) {
            const isOurs = writes.some(
              (write) => 'key' in write && ['agent-key', 'code'].includes(write.key[1] ?? ''),
            )
            if (isOurs && isDue) {
              isDue = false
              await happen(truth.pair, owner)
            }
            return store.commit(checks, writes)
          },
        },
      })
      const url = path.replace(':id', agentKey.id)
      const headers = await owner.headers('POST', url)
      const answer = await town.call(url, { body, headers })
      expect([answer.body.code, isDue], `${way} and ${what}`).toEqual([code, false])
      const rows = JSON.stringify(await dumpStore(store))
      expect(rows.match(/"agent-key-lookup"/g) ?? [], `${way} and ${what}`).toHaveLength(1)
      expect(rows).not.toContain('"support"')
    }
  }
})

test('AGT-02 AGT-04 a clock that fell back gives nobody the place of a key, and that key can be revoked', async () => {
  const town = createTown()
  const { key, agentKey } = await town.pair.agentKeys.issue({ agent: 'a' })
  town.pass(-3_600_000)
  const { typed } = await town.pair.agentKeys.supportCode({ agent: 'a' })
  expect((await bind(town, typed, 'a')).body.code).toBe('agent_taken')
  await town.pair.agentKeys.revoke(agentKey.id)
  town.pass(3_600_000)
  expect(await outcome(town, bearer(key))).toBe('agent_key_required')
})

test('AGT-02 where the session has run out that issued a key, its agent may come by a support code', async () => {
  const town = createTown()
  const owner = await town.owner()
  await owner.call('/auth/agent-keys', { body: { agent: 'a' } })
  const refused = await town.pair.agentKeys.supportCode({ agent: 'a' })
  expect((await bind(town, refused.typed, 'a')).body.code).toBe('agent_taken')
  town.pass(400 * 86_400_000)
  const { typed } = await town.pair.agentKeys.supportCode({ agent: 'a' })
  expect((await bind(town, typed, 'a')).status).toBe(201)
})
