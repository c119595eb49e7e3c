import { describe, expect, test } from 'vitest'
import { hashOfWish, type MintWish } from '../../src/relay/mint-request.ts'
import { createDeviceKey } from '../kit/device.ts'
import { createCarrier, createRelayKey, once, refusalOf } from './carrier.ts'

describe('what was said once', () => {
  const replayed = 'its `jti`, nonce or proof was used'

  test('APP-18: the same request is refused the second time', async () => {
    const carrier = await createCarrier()
    const request = await carrier.request()
    expect((await carrier.mint(request)).status).toBe(200)
    expect(await refusalOf(carrier, request)).toEqual([401, 'relay_refused', replayed])
    expect((await carrier.pair.codes.list()).items).toHaveLength(1)
  })

  test('APP-18: a jti is good for one request, whatever else it says', async () => {
    const carrier = await createCarrier()
    const jti = once()
    expect((await carrier.mint(await carrier.request({ jti }))).status).toBe(200)
    expect((await refusalOf(carrier, await carrier.request({ jti })))[2]).toBe(replayed)
  })

  test('APP-18: a nonce is good for one request, whatever else it says', async () => {
    const carrier = await createCarrier()
    const wish = { nonce: once() }
    expect((await carrier.mint(await carrier.request({ wish }))).status).toBe(200)
    expect((await refusalOf(carrier, await carrier.request({ wish })))[2]).toBe(replayed)
  })

  test('APP-18: the proof of a client is good for one request', async () => {
    const carrier = await createCarrier()
    const proof = { jti: once() }
    expect((await carrier.mint(await carrier.request({ proof }))).status).toBe(200)
    expect((await refusalOf(carrier, await carrier.request({ proof })))[2]).toBe(replayed)
    // Of another key it is another.
    const prover = await createDeviceKey()
    const device = { ...carrier.wishFor().device, publicKey: prover.jwk }
    const other = await carrier.request({ proof, prover, wish: { device } })
    expect((await carrier.mint(other)).status).toBe(200)
  })

  test('APP-18: of 40 who bring one request at once, one wins', async () => {
    for (let round = 0; round < 8; round++) {
      const carrier = await createCarrier()
      const request = await carrier.request()
      const answers = await Promise.all(Array.from({ length: 40 }, () => carrier.mint(request)))
      const won = answers.filter(({ status }) => status === 200)
      expect(won).toHaveLength(1)
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 401]))
      expect((await carrier.pair.codes.list()).items).toHaveLength(1)
    }
  })

  test('APP-18: of 40 relayed requests with one nonce at once, one wins', async () => {
    const carrier = await createCarrier({ admission: 'approval' })
    const wish = { nonce: once() }
    const requests = await Promise.all(Array.from({ length: 40 }, () => carrier.request({ wish })))
    const answers = await Promise.all(requests.map((request) => carrier.mint(request)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })
})

test('APP-18: requests of one relay are limited, copies take nothing of them, and other relays none', async () => {
  const other = createRelayKey()
  const carrier = await createCarrier({
    maxPerMinute: 3,
    others: [{ id: 'other', publicKey: other.publicKey, authorize: true }],
  })
  const request = await carrier.request()
  expect((await carrier.mint(request)).status).toBe(200)
  for (let copy = 0; copy < 10; copy++) expect((await carrier.mint(request)).status).toBe(401)
  for (let more = 0; more < 2; more++)
    expect((await carrier.mint(await carrier.request())).status).toBe(200)
  const next = await carrier.request()
  const limited = await carrier.mint(next)
  expect([limited.status, limited.body.code]).toEqual([429, 'rate_limited'])
  const others = await carrier.request({ by: other, wish: { relayId: 'other' } })
  expect((await carrier.mint(others)).status).toBe(200)
  carrier.pass(60_000)
  expect((await carrier.mint(next)).body.code).toBe('relay_refused')
  expect((await carrier.mint(await carrier.request())).status).toBe(200)
})

test('APP-18: what does not hold is counted by address, and holds up nobody whose request does', async () => {
  const limits = { poll: { max: 5 } }
  const carrier = await createCarrier({ limits })
  const statuses: number[] = []
  for (let each = 0; each < 8; each++) statuses.push((await carrier.mint('x')).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  expect((await carrier.mint(await carrier.request())).status).toBe(200)
})

test('APP-18: a body without a request, or with one of more than 4 KiB, is malformed', async () => {
  const carrier = await createCarrier()
  for (const body of [{}, { request: 1 }, { request: 'x'.repeat(4_097) }])
    expect((await carrier.call('/auth/relay/mint', { body })).status).toBe(400)
})

test('APP-18: the hash of a wish covers each of its members', async () => {
  const carrier = await createCarrier()
  const wish = carrier.wishFor({ scopes: ['notes:read'] })
  const { device } = wish
  const others: MintWish[] = [
    { ...wish, audience: `${wish.audience}2` },
    { ...wish, relayId: 'other' },
    { ...wish, nonce: once() },
    { ...wish, requestedAt: wish.requestedAt + 1 },
    { ...wish, transport: 'cookie' },
    { ...wish, scopes: [] },
    { ...wish, device: { ...device, label: 'B' } },
    { ...wish, device: { ...device, kind: 'browser' } },
    { ...wish, device: { ...device, publicKey: (await createDeviceKey()).jwk } },
  ]
  const hashes = [wish, ...others].map(hashOfWish)
  expect(new Set(hashes).size).toBe(hashes.length)
  // What a runtime adds to an exported key says nothing of it.
  const exported = Object.assign({ ext: true, key_ops: ['verify'] }, device.publicKey)
  expect(hashOfWish({ ...wish, device: { ...device, publicKey: exported } })).toBe(hashes[0])
  expect(hashOfWish({ ...wish, transport: 'dpop' })).toBe(hashes[0])
})
