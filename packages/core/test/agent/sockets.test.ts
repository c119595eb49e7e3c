import { describe, expect, test } from 'vitest'
import { STORES } from '../kit/stores.ts'
import { HERE, read, type Edge } from '../kit/edge.ts'
import type { Need } from '../../src/pair.ts'
import { bearer, createTown, type Anyone } from './kit.ts'

interface Line {
  closes: [number, string][]
  auth(): Anyone
  receive(frame: string): Promise<boolean>
  release(): void
}

async function dial(
  { pair }: Edge,
  headers: Record<string, string>,
  need: Need = { who: 'agent' },
  query = '',
): Promise<Line | string> {
  const request = new Request(`${HERE}/live${query}`, { headers })
  const guard = await pair.openSocket(request, undefined, need as Need & { who: 'any' })
  if (guard instanceof Response) return (await read(guard)).body.code as string
  const closes: [number, string][] = []
  let isReady = false
  const attached = guard.attach(
    { send() {}, close: (code, reason) => void closes.push([code, reason]) },
    () => void (isReady = true),
  )
  expect(isReady).toBe(true)
  return {
    closes,
    auth: () => guard.auth,
    receive: (frame) => attached.receive(frame),
    release: () => attached.closed(),
  }
}

async function open(...asked: Parameters<typeof dial>): Promise<Line> {
  const line = await dial(...asked)
  if (typeof line === 'string') throw new Error(line)
  return line
}

describe.each(STORES)('two instances on $name', ({ openTwo }) => {
  test('AGT-04 a revoke closes the sockets of a key: at once where it was decided, within a second elsewhere', async () => {
    const [one, other] = openTwo().map((store) => createTown({ store })) as [Edge, Edge]
    const { key, agentKey } = await one.pair.agentKeys.issue({ agent: 'a' })
    const rest = await one.pair.agentKeys.issue({ agent: 'b' })
    const here = await open(one, bearer(key))
    const there = await open(other, bearer(key))
    const neighbour = await open(one, bearer(rest.key))
    expect(await here.receive('hello')).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect([here.closes, there.closes]).toEqual([[], []])
    await one.pair.agentKeys.revoke(agentKey.id)
    const closed = [[4003, 'session ended']]
    await expect.poll(() => here.closes, { timeout: 100, interval: 5 }).toEqual(closed)
    await expect.poll(() => there.closes, { timeout: 1_000, interval: 5 }).toEqual(closed)
    expect(await here.receive('hello')).toBe(false)
    expect(neighbour.closes).toEqual([])
    await Promise.all([one.pair.close(), other.pair.close()])
    expect(neighbour.closes).toEqual([[1001, 'server is closing']])
  })

  test('SES-05 the end of who issued a key closes its sockets on every instance', async () => {
    const [one, other] = openTwo().map((store) => createTown({ store })) as [Edge, Edge]
    const owner = await one.owner()
    const { key } = (await owner.call('/auth/agent-keys', { body: { agent: 'a' } })).body
    const there = await open(other, bearer(key))
    await new Promise((resolve) => setTimeout(resolve, 50))
    await owner.call('/auth/logout', { body: {} })
    await expect
      .poll(() => there.closes, { timeout: 1_000, interval: 5 })
      .toEqual([[4003, 'session ended']])
    await Promise.all([one.pair.close(), other.pair.close()])
  })
})

test('AGT-04 a key that runs out, or was rotated, closes its sockets with 4004 at its end', async () => {
  const town = createTown({ clock: Date.now })
  const soon = await town.pair.agentKeys.issue({ agent: 'a', expiresAt: Date.now() + 300 })
  const old = await town.pair.agentKeys.issue({ agent: 'b' })
  const lines = [await open(town, bearer(soon.key)), await open(town, bearer(old.key))]
  await town.pair.agentKeys.rotate(old.agentKey.id, { overlapMs: 300 })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(lines.map(({ closes }) => closes)).toEqual([[], []])
  for (const { closes } of lines)
    await expect.poll(() => closes, { timeout: 1_000 }).toEqual([[4004, 'session expired']])
  await town.pair.close()
})

test('SES-05 when the session runs out that issued a key, its sockets close', async () => {
  const town = createTown({ clock: Date.now, session: { slidingMs: 1_000 } })
  const owner = await town.owner()
  const { key } = (await owner.call('/auth/agent-keys', { body: { agent: 'a' } })).body
  const { closes } = await open(town, bearer(key))
  await expect.poll(() => closes, { timeout: 2_000 }).toEqual([[4003, 'session ended']])
  await town.pair.close()
})

test('AGT-04 what was taken from its issuer is gone from an open socket, and one that needs it is closed', async () => {
  const town = createTown()
  const owner = await town.owner()
  const scopes = ['notes:read', 'notes:write']
  const { key } = (await owner.call('/auth/agent-keys', { body: { agent: 'a', scopes } })).body
  const wide = await open(town, bearer(key), { who: 'agent', scopes: ['notes:write'] })
  const small = await open(town, bearer(key), { who: 'any' })
  await town.pair.sessions.narrow(owner.sessionId, ['notes:read', 'access:read', 'access:write'])
  await expect.poll(() => wide.closes).toEqual([[4003, 'no longer allowed']])
  expect(small.closes).toEqual([])
  const auth = small.auth()
  expect(auth.kind === 'agent' && auth.agent.scopes).toEqual(['notes:read'])
  small.release()
  await town.pair.close()
  expect(small.closes).toEqual([])
})

test('AGT-03 SES-04 no ticket and no session opens what is for agents, and no key what is for sessions', async () => {
  const town = createTown()
  const { key } = await town.pair.agentKeys.issue({ agent: 'a' })
  const app = await town.bearer()
  const { ticket } = (
    await town.call('/auth/tickets', { body: { for: 'socket' }, headers: { authorization: app } })
  ).body
  expect(await dial(town, {}, { who: 'agent' }, `?ticket=${ticket}`)).toBe('agent_key_required')
  expect(await dial(town, { authorization: app })).toBe('agent_key_required')
  expect(await dial(town, bearer(key), {})).toBe('session_invalid')
  expect(await dial(town, {}, { who: 'agent' }, `?ticket=${key}`)).toBe('agent_key_required')
  expect(await dial(town, bearer(key), { who: 'agent', agent: 'b' })).toBe('agent_mismatch')
  expect((await open(town, { authorization: app }, { who: 'any' })).auth().kind).toBe('session')
  expect((await open(town, bearer(key), { who: 'any' })).auth().kind).toBe('agent')
  await town.pair.close()
})
