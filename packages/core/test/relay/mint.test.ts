import { describe, expect, test } from 'vitest'
import { createDeviceKey } from '../kit/device.ts'
import { dumpStore } from '../kit/dump.ts'
import { AUDIENCE, createCarrier, HUB } from './carrier.ts'

describe('a relay whose word is as good as a code', () => {
  test.each(['ES256', 'EdDSA'] as const)(
    'APP-18: a client with an %s key gets a code that it redeems for a session of its own key',
    async (clientKey) => {
      const carrier = await createCarrier({ clientKey })
      const answer = await carrier.mint(await carrier.request())
      expect(answer.status).toBe(200)
      expect(answer.headers.get('cache-control')).toContain('no-store')
      const way = await carrier.open(answer)
      expect(way).toEqual({
        status: 'authorized',
        code: expect.stringMatching(/^[\w-]{22}$/),
        codeExpiresAt: carrier.now() + 300_000,
        isDecided: false,
        environment: AUDIENCE,
        relayId: HUB,
        thumbprint: carrier.client.thumbprint,
        jti: expect.any(String),
        nonce: carrier.wish.nonce,
        issuedAt: carrier.now(),
        expiresAt: carrier.now() + 300_000,
      })
      const { status, body } = await carrier.redeem(way)
      expect([status, body.session.scopes]).toEqual([200, ['notes:read', 'notes:write']])
      expect(body.session.device.thumbprint).toBe(carrier.client.thumbprint)
      expect((await carrier.redeem(way, await createDeviceKey())).status).toBe(401)
    },
  )

  test('APP-18: the code is of no use to the relay, nor to anybody else with another key or none', async () => {
    const carrier = await createCarrier()
    const way = await carrier.open(await carrier.mint(await carrier.request()))
    const code = way?.status === 'authorized' ? way.code : ''
    expect((await carrier.redeem(way, await createDeviceKey())).body.code).toBe('code_invalid')
    const bare = await carrier.call('/auth/redeem', { body: { code } })
    expect(bare.body.code).toBe('code_invalid')
    expect((await carrier.redeem(way)).status).toBe(200)
  })

  test('APP-18: in the mode code+approval the code is held until a person decides', async () => {
    const carrier = await createCarrier({ admission: 'code+approval' })
    const way = await carrier.open(await carrier.mint(await carrier.request()))
    expect(way).toMatchObject({ status: 'authorized', isDecided: true })
    expect((await carrier.redeem(way)).status).toBe(202)
  })

  test('APP-18: what it asks for is journaled without a secret', async () => {
    const carrier = await createCarrier()
    const answer = await carrier.mint(await carrier.request())
    const way = await carrier.open(answer)
    const { items } = await carrier.pair.audit.read({ limit: 10 })
    expect(items.map(({ type }) => type)).toEqual(['code.issued', 'relay.minted'])
    expect(items[1]).toMatchObject({
      actor: { kind: 'newcomer', address: '127.0.0.1' },
      codeId: expect.stringMatching(/^cod_/),
      detail: { relay: HUB, thumbprint: carrier.client.thumbprint, label: 'A phone' },
    })
    const told = JSON.stringify([items, await dumpStore(carrier.store)])
    expect(way?.status === 'authorized' && told.includes(way.code)).toBe(false)
    expect(told).not.toContain(carrier.wish.nonce)
    const [code] = (await carrier.pair.codes.list()).items
    expect(code).toMatchObject({
      uses: 1,
      label: 'hub: A phone',
      boundThumbprint: carrier.client.thumbprint,
    })
  })
})

describe('a relay whose clients wait for a person', () => {
  const waiting = { admission: 'approval', hub: { authorize: false } } as const

  test.each([true, false])(
    'APP-18: a client waits, is approved by what both screens show, and collects (authorize: %s)',
    async (authorize) => {
      const carrier = await createCarrier({ ...waiting, hub: { authorize } })
      const way = await carrier.open(await carrier.mint(await carrier.request()))
      if (way?.status !== 'pending') throw new Error('not pending')
      const [shown] = (await carrier.pair.approvals.list()).items
      expect(shown).toMatchObject({
        id: way.approval.id,
        matchCode: way.approval.matchCode,
        thumbprint: carrier.client.thumbprint,
        origin: 'relay:hub',
        label: 'A phone',
      })
      expect((await carrier.collect(way)).status).toBe(202)
      await carrier.pair.approvals.approve(shown!.id, { digest: shown!.digest })
      expect((await carrier.collect(way, await createDeviceKey())).status).toBe(401)
      const collected = await carrier.collect(way)
      expect(collected.status).toBe(200)
      expect(collected.body.session.device.thumbprint).toBe(carrier.client.thumbprint)
      const { items } = await carrier.pair.audit.read({ limit: 10 })
      expect(items.map(({ type }) => type).slice(0, 2)).toEqual([
        'approval.requested',
        'relay.pending',
      ])
      expect(items[1]).toMatchObject({ approvalId: way.approval.id, detail: { relay: HUB } })
    },
  )

  test('APP-18: one key has one request: asked again it goes on with a new claim', async () => {
    const carrier = await createCarrier(waiting)
    const first = await carrier.open(await carrier.mint(await carrier.request()))
    const next = await carrier.open(await carrier.mint(await carrier.request()))
    if (first?.status !== 'pending' || next?.status !== 'pending') throw new Error('not pending')
    expect(next.approval).toEqual(first.approval)
    expect(next.claim).not.toBe(first.claim)
    expect((await carrier.collect(next)).status).toBe(202)
    expect((await carrier.pair.approvals.list()).items).toHaveLength(1)
  })

  test('APP-18: who came by a relay before is not let in by itself again', async () => {
    const carrier = await createCarrier(waiting)
    const way = await carrier.open(await carrier.mint(await carrier.request()))
    const [shown] = (await carrier.pair.approvals.list()).items
    await carrier.pair.approvals.approve(shown!.id, { digest: shown!.digest })
    expect((await carrier.collect(way)).status).toBe(200)
    const again = await carrier.open(await carrier.mint(await carrier.request()))
    expect(again?.status).toBe('pending')
  })
})

test('APP-18: the modes and registrations that give nothing are refused, and say so', async () => {
  const refusals: unknown[] = []
  for (const [admission, authorize] of [
    ['closed', true],
    ['closed', false],
    ['code', false],
    ['code+approval', false],
  ] as const) {
    const carrier = await createCarrier({ admission, hub: { authorize } })
    const { status, body } = await carrier.mint(await carrier.request())
    refusals.push([status, body.code, body.admission])
  }
  expect(refusals).toEqual([
    [403, 'admission_refused', 'closed'],
    [403, 'admission_refused', 'closed'],
    [403, 'admission_refused', 'code'],
    [403, 'admission_refused', 'code+approval'],
  ])
})

test('APP-18: nobody gets more than his relay may give', async () => {
  const carrier = await createCarrier({ hub: { scopes: ['notes:read'] } })
  const wide = await carrier.mint(await carrier.request({ wish: { scopes: ['notes:write'] } }))
  expect([wide.status, wide.body.code, wide.body.scopes]).toEqual([
    403,
    'insufficient_scope',
    ['notes:write'],
  ])
  const access = await carrier.mint(await carrier.request({ wish: { scopes: ['access:write'] } }))
  expect(access.body.code).toBe('insufficient_scope')
  const way = await carrier.open(await carrier.mint(await carrier.request()))
  expect((await carrier.redeem(way)).body.session.scopes).toEqual(['notes:read'])
})

test('APP-18: the environment says how it is named, and publishes the key of its answers', async () => {
  for (const signing of ['hs256', 'eddsa'] as const) {
    const carrier = await createCarrier({ signing })
    const { status, body } = await carrier.call('/auth/relay')
    expect([status, body]).toEqual([
      200,
      { audience: AUDIENCE, maxAgeSeconds: 300, time: new Date(carrier.now()).toISOString() },
    ])
    const { keys } = (await carrier.call('/auth/jwks.json')).body
    expect(keys).toHaveLength(signing === 'eddsa' ? 3 : 1)
    expect((await carrier.open(await carrier.mint(await carrier.request())))?.status).toBe(
      'authorized',
    )
    expect(await carrier.pair.signingKeys.publicKeys()).toEqual({ keys })
  }
})

test('APP-18: answers hold across a rotation of keys, and the old ones verify as long as they count', async () => {
  const carrier = await createCarrier()
  const before = await carrier.mint(await carrier.request())
  const wish = carrier.wish
  await carrier.pair.signingKeys.rotate()
  carrier.pass(61_000)
  const after = await carrier.mint(await carrier.request())
  expect((await carrier.open(after))?.status).toBe('authorized')
  expect((await carrier.open(before, { nonce: wish.nonce }))?.status).toBe('authorized')
  const [head, next] = [before, after].map(({ body }) => String(body.answer).split('.')[0])
  expect(head).not.toBe(next)
})

test('APP-18: eight who come by one relay wait at once, and one who is turned away holds up no other', async () => {
  const carrier = await createCarrier({ admission: 'approval' })
  const mintAs = async (): Promise<string> => {
    const client = await createDeviceKey()
    const device = { ...carrier.wishFor().device, publicKey: client.jwk }
    const { status, body } = await carrier.mint(
      await carrier.request({ wish: { device }, prover: client }),
    )
    return status === 200 ? 'waits' : body.code
  }
  const told: string[] = []
  for (let each = 0; each < 9; each++) told.push(await mintAs())
  expect(told).toEqual([...Array<string>(8).fill('waits'), 'approval_limited'])
  const [shown] = (await carrier.pair.approvals.list()).items
  await carrier.pair.approvals.reject(shown!.id, { digest: shown!.digest })
  expect(await mintAs()).toBe('waits')
  // Another relay, and who comes without one, have places of their own.
  const device = { label: 'Nearby', kind: 'app' }
  expect((await carrier.call('/auth/request', { body: { device } })).status).toBe(202)
})

test('APP-18: a key that was turned away stays so, by whichever relay it comes', async () => {
  const carrier = await createCarrier({ admission: 'approval' })
  await carrier.mint(await carrier.request())
  const [shown] = (await carrier.pair.approvals.list()).items
  await carrier.pair.approvals.reject(shown!.id, { digest: shown!.digest })
  const { status, body } = await carrier.mint(await carrier.request())
  expect([status, body.code]).toEqual([403, 'approval_rejected'])
})

test('APP-18: the policy of the app may refuse it, and then nothing is used up', async () => {
  for (const [admission, hook] of [
    ['code', 'issue'],
    ['approval', 'admit'],
  ] as const) {
    let isOpen = false
    const told: unknown[] = []
    const ask = (facts: unknown): string | undefined => {
      told.push(facts)
      return isOpen ? undefined : 'Not tonight.'
    }
    const carrier = await createCarrier({ admission, policy: { [hook]: ask } })
    const request = await carrier.request()
    const refused = await carrier.mint(request)
    expect([refused.status, refused.body.code]).toEqual([403, 'policy_refused'])
    isOpen = true
    expect((await carrier.mint(request)).status).toBe(200)
    expect(told).toHaveLength(2)
    expect(JSON.stringify(told)).not.toContain(carrier.wish.nonce)
  }
})
