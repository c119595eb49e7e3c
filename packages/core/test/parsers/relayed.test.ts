import { expect, test } from 'vitest'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import { utf8 } from '../../src/encoding/bytes.ts'
import { openMintRequest } from '../../src/relay/relay-crypto.ts'
import { checkRelayOptions } from '../../src/relay/relay-options.ts'
import { verifyMintAnswer } from '../../src/relay.ts'
import { AUDIENCE, createCarrier, HUB } from '../relay/carrier.ts'
import { membersOf } from '../kit/token-mutants.ts'
import { keysFrom } from '../kit/keys.ts'
import { createTexts, createValues } from './random-texts.ts'

const TIMES = 10_000

test(
  'SEC-14 openMintRequest takes 10^4 requests, signed and not (its text 10^6: parseTokenText, its claims: parseMintRequest)',
  { timeout: 30_000 },
  async () => {
    const carrier = await createCarrier()
    const relays = [{ id: HUB, publicKey: carrier.key.publicKey }]
    const house = { publicUrl: undefined, basePath: '/auth', scopes: ['notes:read'] }
    const outcome = checkRelayOptions({ audience: AUDIENCE, relays }, house)
    if (!outcome.ok) throw new Error(outcome.must)
    const right = await carrier.request()
    const [head = '', body] = right.split('.')
    const key = await crypto.subtle.importKey(
      'jwk',
      carrier.key.privateKey as JsonWebKey,
      'Ed25519',
      false,
      ['sign'],
    )
    const sign = async (claims: unknown): Promise<string> => {
      const signed = `${head}.${toBase64Url(utf8(JSON.stringify(Object(claims))))}`
      const bytes = await crypto.subtle.sign('Ed25519', key, utf8(signed))
      return `${signed}.${toBase64Url(new Uint8Array(bytes))}`
    }
    const texts = createTexts(11, { valid: [right], words: ['.', right, 'AAAA', 'e30', '='] })
    const payloads = createValues(12, [membersOf(body)])
    let opened = 0
    for (let left = TIMES; left > 0; left--) {
      const text = left % 2 ? texts() : await sign(payloads())
      const found = await openMintRequest(text, outcome.settings, carrier.now())
      if (!found.ok) {
        if (found.reason === '') throw new Error('refused without a reason')
        continue
      }
      opened++
      if (found.thumbprint !== carrier.client.thumbprint || found.relay.id !== HUB)
        throw new Error(text)
    }
    expect(opened).toBeGreaterThan(50)
    expect(opened).toBeLessThan(TIMES / 2)
  },
)

test(
  'SEC-14 verifyMintAnswer takes 10^4 texts, signed and not, and sets of anything (its text 10^6: parseTokenText)',
  { timeout: 30_000 },
  async () => {
    const carrier = await createCarrier()
    const right = (await carrier.mint(await carrier.request())).body.answer as string
    const valid = membersOf(right.split('.')[1])
    const signer = keysFrom('a secret of these tests, 32 bytes or more')
    const keys = await signer.relayKeys()
    const texts = createTexts(13, { valid: [right], words: ['.', right, 'AAAA', 'e30', '='] })
    const [payloads, sets] = [createValues(14, [valid]), createValues(15, [keys])]
    let taken = 0
    for (let left = TIMES; left > 0; left--) {
      const isSigned = left % 3 === 0
      const text = isSigned ? await signer.sign('relay', Object(payloads()) as object) : texts()
      const set = left % 5 === 0 ? [sets(), sets()].flat() : keys
      const expected = {
        environmentKeys: { keys: set },
        environment: AUDIENCE,
        relayId: HUB,
        nonce: carrier.wish.nonce,
        now: carrier.now(),
      }
      const answer = await verifyMintAnswer(text, expected)
      if (answer === null || text === right) continue
      taken++
      if (!isSigned || answer.nonce !== carrier.wish.nonce) throw new Error(text)
    }
    expect(taken).toBeGreaterThan(50)
    expect(taken).toBeLessThan(TIMES / 3)
  },
)
