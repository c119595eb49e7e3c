import { expect, test } from 'vitest'
import { dumpStore } from '../kit/dump.ts'
import { HERE, pairKeyed, sha256 } from '../kit/edge.ts'
import { bearer, createTown, knock, outcome } from './kit.ts'

const DAY = 86_400_000

test('AGT-01 a key is shown once: the prefix, 43 digits and 6 of a checksum; at rest there is its SHA-256 alone', async () => {
  const town = createTown()
  const owner = await town.owner()
  const issued = await owner.call('/auth/agent-keys', {
    body: { agent: 'runner-1', label: 'The runner', scopes: ['notes:read'] },
  })
  expect(issued.status).toBe(201)
  expect(issued.headers.get('cache-control')).toBe('no-store')
  const { key, agentKey } = issued.body
  expect(key).toMatch(/^pak_[0-9A-Za-z]{49}$/)
  expect(agentKey).toEqual({
    id: expect.stringMatching(/^agk_/),
    agent: 'runner-1',
    label: 'The runner',
    scopes: ['notes:read'],
    issuedBy: { sessionId: owner.sessionId, deviceId: owner.deviceId },
    predecessor: null,
    successor: null,
    createdAt: new Date(town.now()).toISOString(),
    expiresAt: null,
    lastUsedAt: null,
  })
  const stored = JSON.stringify(await dumpStore(town.store))
  expect(stored).not.toContain(key)
  expect(stored).not.toContain(key.slice(4, 47))
  expect(stored).toContain(sha256(key))
  const { text, body } = await owner.call('/auth/agent-keys')
  expect(body.items).toEqual([agentKey])
  expect(text).not.toContain(key)
  expect(text).not.toContain(sha256(key))
})

test('AGT-04 keys are for who may change who has access: not for strangers, readers, or agents', async () => {
  const town = createTown()
  const { agentKey, key } = await town.pair.agentKeys.issue({
    agent: 'a',
    scopes: ['notes:read', 'notes:write'],
  })
  const ways = [
    { path: '/auth/agent-keys', method: 'GET' },
    { path: '/auth/agent-keys', method: 'POST', body: { agent: 'b' } },
    { path: '/auth/agent-keys/codes', method: 'POST', body: {} },
    { path: `/auth/agent-keys/${agentKey.id}/rotate`, method: 'POST', body: {} },
    { path: `/auth/agent-keys/${agentKey.id}`, method: 'DELETE' },
  ]
  const app = await town.bearer()
  for (const { path, ...way } of ways) {
    expect((await town.call(path, way)).body.code).toBe('session_required')
    const asAgent = await town.call(path, { ...way, headers: bearer(key) })
    expect(asAgent.body.code).toBe('session_invalid')
    const asApp = await town.call(path, { ...way, headers: { authorization: app } })
    expect(asApp.body.code).toBe('insufficient_scope')
  }
  expect(await outcome(town, bearer(key))).toBe('in')
  expect((await town.pair.agentKeys.list()).items).toHaveLength(1)
})

test('AGT-01 AGT-04 a key gives scopes of the app, never access, and none that its issuer has not', async () => {
  const town = createTown()
  const issue = async (body: object): Promise<string> => {
    const { typed } = await town.pair.codes.issue({
      scopes: ['notes:read', 'access:read', 'access:write'],
      origin: HERE,
    })
    const half = await pairKeyed(town, typed)
    const { status, body: answer } = await half.call('/auth/agent-keys', { body })
    return status === 201 ? 'in' : answer.code
  }
  expect(await issue({ agent: 'a', scopes: ['notes:read'] })).toBe('in')
  expect(await issue({ agent: 'a', scopes: ['notes:write'] })).toBe('insufficient_scope')
  for (const scopes of [
    ['access:read'],
    ['access:write'],
    ['notes:raed'],
    ['notes:read', 'notes:read'],
  ])
    expect(await issue({ agent: 'a', scopes })).toBe('invalid_request')
  for (const name of ['', 'a b', 'ä', 'a'.repeat(65), 'a/b', '../a'])
    expect(await issue({ agent: name })).toBe('invalid_request')
  const { key } = await town.pair.agentKeys.issue({ agent: 'b', scopes: ['notes:read'] })
  const need = { who: 'agent', scopes: ['notes:read'] } as const
  expect(await outcome(town, bearer(key), need)).toBe('in')
  expect(await outcome(town, bearer(key), { who: 'agent', scopes: ['notes:write'] })).toBe(
    'insufficient_scope',
  )
  expect(await outcome(town, bearer(key), { who: 'any', scopes: ['access:read'] })).toBe(
    'insufficient_scope',
  )
})

test('AGT-04 a revoked key is out at once and on no list; it is not revoked twice', async () => {
  const town = createTown()
  const owner = await town.owner()
  const { agentKey, key } = await town.pair.agentKeys.issue({ agent: 'a' })
  expect(await outcome(town, bearer(key))).toBe('in')
  const path = `/auth/agent-keys/${agentKey.id}`
  expect((await owner.call(path, { method: 'DELETE' })).status).toBe(204)
  expect(await outcome(town, bearer(key))).toBe('agent_key_required')
  expect(await outcome(town, bearer(key), { who: 'any' })).toBe('session_invalid')
  expect((await owner.call('/auth/agent-keys')).body.items).toEqual([])
  expect((await owner.call(path, { method: 'DELETE' })).body.code).toBe('not_found')
  const types = (await town.pair.audit.read()).items.map(({ type, agentKeyId }) => [
    type,
    agentKeyId,
  ])
  expect(types.filter(([type]) => type?.startsWith('agent_key'))).toEqual([
    ['agent_key.issued', agentKey.id],
    ['agent_key.revoked', agentKey.id],
  ])
})

test('AGT-04 a key with an end ends at its end', async () => {
  const town = createTown()
  const owner = await town.owner()
  const expiresAt = new Date(town.now() + DAY).toISOString()
  const { body } = await owner.call('/auth/agent-keys', { body: { agent: 'a', expiresAt } })
  expect(body.agentKey.expiresAt).toBe(expiresAt)
  for (const wrong of ['soon', '2027-02-31T00:00:00Z', new Date(town.now()).toISOString(), 7]) {
    const { status } = await owner.call('/auth/agent-keys', {
      body: { agent: 'a', expiresAt: wrong },
    })
    expect(status, String(wrong)).toBe(400)
  }
  const guarded = await knock(town, bearer(body.key))
  expect(guarded.ok && guarded.auth.credentialExpiresAt).toBe(town.now() + DAY)
  town.pass(DAY - 1)
  expect(await outcome(town, bearer(body.key))).toBe('in')
  town.pass(1)
  expect(await outcome(town, bearer(body.key))).toBe('agent_key_required')
})

test('AGT-04 last used is told to the minute, and is not in the journal', async () => {
  const town = createTown()
  const { key } = await town.pair.agentKeys.issue({ agent: 'a' })
  const before = (await town.pair.audit.read()).items.length
  const lastUsed = async (): Promise<number | null | undefined> =>
    (await town.pair.agentKeys.list()).items[0]?.lastUsedAt
  expect(await lastUsed()).toBe(null)
  const first = town.now()
  await knock(town, bearer(key))
  expect(await lastUsed()).toBe(first)
  town.pass(59_999)
  await knock(town, bearer(key))
  expect(await lastUsed()).toBe(first)
  town.pass(1)
  await knock(town, bearer(key))
  expect(await lastUsed()).toBe(first + 60_000)
  expect((await town.pair.audit.read()).items).toHaveLength(before)
})

test('AGT-04 an agent has twenty keys at most', async () => {
  const { pair } = createTown()
  const first = await pair.agentKeys.issue({ agent: 'a' })
  for (let count = 1; count < 20; count++) await pair.agentKeys.issue({ agent: 'a' })
  await expect(pair.agentKeys.issue({ agent: 'a' })).rejects.toMatchObject({
    code: 'invalid_request',
  })
  await pair.agentKeys.issue({ agent: 'b' })
  await pair.agentKeys.revoke(first.agentKey.id)
  await pair.agentKeys.issue({ agent: 'a' })
})

test('AGT-04 keys are listed page by page', async () => {
  const town = createTown()
  const ids = new Set<string>()
  for (const name of ['a', 'b', 'c'])
    ids.add((await town.pair.agentKeys.issue({ agent: name })).agentKey.id)
  const seen: string[] = []
  let after: string | null = null
  do {
    const page: { items: { id: string }[]; next: string | null } = await town.pair.agentKeys.list({
      limit: 2,
      ...(after === null ? {} : { after }),
    })
    seen.push(...page.items.map(({ id }) => id))
    after = page.next
  } while (after !== null)
  expect(seen).toEqual([...ids].sort())
  const owner = await town.owner()
  const { body } = await owner.call(`/auth/agent-keys?after=${seen[1]}`)
  expect(body.items.map(({ id }: { id: string }) => id)).toEqual([seen[2]])
})
