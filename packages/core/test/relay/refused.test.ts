import { createHmac, generateKeyPairSync, sign as nodeSign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createDeviceKey } from '../kit/device.ts'
import { membersOf, segmentOf } from '../kit/token-mutants.ts'
import {
  AUDIENCE,
  createCarrier,
  createRelayKey,
  once,
  refusalOf,
  type Carrier,
  type Change,
} from './carrier.ts'

/** Nothing was made, and nothing was used up. */
async function expectNothing(carrier: Carrier): Promise<void> {
  expect((await carrier.pair.audit.read({ limit: 10 })).items).toEqual([])
  expect(await carrier.store.list(['pair', 'relay'], { limit: 10 })).toEqual([])
}

const NOT_ITS = 'it is not signed by the key of its relay'
const OTHERWISE = (what: string): string => `the proof of the client is of something else: ${what}`

describe('what the relay or somebody on the way changed', () => {
  const cases: [
    name: string,
    change: (carrier: Carrier) => Change | Promise<Change>,
    why: string,
  ][] = [
    [
      'another time at which the client asked',
      ({ now }) => ({ carried: { requestedAt: Math.floor(now() / 1_000) - 1 } }),
      OTHERWISE('body'),
    ],
    ['another nonce', () => ({ carried: { nonce: once() } }), OTHERWISE('body')],
    [
      'wider scopes',
      () => ({
        wish: { scopes: ['notes:read'] },
        carried: { scopes: ['notes:read', 'notes:write'] },
      }),
      OTHERWISE('body'),
    ],
    [
      'scopes where none were named',
      () => ({ carried: { scopes: ['notes:read'] } }),
      OTHERWISE('body'),
    ],
    ['another transport', () => ({ carried: { transport: 'cookie' } }), OTHERWISE('body')],
    [
      'another label',
      ({ wishFor }) => ({ carried: { device: { ...wishFor().device, label: 'The owner' } } }),
      OTHERWISE('body'),
    ],
    [
      'another kind',
      ({ wishFor }) => ({ carried: { device: { ...wishFor().device, kind: 'agent' } } }),
      OTHERWISE('body'),
    ],
    [
      'the key of the relay in place of the client’s',
      async ({ wishFor }) => ({
        carried: { device: { ...wishFor().device, publicKey: (await createDeviceKey()).jwk } },
      }),
      OTHERWISE('key'),
    ],
    ['a proof by another key', async () => ({ prover: await createDeviceKey() }), OTHERWISE('key')],
    [
      'another environment',
      () => ({ carried: { audience: 'https://other.example/auth' } }),
      'it is for another environment',
    ],
    [
      'another environment, as the client asked',
      () => ({ wish: { audience: 'https://other.example/auth' } }),
      'it is for another environment',
    ],
    [
      'an unregistered relay',
      () => ({ carried: { relayId: 'rogue' } }),
      'no such relay is registered',
    ],
    ['the key of nobody', () => ({ by: createRelayKey() }), NOT_ITS],
    [
      'a proof for another route',
      () => ({ proof: { htu: `${AUDIENCE}/redeem` } }),
      OTHERWISE('url'),
    ],
    ['a proof for another method', () => ({ proof: { htm: 'GET' } }), OTHERWISE('method')],
    ['a proof of no body', () => ({ proof: { bodyHash: undefined } }), OTHERWISE('body')],
    ['a proof beside a token', () => ({ proof: { ath: 'x' } }), OTHERWISE('ath')],
    [
      'a proof with a nonce of a server',
      () => ({ proof: { nonce: 'x' } }),
      'the proof of the client is none',
    ],
    [
      'an old proof',
      ({ now }) => ({ proof: { iat: Math.floor(now() / 1_000) - 301 } }),
      OTHERWISE('time'),
    ],
    [
      'a proof of times to come',
      ({ now }) => ({ proof: { iat: Math.ceil(now() / 1_000) + 6 } }),
      OTHERWISE('time'),
    ],
    [
      'a wish of long ago',
      ({ now }) => ({ wish: { requestedAt: Math.floor(now() / 1_000) - 301 } }),
      'the client did not ask lately',
    ],
    [
      'a wish of times to come',
      ({ now }) => ({ wish: { requestedAt: Math.floor(now() / 1_000) + 6 } }),
      'the client did not ask lately',
    ],
    ['a relay that is ahead', ({ now }) => ({ now: now() + 6_000 }), 'it was not signed lately'],
    [
      'a relay that is behind',
      ({ now }) => ({ now: now() - 301_000, lifeSeconds: 300 }),
      'it has run out',
    ],
  ]

  test.each(cases)('APP-18: %s is refused, and nothing is used up', async (_, change, why) => {
    const carrier = await createCarrier()
    const request = await carrier.request(await change(carrier))
    expect(await refusalOf(carrier, request)).toEqual([401, 'relay_refused', why])
    await expectNothing(carrier)
  })

  test('APP-18: a relay can not speak for another that is registered too', async () => {
    const other = createRelayKey()
    const carrier = await createCarrier({ others: [{ id: 'other', publicKey: other.publicKey }] })
    const asHub = await carrier.request({ by: other })
    expect(await refusalOf(carrier, asHub)).toEqual([401, 'relay_refused', NOT_ITS])
    // What the client gave one relay the other can't bring as its own.
    const asOther = await carrier.request({ by: other, carried: { relayId: 'other' } })
    expect(await refusalOf(carrier, asOther)).toEqual([401, 'relay_refused', OTHERWISE('body')])
    await expectNothing(carrier)
  })

  test('APP-18: whoever carries it learns the same from every refusal', async () => {
    const carrier = await createCarrier()
    const answers = new Set<string>()
    for (const [, change] of cases)
      answers.add((await carrier.mint(await carrier.request(await change(carrier)))).text)
    answers.add((await carrier.mint('x')).text)
    expect(answers.size).toBe(1)
  })

  test('APP-18: each claim is held to the very second', async () => {
    const carrier = await createCarrier()
    const second = (ms: number): number => Math.floor((carrier.now() + ms) / 1_000)
    for (const change of [
      { now: carrier.now() + 5_000 },
      { now: carrier.now() - 299_000, lifeSeconds: 300 },
      { wish: { requestedAt: second(5_000) } },
      { wish: { requestedAt: second(-300_000) } },
      { proof: { iat: second(5_000) } },
      { proof: { iat: second(-300_000) } },
    ])
      expect((await carrier.mint(await carrier.request(change))).status).toBe(200)
  })

  test('APP-18: an environment may believe for a shorter time', async () => {
    const carrier = await createCarrier({ maxAgeMs: 30_000 })
    const at = (ms: number): Change => ({ now: carrier.now() - ms, lifeSeconds: 300 })
    expect((await carrier.mint(await carrier.request(at(30_000)))).status).toBe(200)
    expect((await carrier.mint(await carrier.request(at(31_000)))).status).toBe(401)
  })
})

describe('alg', () => {
  const signers: [alg: string, sign: (signed: string, carrier: Carrier) => Buffer][] = [
    ['none', () => Buffer.alloc(0)],
    ['none', () => Buffer.alloc(64)],
    ['HS256', (signed, { key }) => hmac(Buffer.from(key.publicKey.x, 'base64url'), signed)],
    ['HS256', (signed, { key }) => hmac(JSON.stringify(key.publicKey), signed)],
    ['ES256', (signed) => es256(signed)],
    ['Ed25519', (signed, { key }) => ed(key.privateKey, signed)],
    ['EdDSA', (signed) => ed(createRelayKey().privateKey, signed)],
  ]
  const hmac = (key: Uint8Array | string, signed: string): Buffer =>
    createHmac('sha256', key).update(signed).digest()
  const es256 = (signed: string): Buffer => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return nodeSign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  }
  const ed = (jwk: object, signed: string): Buffer =>
    nodeSign(null, Buffer.from(signed), { key: jwk as never, format: 'jwk' })

  test.each(signers)('APP-18: a request by %s is none', async (alg, sign) => {
    const carrier = await createCarrier()
    const [head, body = ''] = (await carrier.request()).split('.')
    const header = { ...membersOf(head), alg }
    const texts = [
      header,
      { ...header, jwk: carrier.key.publicKey },
      { ...header, kid: undefined },
    ].map((members) => {
      const signed = `${segmentOf(JSON.stringify(members))}.${body}`
      return `${signed}.${sign(signed, carrier).toString('base64url')}`
    })
    for (const text of texts) expect((await carrier.mint(text)).body.code).toBe('relay_refused')
    await expectNothing(carrier)
  })
})
