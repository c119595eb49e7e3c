import { expect, test } from 'vitest'
import { bearer, createTown, outcome } from './kit.ts'

const DAY = 86_400_000

test('AGT-04 a rotated key lives on for the overlap beside the new one, and no longer', async () => {
  const town = createTown()
  const owner = await town.owner()
  const old = await town.pair.agentKeys.issue({ agent: 'a', label: 'A', scopes: ['notes:read'] })
  const path = `/auth/agent-keys/${old.agentKey.id}/rotate`
  const { status, body } = await owner.call(path, { body: { overlapSeconds: 600 } })
  expect(status).toBe(201)
  expect(body.key).not.toBe(old.key)
  expect(body.agentKey).toMatchObject({
    agent: 'a',
    label: 'A',
    scopes: ['notes:read'],
    predecessor: old.agentKey.id,
    successor: null,
  })
  const { items } = await town.pair.agentKeys.list()
  expect(items.find(({ id }) => id === old.agentKey.id)).toMatchObject({
    successor: body.agentKey.id,
    expiresAt: town.now() + 600_000,
  })
  town.pass(599_999)
  expect(await outcome(town, bearer(old.key))).toBe('in')
  expect(await outcome(town, bearer(body.key))).toBe('in')
  town.pass(1)
  expect(await outcome(town, bearer(old.key))).toBe('agent_key_required')
  expect(await outcome(town, bearer(body.key))).toBe('in')
})

test('AGT-04 the overlap is a day where nothing is said, none at 0, and 30 days at most', async () => {
  const { pair, ...town } = createTown()
  const rotated = async (overlapMs?: number): Promise<string> => {
    const { key, agentKey } = await pair.agentKeys.issue({ agent: 'a' })
    await pair.agentKeys.rotate(agentKey.id, overlapMs === undefined ? {} : { overlapMs })
    return key
  }
  const [day, none, longest] = [await rotated(), await rotated(0), await rotated(30 * DAY)]
  const standing = async (): Promise<string[]> =>
    Promise.all([day, none, longest].map((key) => outcome({ pair }, bearer(key))))
  const out = 'agent_key_required'
  expect(await standing()).toEqual(['in', out, 'in'])
  town.pass(DAY)
  expect(await standing()).toEqual([out, out, 'in'])
  town.pass(29 * DAY)
  expect(await standing()).toEqual([out, out, out])
  for (const overlapMs of [-1, 0.5, 30 * DAY + 1, NaN])
    await expect(rotated(overlapMs)).rejects.toMatchObject({ code: 'invalid_request' })
})

test('AGT-04 a key has one heir, whoever asks and however many at once', async () => {
  for (let round = 0; round < 8; round++) {
    const { pair } = createTown()
    const { agentKey } = await pair.agentKeys.issue({ agent: 'a' })
    const answers = await Promise.allSettled(
      Array.from({ length: 40 }, () => pair.agentKeys.rotate(agentKey.id)),
    )
    const made = answers.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    expect(made).toHaveLength(1)
    for (const each of answers)
      if (each.status === 'rejected')
        expect(each.reason).toMatchObject({ code: 'agent_key_rotated' })
    const { items } = await pair.agentKeys.list()
    expect(items.map(({ id }) => id).sort()).toEqual([agentKey.id, made[0]!.agentKey.id].sort())
  }
})

test('AGT-04 a heir can be rotated in its turn, and one revoked ends alone', async () => {
  const town = createTown()
  const { pair } = town
  const first = await pair.agentKeys.issue({ agent: 'a' })
  const second = await pair.agentKeys.rotate(first.agentKey.id)
  const third = await pair.agentKeys.rotate(second.agentKey.id)
  await pair.agentKeys.revoke(second.agentKey.id)
  const keys = [first, second, third].map(({ key }) => bearer(key))
  expect(await Promise.all(keys.map((each) => outcome(town, each)))).toEqual([
    'in',
    'agent_key_required',
    'in',
  ])
  for (const id of [second.agentKey.id, 'agk_0000000000000000000000', 'nonsense'])
    await expect(pair.agentKeys.rotate(id)).rejects.toMatchObject({ code: 'not_found' })
})

test('AGT-04 a key with an end is followed by one that lives as long, and never ends later by its overlap', async () => {
  const town = createTown()
  const { pair } = town
  const old = await pair.agentKeys.issue({ agent: 'a', expiresAt: town.now() + DAY })
  town.pass(DAY / 2)
  const heir = await pair.agentKeys.rotate(old.agentKey.id, { overlapMs: 30 * DAY })
  expect(heir.agentKey.expiresAt).toBe(town.now() + DAY)
  town.pass(DAY / 2)
  expect(await outcome(town, bearer(old.key))).toBe('agent_key_required')
  expect(await outcome(town, bearer(heir.key))).toBe('in')
})

test('AGT-04 SES-05 who rotates a key gets no more than he has, and takes it with him when he goes', async () => {
  const town = createTown()
  const owner = await town.owner()
  const wide = await town.pair.agentKeys.issue({ agent: 'a', scopes: ['notes:write'] })
  await town.pair.sessions.narrow(owner.sessionId, ['notes:read', 'access:read', 'access:write'])
  const path = (id: string): string => `/auth/agent-keys/${id}/rotate`
  const refused = await owner.call(path(wide.agentKey.id), { body: {} })
  expect(refused.body).toMatchObject({ code: 'insufficient_scope', scopes: ['notes:write'] })
  const small = await town.pair.agentKeys.issue({ agent: 'b', scopes: ['notes:read'] })
  const heir = (await owner.call(path(small.agentKey.id), { body: {} })).body.key as string
  expect(await outcome(town, bearer(heir))).toBe('in')
  await town.pair.sessions.revoke(owner.sessionId)
  expect(await outcome(town, bearer(heir))).toBe('agent_key_required')
  expect(await outcome(town, bearer(small.key))).toBe('in')
})

test('AGT-04 SES-05 rotated in process, a key of a session hangs on that session as before', async () => {
  const town = createTown()
  const owner = await town.owner()
  const { body } = await owner.call('/auth/agent-keys', { body: { agent: 'a' } })
  const heir = await town.pair.agentKeys.rotate(body.agentKey.id)
  expect(await outcome(town, bearer(heir.key))).toBe('in')
  await town.pair.sessions.revoke(owner.sessionId)
  expect(await outcome(town, bearer(heir.key))).toBe('agent_key_required')
})
