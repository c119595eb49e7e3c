import { describe, expect, test, vi } from 'vitest'
import { verifyMintAnswer } from '../../src/relay.ts'
import { verifyByPublicKeys } from '../../src/token.ts'
import { createSamples } from '../kit/all-kinds.ts'
import { mutantsOf } from '../kit/text-mutants.ts'
import { forgedTexts, membersOf, segmentOf, signedWrong } from '../kit/token-mutants.ts'
import { AUDIENCE, createCarrier, HUB, type Carrier } from './carrier.ts'
import { relaySigner } from './signers.ts'

vi.setConfig({ testTimeout: 120_000 })

/** Does that text pass as a request of the relay? */
async function isRequest(carrier: Carrier, text: string): Promise<boolean> {
  const { status, text: said } = await carrier.mint(text)
  if (![200, 400, 401, 413].includes(status)) throw new Error(said)
  return status === 200
}

describe('a mint request', () => {
  test('SES-04: no text that is like one is one, and the one is good after all', async () => {
    const carrier = await createCarrier()
    const own = await carrier.request()
    const others = [
      await carrier.prove(carrier.wish),
      (await carrier.mint(await carrier.request())).body.answer,
    ]
    const texts = [...mutantsOf(own, 700, others), ...forgedTexts(own)]
    expect(texts.length).toBeGreaterThan(900)
    const passed: string[] = []
    for (const text of texts) if (await isRequest(carrier, text)) passed.push(text)
    expect(passed).toEqual([])
    expect(await isRequest(carrier, own)).toBe(true)
  })

  test('SES-04: what its relay signs and is no mint request is none', async () => {
    const carrier = await createCarrier()
    const own = await carrier.request()
    const sign = await relaySigner(carrier)
    const passed: string[] = []
    for (const [head, body] of signedWrong(own, [], true))
      if (await isRequest(carrier, `${head}.${body}.${await sign(head, body)}`))
        passed.push([head, body].map((part) => Buffer.from(part, 'base64url').toString()).join(' '))
    expect(passed).toEqual([])
    expect(await isRequest(carrier, own)).toBe(true)
  })

  test('SES-04: each of its claims is required, and of its type', async () => {
    const carrier = await createCarrier()
    const own = await carrier.request({ wish: { scopes: ['notes:read'] } })
    const sign = await relaySigner(carrier)
    const [head = '', segment] = own.split('.')
    const claims = membersOf(segment)
    const device = claims['device'] as Record<string, unknown>
    const odd = [null, 0, 1, '', 'x', true, [], {}, [[]], 1.5, -1, 2 ** 53, '1', 'A'.repeat(2_049)]
    const changed = [
      ...Object.keys(claims).flatMap((name) => [
        ...odd.map((value) => ({ ...claims, [name]: value })),
        // Without a transport it is what the client asked for.
        ...(name === 'transport' ? [] : [{ ...claims, [name]: undefined }]),
      ]),
      ...Object.keys(device).flatMap((name) =>
        [undefined, ...odd].map((value) => ({ ...claims, device: { ...device, [name]: value } })),
      ),
      { ...claims, nonce: 'a'.repeat(15) },
      { ...claims, nonce: 'a'.repeat(129) },
      { ...claims, jti: `${'a'.repeat(20)} ` },
      { ...claims, device: { ...device, label: ' A phone' } },
      { ...claims, device: { ...device, label: 'A\u202ephone' } },
      {
        ...claims,
        device: { ...device, publicKey: { ...(device['publicKey'] as object), d: 'AA' } },
      },
      { ...claims, scopes: ['notes:read', 7] },
      { ...claims, scopes: ['notes read'] },
      { ...claims, exp: (claims['iat'] as number) + 301 },
      { ...claims, exp: claims['iat'] },
      { ...claims, exp: (claims['iat'] as number) - 1 },
    ]
    for (const each of changed) {
      const body = segmentOf(JSON.stringify(each))
      const text = `${head}.${body}.${await sign(head, body)}`
      expect(await isRequest(carrier, text), JSON.stringify(each)).toBe(false)
    }
    expect(await isRequest(carrier, own)).toBe(true)
  })

  test('APP-18: scopes that are named are some, and each is named once', async () => {
    const carrier = await createCarrier()
    const sign = await relaySigner(carrier)
    const [head = '', segment] = (await carrier.request()).split('.')
    const isTaken = async (scopes: string[]): Promise<boolean> => {
      const wish = carrier.wishFor({ scopes })
      const { requestedAt, nonce } = wish
      const more = { scopes, requestedAt, nonce, jti: nonce, proof: await carrier.prove(wish) }
      const body = segmentOf(JSON.stringify({ ...membersOf(segment), ...more }))
      return isRequest(carrier, `${head}.${body}.${await sign(head, body)}`)
    }
    expect(await isTaken(['notes:read', 'notes:write'])).toBe(true)
    for (const scopes of [[], ['notes:read', 'notes:read']]) {
      expect(await isTaken(scopes)).toBe(false)
      await expect(carrier.request({ wish: { scopes } })).rejects.toThrow(TypeError)
    }
  })

  test('SES-04: members beside its own are passed over, and any spelling of JSON will do', async () => {
    const carrier = await createCarrier()
    const own = await carrier.request()
    const sign = await relaySigner(carrier)
    const [head, segment] = own.split('.')
    const header = Object.fromEntries(Object.entries(membersOf(head)).toReversed())
    const claims = JSON.stringify({ more: [1], ...membersOf(segment) }, null, 2)
    const [first, second] = [segmentOf(JSON.stringify(header)), segmentOf(claims)]
    expect(await isRequest(carrier, `${first}.${second}.${await sign(first, second)}`)).toBe(true)
  })
})

test.each(['hs256', 'eddsa'] as const)(
  'SES-04: requests and answers of relays pass in no other place, and nothing else in theirs (%s)',
  async (signing) => {
    const carrier = await createCarrier()
    const { samples } = await createSamples(signing)
    const request = await carrier.request()
    const answer = (await carrier.mint(await carrier.request())).body.answer as string
    const { body: environmentKeys } = await carrier.call('/auth/jwks.json')
    const expected = {
      environmentKeys,
      environment: AUDIENCE,
      relayId: HUB,
      nonce: carrier.wish.nonce,
      now: carrier.now(),
    }
    for (const [name, { text, accepts }] of Object.entries(samples)) {
      expect(await accepts(request), `a request as ${name}`).toBe(false)
      expect(await accepts(answer), `an answer as ${name}`).toBe(false)
      expect(await isRequest(carrier, text), `${name} as a request`).toBe(false)
      expect(await verifyMintAnswer(text, expected), `${name} as an answer`).toBeNull()
    }
    expect(await isRequest(carrier, answer)).toBe(false)
    expect(await verifyMintAnswer(request, expected)).toBeNull()
    // On the same server, by its own keys.
    const headers = { authorization: `Bearer ${answer}` }
    const { body } = await carrier.call('/auth/session', { headers })
    expect([body.authenticated, body.reason]).toEqual([false, 'invalid'])
    for (const kind of ['session', 'resource'] as const)
      expect(
        await verifyByPublicKeys(kind, answer, {
          keys: environmentKeys,
          issuer: await carrier.pair.signingKeys.issuer(),
          now: carrier.now(),
        }),
      ).toBeNull()
    expect(await isRequest(carrier, request)).toBe(true)
    expect(await verifyMintAnswer(answer, expected)).not.toBeNull()
  },
)
