import { describe, expect, test } from 'vitest'
import type { Need } from '../../src/pair.ts'
import { createEdge, HERE } from '../kit/edge.ts'
import { ROOMY } from '../kit/roomy.ts'
import { bearer, createTown, knock, outcome } from './kit.ts'

describe('AGT-03 who comes in where', () => {
  /** For `session`, `agent`, `any`: what each is answered. */
  const SESSION = ['in', 'agent_key_required', 'in']
  const AGENT = ['session_invalid', 'in', 'in']
  const WRONG = ['session_invalid', 'agent_key_required', 'session_invalid']
  const NOBODY = ['session_required', 'agent_key_required', 'session_required']

  test('AGT-03 SES-04 an agent key passes for an agent alone, and nothing of a person does', async () => {
    const town = createTown({}, { sharedKey: { key: 's'.repeat(32), until: 1_900_000_000_000 } })
    const owner = await town.owner()
    const { key } = await town.pair.agentKeys.issue({ agent: 'a' })
    const app = await town.bearer()
    const { typed } = await town.pair.agentKeys.supportCode()
    const ticket = (await owner.call('/auth/tickets', { body: { for: 'stream' } })).body.ticket
    const shared = 's'.repeat(32)
    const rows: [string, Record<string, string>, string[]][] = [
      ['nobody', {}, NOBODY],
      ['a bearer token', { authorization: app }, SESSION],
      ['a cookie', { cookie: owner.cookie }, SESSION],
      ['a key', bearer(key), AGENT],
      ['a key of that name', { ...bearer(key), 'pair-agent': 'a' }, AGENT],
      ['a key beside a cookie', { ...bearer(key), cookie: owner.cookie }, AGENT],
      ['a key in lower case', bearer(key.toLowerCase()), WRONG],
      ['a key as DPoP', { authorization: `DPoP ${key}` }, WRONG],
      ['a key as Basic', { authorization: `Basic ${key}` }, WRONG],
      ['a key in a cookie', { cookie: `${owner.cookie.split('=')[0]}=${key}` }, WRONG],
      ['a support code', bearer(typed), WRONG],
      ['a ticket', bearer(ticket), WRONG],
      ['the shared key of nobody', bearer(shared), WRONG],
      ['the shared key of somebody', { ...bearer(shared), 'pair-agent': 'b' }, AGENT],
      ['the shared key of a name that is none', { ...bearer(shared), 'pair-agent': 'b b' }, WRONG],
      ['the shared key of who has a key', { ...bearer(shared), 'pair-agent': 'a' }, WRONG],
      ['a name alone', { 'pair-agent': 'a' }, NOBODY],
    ]
    for (const [name, headers, expected] of rows) {
      const found: string[] = []
      for (const who of ['session', 'agent', 'any'] as const)
        found.push(await outcome(town, headers, { who }))
      expect(found, name).toEqual(expected)
    }
    expect(await outcome(town, bearer(key), {})).toBe('session_invalid')
    expect((await town.call('/auth/session', { headers: bearer(key) })).body).toMatchObject({
      authenticated: false,
    })
  })

  test('AGT-03 without agents a key is a wrong token like any other', async () => {
    const { key } = await createTown().pair.agentKeys.issue({ agent: 'a' })
    const edge = createEdge()
    expect(await outcome(edge, bearer(key), { who: 'any' })).toBe('session_invalid')
    expect(await outcome(edge, bearer(key), { who: 'agent' })).toBe('agent_key_required')
    await expect(edge.pair.agentKeys.list()).rejects.toMatchObject({ code: 'config_invalid' })
    expect((await edge.call('/auth/agent-keys')).status).toBe(404)
  })

  test('AGT-03 a key of another server, namespace or prefix is none here', async () => {
    const town = createTown()
    const { key } = await town.pair.agentKeys.issue({ agent: 'a' })
    const elsewhere = createTown({ store: town.store, namespace: 'other' })
    const others = [createTown(), elsewhere, createTown({ store: town.store }, { prefix: 'lab' })]
    for (const other of others) expect(await outcome(other, bearer(key))).toBe('agent_key_required')
  })
})

test('AGT-02 a key takes the place of its own agent alone; a place that is none is nobody’s', async () => {
  const town = createTown()
  const { key } = await town.pair.agentKeys.issue({ agent: 'x' })
  const other = await town.pair.agentKeys.issue({ agent: 'y' })
  const at = (agent: unknown, who: Need['who'] = 'agent', text = key): Promise<string> =>
    outcome(town, bearer(text), { who, agent } as Need)
  for (const who of ['agent', 'any'] as const) {
    expect(await at('x', who)).toBe('in')
    expect(await at('y', who)).toBe('agent_mismatch')
    expect(await at('y', who, other.key)).toBe('in')
    for (const wrong of ['X', 'x ', '', undefined, null, 7, ['x'], {}])
      expect(await at(wrong, who), JSON.stringify(wrong)).toBe('agent_mismatch')
  }
  expect(await outcome(town, bearer(key))).toBe('in')
  // Whose name it says beside its key has to be its own.
  expect(await outcome(town, { ...bearer(key), 'pair-agent': 'y' })).toBe('agent_mismatch')
  expect(await outcome(town, { ...bearer(key), 'pair-agent': '' })).toBe('agent_mismatch')
})

test('AGT-03 an agent has no proofs: what needs one is not for it', async () => {
  const town = createTown({ resources: { screen: { modes: ['view'] } } })
  const { key } = await town.pair.agentKeys.issue({ agent: 'a' })
  const needs: Need[] = [{ proof: 'required' }, { resource: 'screen:1', mode: 'view' }]
  for (const need of needs)
    expect(await outcome(town, bearer(key), { ...need, who: 'any' })).toBe('agent_mismatch')
})

test('AGT-03 what the app is told of an agent: its name, its key, its scopes, and it can change nothing of it', async () => {
  const town = createTown()
  const { key, agentKey } = await town.pair.agentKeys.issue({ agent: 'a', scopes: ['notes:read'] })
  for (let time = 0; time < 2; time++) {
    const guarded = await knock(town, bearer(key))
    if (!guarded.ok || guarded.auth.kind !== 'agent') throw new Error('not let in')
    expect(guarded.auth).toEqual({
      kind: 'agent',
      agent: { id: 'a', keyId: agentKey.id, scopes: ['notes:read'] },
      credentialExpiresAt: Infinity,
    })
    const { scopes } = guarded.auth.agent
    expect(() => (scopes as string[]).push('notes:write')).toThrow(TypeError)
  }
  const request = new Request(`${HERE}/jobs`, { headers: bearer(key) })
  expect(await town.pair.authenticate(request)).toMatchObject({ kind: 'agent' })
  const wrong = new Request(`${HERE}/jobs`, { headers: bearer(`${key}0`) })
  expect(await town.pair.authenticate(wrong)).toEqual({ kind: 'none', reason: 'invalid' })
})

test('AGT-03 keys that lead nowhere are counted by address; a right one is never held up, a mistyped one not counted', async () => {
  const limits = { ...ROOMY, poll: { max: 5 } }
  const town = createTown({ limits })
  const { key } = await town.pair.agentKeys.issue({ agent: 'a' })
  const foreign = (await createTown().pair.agentKeys.issue({ agent: 'a' })).key
  for (let count = 0; count < 12; count++)
    expect(await outcome(town, bearer(`${key.slice(0, -1)}!`))).toBe('agent_key_required')
  for (let count = 0; count < 5; count++)
    expect(await outcome(town, bearer(foreign))).toBe('agent_key_required')
  expect(await outcome(town, bearer(foreign))).toBe('rate_limited')
  expect(await outcome(town, bearer(key))).toBe('in')
})

test('AGT-03 a `who` that is none of ours lets nobody pass: no agent, and no session', async () => {
  const town = createTown()
  const { key } = await town.pair.agentKeys.issue({ agent: 'a' })
  const session = { authorization: await town.bearer() }
  expect(await outcome(town, session, { who: 'any' })).toBe('in')
  for (const word of ['people', 'agents', '', null]) {
    const need = { who: word } as unknown as Need
    for (const headers of [bearer(key), session])
      expect(await outcome(town, headers, need)).toBe('agent_key_required')
  }
})
