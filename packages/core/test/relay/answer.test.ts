import { describe, expect, test, vi } from 'vitest'
import { verifyMintAnswer } from '../../src/relay.ts'
import { mutantsOf } from '../kit/text-mutants.ts'
import { forgedTexts, membersOf, segmentOf, signedWrong } from '../kit/token-mutants.ts'
import { AUDIENCE, createCarrier, HUB, type Carrier } from './carrier.ts'
import { environmentSigner } from './signers.ts'

vi.setConfig({ testTimeout: 120_000 })

describe.each(['authorized', 'pending'] as const)('an answer that says %s', (status) => {
  async function answered(): Promise<{
    carrier: Carrier
    own: string
    isAnswer(text: string): Promise<boolean>
  }> {
    const carrier = await createCarrier({ admission: status === 'pending' ? 'approval' : 'code' })
    const own = (await carrier.mint(await carrier.request())).body.answer as string
    const { body: environmentKeys } = await carrier.call('/auth/jwks.json')
    const expected = {
      environmentKeys,
      environment: AUDIENCE,
      relayId: HUB,
      nonce: carrier.wish.nonce,
      thumbprint: carrier.client.thumbprint,
      now: carrier.now(),
    }
    return {
      carrier,
      own,
      isAnswer: async (text) => (await verifyMintAnswer(text, expected)) !== null,
    }
  }

  test('SES-04: no text that is like one is one', async () => {
    const { carrier, own, isAnswer } = await answered()
    const others = [await carrier.request(), await carrier.prove(carrier.wish)]
    const texts = [...mutantsOf(own, 700, others), ...forgedTexts(own)]
    expect(texts.length).toBeGreaterThan(900)
    for (const text of texts) expect(await isAnswer(text), text).toBe(false)
    expect(await isAnswer(own)).toBe(true)
  })

  test('SES-04: what our own key signs and is no answer is none', async () => {
    const { own, isAnswer } = await answered()
    const sign = await environmentSigner()
    for (const [head, body] of signedWrong(own))
      expect(await isAnswer(`${head}.${body}.${await sign(head, body)}`)).toBe(false)
    const [head = '', body = ''] = own.split('.')
    expect(await isAnswer(`${head}.${body}.${await sign(head, body)}`)).toBe(true)
  })

  test('APP-18: each of its claims is required, of its type, and of this request', async () => {
    const { own, isAnswer } = await answered()
    const sign = await environmentSigner()
    const [head = '', segment] = own.split('.')
    const claims = membersOf(segment)
    const odd = [undefined, null, 0, '', 'x', true, [], {}, 1.5, -1, 2 ** 53, '1']
    for (const name of Object.keys(claims))
      for (const value of odd) {
        if (value === true && name === 'isDecided') continue
        const body = segmentOf(JSON.stringify({ ...claims, [name]: value }))
        const text = `${head}.${body}.${await sign(head, body)}`
        expect(await isAnswer(text), `${name} ${JSON.stringify(value)}`).toBe(false)
      }
    const other = status === 'pending' ? 'authorized' : 'pending'
    for (const more of [
      { status: other },
      { exp: (claims['iat'] as number) + 301 },
      status === 'pending' ? { code: 'A'.repeat(22) } : { claim: 'x' },
      status === 'pending'
        ? { claim: `apr_${'A'.repeat(22)}.${'A'.repeat(43)}` }
        : { approval: {} },
      status === 'pending' ? { approval: null } : { isDecided: 0 },
    ]) {
      const body = segmentOf(JSON.stringify({ ...claims, ...more }))
      expect(await isAnswer(`${head}.${body}.${await sign(head, body)}`)).toBe(false)
    }
  })

  test('APP-18: it holds for one environment, relay, nonce, request and key, until its end and no second longer', async () => {
    const { carrier, own } = await answered()
    const { body: environmentKeys } = await carrier.call('/auth/jwks.json')
    const right = {
      environmentKeys,
      environment: AUDIENCE,
      relayId: HUB,
      nonce: carrier.wish.nonce,
      now: carrier.now(),
    }
    const way = await verifyMintAnswer(own, right)
    expect(way).toMatchObject({ status, jti: expect.any(String) })
    const holds = async (more: object): Promise<boolean> =>
      (await verifyMintAnswer(own, { ...right, ...more })) !== null
    expect(await holds({ jti: way!.jti, thumbprint: carrier.client.thumbprint })).toBe(true)
    const stranger = await createCarrier({ secret: 'another secret of these tests, 32 bytes' })
    const theirs = (await stranger.call('/auth/jwks.json')).body
    for (const more of [
      { environment: 'https://other.example/auth' },
      { relayId: 'other' },
      { nonce: 'A'.repeat(22) },
      { jti: 'A'.repeat(22) },
      { thumbprint: 'A'.repeat(43) },
      { environmentKeys: theirs },
      { environmentKeys: { keys: [carrier.key.publicKey] } },
      { environmentKeys: { keys: [null, 7, {}, { kty: 'OKP' }] } },
      { now: right.now + 300_000 },
      { now: right.now - 16_000 },
    ])
      expect(await holds(more), JSON.stringify(more)).toBe(false)
    expect(await holds({ now: right.now + 299_999 })).toBe(true)
  })
})
