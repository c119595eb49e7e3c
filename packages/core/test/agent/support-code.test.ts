import { expect, test } from 'vitest'
import { HERE } from '../kit/edge.ts'
import { addressOf } from '../kit/races.ts'
import { bearer, bind, createTown, outcome } from './kit.ts'

test('AGT-03 a support code gives an agent its first key, once, under the name that it came by', async () => {
  const town = createTown()
  const owner = await town.owner()
  const { status, body } = await owner.call('/auth/agent-keys/codes', {
    body: { label: 'For the runner', scopes: ['notes:read'], keySeconds: 3_600 },
  })
  expect(status).toBe(201)
  expect(body.typed).toMatch(/^\w{3}-\w{3}-\w{3}$/)
  expect(body.code).toMatchObject({ support: { agent: null }, uses: 1, scopes: ['notes:read'] })
  expect((await owner.call('/auth/codes')).body.items).toEqual([body.code])
  const bound = await bind(town, body.typed.toLowerCase(), 'runner-1')
  expect(bound.status).toBe(201)
  expect(bound.headers.get('cache-control')).toBe('no-store')
  expect(bound.body.agentKey).toMatchObject({
    agent: 'runner-1',
    label: 'For the runner',
    scopes: ['notes:read'],
    expiresAt: new Date(town.now() + 3_600_000).toISOString(),
    issuedBy: { sessionId: owner.sessionId, deviceId: owner.deviceId },
  })
  expect(await outcome(town, bearer(bound.body.key), { who: 'agent', agent: 'runner-1' })).toBe(
    'in',
  )
  const again = await bind(town, body.typed, 'runner-2')
  expect([again.status, again.body.code]).toEqual([401, 'code_invalid'])
  expect((await owner.call('/auth/codes')).body.items).toEqual([])
  const told = (await town.pair.audit.read()).items.at(-1)
  expect(told).toMatchObject({
    type: 'agent_key.bound',
    codeId: body.code.id,
    agentKeyId: bound.body.agentKey.id,
    actor: { kind: 'newcomer' },
  })
})

test('AGT-02 AGT-03 nobody comes in the place of an agent that has a key; the code is not used up by it', async () => {
  const town = createTown()
  const { pair } = town
  const { agentKey } = await pair.agentKeys.issue({ agent: 'runner-1' })
  const { typed } = await pair.agentKeys.supportCode()
  const refused = await bind(town, typed, 'runner-1')
  expect([refused.status, refused.body.code]).toEqual([409, 'agent_taken'])
  // Nothing of it shows to who has no code.
  const stranger = await bind(town, '222-222-222', 'runner-1')
  const other = await bind(town, '222-222-222', 'runner-2')
  expect(stranger.text).toBe(other.text)
  expect(stranger.body.code).toBe('code_invalid')
  await pair.agentKeys.revoke(agentKey.id)
  expect((await bind(town, typed, 'runner-1')).status).toBe(201)
})

test('AGT-02 a code for one agent is good for no other, and that is told to nobody', async () => {
  const town = createTown()
  const { typed } = await town.pair.agentKeys.supportCode({ agent: 'runner-1' })
  const wrong = await bind(town, typed, 'runner-2')
  const unknown = await bind(town, '222-222-222', 'runner-2')
  expect(wrong.text).toBe(unknown.text)
  expect((await bind(town, typed, 'runner-1')).status).toBe(201)
})

test('AGT-03 a pairing code is no support code, and a support code pairs nobody', async () => {
  const town = createTown()
  const { typed: support } = await town.pair.agentKeys.supportCode()
  const { typed: pairing, link } = await town.pair.codes.issue({ origin: HERE })
  const unknown = { redeem: '222-222-222', bind: '222-222-222' }
  const redeem = (code: string) => town.call('/auth/redeem', { body: { code } })
  const preview = (code: string) => town.call('/auth/codes/preview', { body: { code } })
  expect((await redeem(support)).text).toBe((await redeem(unknown.redeem)).text)
  expect((await preview(support)).text).toBe((await preview(unknown.redeem)).text)
  const none = await bind(town, unknown.bind, 'a')
  expect((await bind(town, pairing, 'a')).text).toBe(none.text)
  expect((await bind(town, link.split('#code=')[1]!, 'a')).text).toBe(none.text)
  expect((await redeem(pairing)).status).toBe(200)
  expect((await bind(town, support, 'a')).status).toBe(201)
})

test('AGT-03 of forty that come with one code at once one gets a key; of forty codes for one name too', async () => {
  for (let round = 0; round < 8; round++) {
    const town = createTown()
    // Settled before: else whoever settles it first makes all others lose.
    await town.pair.admission.set('code')
    const { typed } = await town.pair.agentKeys.supportCode()
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) => bind(town, typed, `runner-${at}`, addressOf(at))),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(new Set(answers.map(({ body }) => body.code))).toEqual(
      new Set([undefined, 'code_invalid']),
    )
    const codes = await Promise.all(
      Array.from({ length: 15 }, () => town.pair.agentKeys.supportCode()),
    )
    const rivals = await Promise.all(
      codes.map((code, at) => bind(town, code.typed, 'one', addressOf(100 + at))),
    )
    expect(rivals.map(({ status }) => status).sort()).toEqual([201, ...Array(14).fill(409)])
    expect((await town.pair.agentKeys.list()).items).toHaveLength(2)
  }
})

test('AGT-03 a support code runs out, can be withdrawn, and ends with who issued it', async () => {
  const town = createTown()
  const owner = await town.owner()
  const issue = async (body: object = {}): Promise<{ typed: string; id: string }> => {
    const answer = await owner.call('/auth/agent-keys/codes', { body })
    return { typed: answer.body.typed, id: answer.body.code.id }
  }
  const late = await issue({ expiresInSeconds: 30 })
  town.pass(30_000)
  expect((await bind(town, late.typed, 'a')).body.code).toBe('code_invalid')
  const withdrawn = await issue()
  expect((await owner.call(`/auth/codes/${withdrawn.id}`, { method: 'DELETE' })).status).toBe(204)
  expect((await bind(town, withdrawn.typed, 'a')).body.code).toBe('code_invalid')
  const orphan = await issue()
  await owner.call('/auth/logout', { body: {} })
  expect((await bind(town, orphan.typed, 'a')).body.code).toBe('code_invalid')
  const everybody = await town.pair.agentKeys.supportCode()
  await town.pair.sessions.revokeAll()
  expect((await bind(town, everybody.typed, 'a')).body.code).toBe('code_invalid')
})

test('AGT-03 LIM-02 a wrong support code is a guess like any other: ten lock, for pairing codes as well', async () => {
  const town = createTown()
  const { typed } = await town.pair.agentKeys.supportCode()
  for (let count = 0; count < 10; count++)
    expect((await bind(town, '222-222-222', 'a')).status).toBe(401)
  expect((await bind(town, typed, 'a')).body.code).toBe('locked_out')
  const redeemed = await town.call('/auth/redeem', { body: { code: '222-222-223' } })
  expect(redeemed.body.code).toBe('locked_out')
  town.pass(15 * 60_000)
  const { typed: fresh } = await town.pair.agentKeys.supportCode()
  expect((await bind(town, fresh, 'a')).status).toBe(201)
})

test('AGT-03 LIM-02 what is no code, or no name, is refused before it counts', async () => {
  const town = createTown()
  for (let count = 0; count < 12; count++) {
    expect((await bind(town, '0O0-1I1-LLL', 'a')).body.code).toBe('code_malformed')
    expect((await bind(town, '222-222-222', 'a b')).body.code).toBe('invalid_request')
  }
  const { typed } = await town.pair.agentKeys.supportCode()
  expect((await bind(town, typed, 'a')).status).toBe(201)
})

test('AGT-03 LIM-02 a first key forgives what was wrong before it, as a first session does', async () => {
  const town = createTown()
  const wrong = async (): Promise<unknown[]> => {
    const answers: unknown[] = []
    for (let count = 0; count < 9; count++)
      answers.push((await bind(town, '222-222-222', 'a')).body.code)
    return answers
  }
  for (const name of ['a', 'b', 'c']) {
    expect(new Set(await wrong())).toEqual(new Set(['code_invalid']))
    const { typed } = await town.pair.agentKeys.supportCode()
    expect((await bind(town, typed, name)).status).toBe(201)
  }
})

test('AGT-03 LIM-02 where nobody binds nothing is counted', async () => {
  const town = createTown()
  await town.pair.admission.set('closed')
  for (let count = 0; count < 12; count++)
    expect((await bind(town, '222-222-222', 'a')).body.code).toBe('admission_refused')
  await town.pair.admission.set('code')
  const { typed } = await town.pair.agentKeys.supportCode()
  expect((await bind(town, typed, 'a')).status).toBe(201)
})

test('AGT-03 no agent binds where no code lets anybody in', async () => {
  const town = createTown()
  for (const mode of ['closed', 'approval'] as const) {
    await town.pair.admission.set(mode)
    const { typed } = await town.pair.agentKeys.supportCode()
    expect((await bind(town, typed, 'a')).body.code).toBe('admission_refused')
  }
  await town.pair.admission.set('code+approval')
  const { typed } = await town.pair.agentKeys.supportCode()
  expect((await bind(town, typed, 'a')).status).toBe(201)
})

test('AGT-03 support codes stand under the caps of all codes: one too many ends the oldest', async () => {
  const town = createTown()
  const { pair } = town
  const first = await pair.agentKeys.supportCode()
  for (let count = 0; count < 20; count++) await pair.codes.issue({ origin: HERE })
  expect((await bind(town, first.typed, 'a')).body.code).toBe('code_invalid')
  for (const wrong of [{ expiresInMs: 29_999 }, { expiresInMs: 3_600_001 }, { keyMs: 1 }])
    await expect(pair.agentKeys.supportCode(wrong)).rejects.toMatchObject({
      code: 'invalid_request',
    })
})
