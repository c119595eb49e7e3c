import { expect, test } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, settle, type Applicant } from '../kit/applicants.ts'
import { createDeviceKey } from '../kit/device.ts'
import { createServer, type Answer as Refused } from '../kit/newcomers.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor, type Answer } from '../kit/visitor.ts'

/** How many proofs the store holds as spent. */
async function marks({ store }: Server): Promise<number> {
  return (await store.list(['pair', 'proof'], { limit: 1_000 })).length
}

const codeOf = ({ status, body }: Answer<Record<string, unknown>>): unknown[] => [status, body.code]

test('POP-02 a proof beside a malformed code leaves no mark', async () => {
  const server = startServer()
  const visitor = createVisitor(server, await createDeviceKey())
  for (const code of ['', '0OI-1L0-000', '222-222', 'not a code at all', '222-222-222-2']) {
    const answer = await visitor.call('POST', '/redeem', {
      body: { code, device: { label: 'A', kind: 'app', publicKey: visitor.key!.jwk } },
      proof: true,
    })
    expect([code, ...codeOf(answer)]).toEqual([code, 400, 'code_malformed'])
  }
  expect(await marks(server)).toBe(0)
})

test('POP-02 the proof that came beside a malformed code passes once beside a right body', async () => {
  const server = startServer()
  const key = await createDeviceKey()
  const { typed } = await server.pair.codes.issue({ origin: ORIGIN })
  const body = (code: string): unknown => ({
    code,
    device: { label: 'A', kind: 'app', publicKey: key.jwk },
  })
  const at = { htm: 'POST', htu: `${ORIGIN}/auth/redeem`, at: server.clock(), jti: 'the-one-jti' }
  const send = async (code: string): Promise<Answer<Record<string, unknown>>> =>
    createVisitor(server).call('POST', '/redeem', {
      body: body(code),
      proof: await key.prove({ ...at, body: body(code) }),
    })
  expect(codeOf(await send('malformed'))).toEqual([400, 'code_malformed'])
  expect((await send(typed)).status).toBe(200)
  expect(codeOf(await send(typed))).toEqual([401, 'proof_invalid'])
  expect(await marks(server)).toBe(1)
})

test('POP-02 a renewal by a key that no device has answers session_invalid and leaves no mark', async () => {
  const server = startServer()
  for (let stranger = 0; stranger < 5; stranger++) {
    const visitor = createVisitor(server, await createDeviceKey())
    const answer = await visitor.call('POST', '/renew', { body: {}, proof: true })
    expect(codeOf(answer)).toEqual([401, 'session_invalid'])
  }
  expect(await marks(server)).toBe(0)
})

test('POP-02 who is not let into the queue, brings no claim of his or not the secret of the owner leaves no mark', async () => {
  const server = createServer({ secret: keptSecrets() })
  const approvals = async (): Promise<number> => (await server.pair.approvals.list()).items.length
  const applicant = (address: string): Promise<Applicant> => createApplicant(server, { address })
  const codes: unknown[] = []
  const told = async (answer: Promise<Refused>): Promise<void> => {
    const before = await marks(server)
    codes.push((await answer).body['code'])
    expect([codes.at(-1), await marks(server)]).toEqual([codes.at(-1), before])
  }
  // a mode that does not take requests
  const first = await applicant('203.0.113.1')
  await told(first.ask())
  await server.pair.admission.set('approval')
  await told(first.ask({ scopes: ['no:such'] }))
  // turned away, and near to who was
  expect((await first.ask()).status).toBe(202)
  await settle(server, 'reject', first)
  await told(first.ask())
  await told((await applicant('203.0.113.1')).ask())
  // no place left
  for (let n = 0; n < 2; n++)
    expect((await (await applicant('203.0.113.2')).ask()).status).toBe(202)
  await told((await applicant('203.0.113.2')).ask())
  // a claim that there is not, or whose secret is another's
  const [one, other] = [await applicant('203.0.113.3'), await applicant('203.0.113.4')]
  await one.ask()
  await other.ask()
  const [id] = one.pending.claim.split('.')
  const [, secret] = other.pending.claim.split('.')
  for (const claim of ['', 'x', `${id}`, `${id}.${secret}`, `apr_${'a'.repeat(22)}.${secret}`]) {
    await told(one.collect({ claim }))
    await told(one.withdraw({ claim }))
  }
  // not the secret of the owner
  const { key } = one
  const device = { label: 'No owner', kind: 'browser', publicKey: key!.jwk }
  const body = { secret: 'a'.repeat(43), device }
  const at = { htm: 'POST', htu: `${ORIGIN}/auth/claim-owner`, at: server.clock() }
  const dpop = await key!.prove({ ...at, body })
  await told(server.call('/auth/claim-owner', { body, headers: { dpop } }))
  expect(codes).toEqual([
    'admission_refused',
    'invalid_request',
    'approval_rejected',
    'approval_limited',
    'approval_limited',
    ...Array.from({ length: 10 }, () => 'approval_expired'),
    'code_invalid',
  ])
  expect(await approvals()).toBe(5)
})

test('POP-02 a proof of an unknown key that does not hold is told as such, also at a renewal', async () => {
  const server = startServer()
  const key = await createDeviceKey()
  const right = { htm: 'POST', htu: `${ORIGIN}/auth/renew`, at: server.clock() }
  for (const [wish, code] of [
    [{ ...right, htm: 'GET' }, 'proof_invalid'],
    [{ ...right, htu: `${ORIGIN}/auth/redeem` }, 'proof_invalid'],
    [{ ...right, at: server.clock() - 301_000 }, 'use_dpop_nonce'],
    [{ ...right, token: 'another' }, 'proof_invalid'],
  ] as const) {
    const proof = await key.prove(wish)
    const answer = await createVisitor(server).call('POST', '/renew', { body: {}, proof })
    expect(codeOf(answer)).toEqual([401, code])
  }
  expect(await marks(server)).toBe(0)
})

test('POP-02 a renewal by a known key spends its proof once', async () => {
  const server = startServer()
  const visitor = await pairVisitor(server, { key: await createDeviceKey() })
  const before = await marks(server)
  const right = { htm: 'POST', htu: `${ORIGIN}/auth/renew`, at: server.clock() }
  const proof = await visitor.key!.prove(right)
  expect((await visitor.call('POST', '/renew', { body: {}, proof })).status).toBe(200)
  expect(await marks(server)).toBe(before + 1)
  const again = await visitor.call('POST', '/renew', { body: {}, proof })
  expect(codeOf(again)).toEqual([401, 'proof_invalid'])
  expect(await marks(server)).toBe(before + 1)
})

test.each([
  ['memory', (store: Store) => store],
  ['slow memory', (store: Store, round: number) => jitteredStore(store, round + 1)],
])('POP-02 of 40 renewals at once with one proof one passes (%s)', async (_, wrap) => {
  for (let round = 0; round < 4; round++) {
    const server = startServer({ store: wrap(memoryStore(), round) })
    const visitor = await pairVisitor(server, { key: await createDeviceKey() })
    const before = await marks(server)
    const right = { htm: 'POST', htu: `${ORIGIN}/auth/renew`, at: server.clock() }
    const proof = await visitor.key!.prove(right)
    const answers = await race(async () =>
      createVisitor(server).call('POST', '/renew', { body: {}, proof }),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ body }) => body.code === 'proof_invalid')).toHaveLength(39)
    expect(await marks(server)).toBe(before + 1)
  }
})

test('POP-02 whoever sends a copied proof again uses up nothing of its key’s', async () => {
  const server = startServer({ limits: { poll: { max: 4, windowMs: 60_000 } } })
  const visitor = await pairVisitor(server, { key: await createDeviceKey(), transport: 'dpop' })
  const at = { htm: 'POST', htu: `${ORIGIN}/auth/renew`, at: server.clock() }
  const copied = await visitor.key!.prove(at)
  const renew = (proof: string | true): Promise<Answer<Record<string, unknown>>> =>
    visitor.call('POST', '/renew', { body: {}, proof, authorization: null })
  expect((await renew(copied)).status).toBe(200)
  for (let again = 0; again < 20; again++)
    expect(codeOf(await renew(copied))).toEqual([401, 'proof_invalid'])
  expect((await renew(await visitor.key!.prove(at))).status).toBe(200)
})
