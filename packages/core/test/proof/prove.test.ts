import { beforeAll, describe, expect, test } from 'vitest'
import { createNonce } from '../../src/proof/nonce-crypto.ts'
import { openProof, type KnownHeaders } from '../../src/proof/proof-crypto.ts'
import { createProofRecords } from '../../src/proof/proof-records.ts'
import { createProofService, type ProofService } from '../../src/proof/proof-service.ts'
import type { ServicePorts } from '../../src/service-ports.ts'
import { HOUR, MINUTE, SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { openCounted, type Counted } from '../kit/counted.ts'
import { createDeviceKey, createEd25519Key, type DeviceKey, type ProofWish } from '../kit/device.ts'

const URL = 'https://notes.example/app'
const TARGET = { method: 'GET', url: URL, ath: null, bodyHash: null, thumbprint: null }
const NONCE_KEY = new Uint8Array(32).fill(9)
const TIME = '2026-11-22T12:00:00.000Z'

let ec: DeviceKey
let okp: DeviceKey
beforeAll(async () => {
  ec = await createDeviceKey()
  okp = await createEd25519Key()
})
const wish = (over: Partial<ProofWish> = {}): ProofWish => ({
  htm: 'GET',
  htu: URL,
  at: NOON,
  jti: '12345678',
  ...over,
})

describe('the text of a proof', () => {
  test('POP-01 says what it is for, and by which key', async () => {
    for (const key of [ec, okp, await createEd25519Key('Ed25519')])
      expect(
        await openProof(
          await key.prove(wish({ claims: { ath: 'a', nonce: 'n', bodyHash: 'b', more: 1 } })),
        ),
      ).toEqual({
        claims: {
          jti: '12345678',
          htm: 'GET',
          htu: URL,
          iat: NOON / SECOND,
          ath: 'a',
          nonce: 'n',
          bodyHash: 'b',
        },
        jwk: key.jwk,
        thumbprint: key.thumbprint,
      })
    const plain = await openProof(await ec.prove(wish()))
    expect(Object.keys(plain!.claims).sort()).toEqual(['htm', 'htu', 'iat', 'jti'])
  })

  test('POP-01 is none with a header or a claim that is not what it should be', async () => {
    const headers = [
      { typ: 'JWT' },
      { typ: undefined },
      { alg: 'none' },
      { alg: 7 },
      { alg: 'EdDSA' },
      { jwk: okp.jwk },
      { jwk: null },
      { kid: 'me' },
    ]
    for (const header of headers)
      expect(await openProof(await ec.prove(wish({ header }))), JSON.stringify(header)).toBeNull()
    const claims = [
      { jti: 7 },
      { htm: 7 },
      { htu: 7 },
      { iat: 1.5 },
      { iat: '1' },
      { iat: undefined },
      { ath: 7 },
      { nonce: 7 },
      { bodyHash: null },
    ]
    for (const wrong of claims)
      expect(
        await openProof(await ec.prove(wish({ claims: wrong }))),
        JSON.stringify(wrong),
      ).toBeNull()
    expect(await openProof('not a proof')).toBeNull()
  })

  test('POP-01 is none where another key signed it, whether or not its header is known', async () => {
    const known: KnownHeaders = new Map()
    const other = await createDeviceKey()
    const forged = await other.prove(wish({ header: { jwk: ec.jwk } }))
    expect(await openProof(forged, known)).toBeNull()
    // what did not hold is not remembered
    expect(known.size).toBe(0)
    const good = await ec.prove(wish())
    expect(await openProof(good, known)).not.toBeNull()
    expect([...known.keys()]).toEqual([good.split('.')[0]])
    expect(await openProof(forged, known)).toBeNull()
    expect(await openProof(await ec.prove(wish()), known)).toMatchObject({ jwk: ec.jwk })
    expect(known.size).toBe(1)
    await openProof(await okp.prove(wish()), known)
    expect(known.size).toBe(2)
  })

  test('LIM-05 leaves a thousand headers known at most', async () => {
    const known: KnownHeaders = new Map()
    const good = await ec.prove(wish())
    await openProof(good, known)
    const [segment = ''] = good.split('.')
    const header = known.get(segment)!
    for (let n = 1; n < 1_000; n++) known.set(String(n), header)
    await openProof(good, known)
    expect(known.size).toBe(1_000)
    await openProof(await okp.prove(wish()), known)
    expect(known.size).toBe(1)
  })
})

describe('proving', () => {
  function open(max = 100): { at: Counted; proofs: ProofService } {
    const at = openCounted()
    const proofs = createProofService({
      space: at.space,
      records: { proofs: createProofRecords() },
      clock: at.clock,
      keys: async () => ({ nonce: NONCE_KEY }),
      settings: { limits: { proof: { max, windowMs: MINUTE } } },
    } as unknown as ServicePorts)
    return { at, proofs }
  }

  test('POP-01 answers the key, once', async () => {
    const { proofs } = open()
    const text = await ec.prove(wish())
    expect(await proofs.prove(text, TARGET)).toBe(ec.thumbprint)
    await expect(proofs.prove(text, TARGET)).rejects.toMatchObject({
      code: 'proof_invalid',
      reason: 'DPoP: replayed',
      members: { time: TIME },
    })
    expect(await proofs.prove(await okp.prove(wish()), TARGET)).toBe(okp.thumbprint)
  })

  test('POP-01 refuses what is no proof, or one for something else, with the reason for the operator alone', async () => {
    const { proofs } = open()
    await expect(proofs.prove('x', TARGET)).rejects.toMatchObject({
      code: 'proof_invalid',
      reason: 'DPoP: not a proof, or its signature does not hold',
      members: { time: TIME },
    })
    await expect(proofs.prove(await ec.prove(wish({ htm: 'PUT' })), TARGET)).rejects.toMatchObject({
      code: 'proof_invalid',
      reason: 'DPoP: method',
    })
  })

  test('POP-03 asks for a nonce where nothing but the clock is wrong, and says how far off it is', async () => {
    const { proofs } = open()
    const stale = async (over: Partial<ProofWish>): Promise<unknown> =>
      proofs.prove(await ec.prove(wish(over)), TARGET).catch((error: unknown) => error)
    const nonce = createNonce(NONCE_KEY, NOON)
    const asked = { code: 'use_dpop_nonce', members: { time: TIME, nonce } }
    expect(await stale({ at: NOON - HOUR })).toMatchObject({
      ...asked,
      reason: 'DPoP: made 3600 s before the clock of the server',
    })
    expect(await stale({ at: NOON + HOUR })).toMatchObject({
      ...asked,
      reason: 'DPoP: made 3600 s ahead of the clock of the server',
    })
    const old = createNonce(NONCE_KEY, NOON - HOUR)
    expect(await stale({ claims: { nonce: old } })).toMatchObject({
      ...asked,
      reason: 'DPoP: its nonce was made 3600 s before the clock of the server',
    })
    expect(await stale({ claims: { nonce: 'other' } })).toMatchObject({
      ...asked,
      reason: 'DPoP: the nonce is not ours',
    })
    const skewed = await ec.prove(wish({ at: 0, claims: { nonce } }))
    expect(await proofs.prove(skewed, TARGET)).toBe(ec.thumbprint)
  })

  test('POP-02 spends nothing where its use is refused, and says for whom it is counted', async () => {
    const { proofs } = open(1)
    const text = await ec.prove(wish())
    const refusal = new Error('no')
    await expect(
      proofs.prove(text, TARGET, async (thumbprint) => {
        expect(thumbprint).toBe(ec.thumbprint)
        throw refusal
      }),
    ).rejects.toBe(refusal)
    expect(await proofs.prove(text, TARGET, async () => 'newcomer')).toBe(ec.thumbprint)
    // devices are counted apart from newcomers
    expect(await proofs.prove(await ec.prove(wish({ jti: 'another one' })), TARGET)).toBe(
      ec.thumbprint,
    )
    await expect(
      proofs.prove(await ec.prove(wish({ jti: 'one too many' })), TARGET),
    ).rejects.toMatchObject({
      code: 'rate_limited',
      members: { retryAfter: 60 },
      reason: 'over 1 of proof in 60 s',
    })
  })

  test('POP-02 brought again and again it takes nothing from the key that made it', async () => {
    const { proofs } = open(2)
    const text = await ec.prove(wish())
    await proofs.prove(text, TARGET)
    for (let n = 0; n < 3; n++)
      await expect(proofs.prove(text, TARGET)).rejects.toMatchObject({ code: 'proof_invalid' })
    const next = await ec.prove(wish({ jti: 'another one' }))
    expect(await proofs.prove(next, TARGET)).toBe(ec.thumbprint)
  })

  test('POP-02 keeps the mark for longer than the proof, or the nonce in it, could pass', async () => {
    const { proofs, at } = open()
    const marks = async (): Promise<(number | null | undefined)[]> => {
      const entries = await at.space.list(['proof'], { limit: 10 })
      return entries.map(({ value }) => (JSON.parse(value) as { purgeAt: number }).purgeAt)
    }
    await proofs.prove(await ec.prove(wish({ at: NOON - MINUTE })), TARGET)
    const kept = 5 * MINUTE + 5 * SECOND + HOUR
    expect(await marks()).toEqual([NOON - MINUTE + kept])
    const nonce = createNonce(NONCE_KEY, NOON + SECOND)
    await proofs.prove(
      await ec.prove(wish({ at: 0, jti: 'another one', claims: { nonce } })),
      TARGET,
    )
    expect((await marks()).sort()).toEqual([NOON - MINUTE + kept, NOON + SECOND + kept])
  })
})
