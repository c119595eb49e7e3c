import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import { hmacSha256, utf8 } from '../../src/encoding/bytes.ts'
import { readPendingProof } from '../../src/approval/approval-crypto.ts'
import { openProof } from '../../src/proof/proof-crypto.ts'
import { verifyByPublicKeys } from '../../src/token/public-keys-crypto.ts'
import { parseSessionClaims } from '../../src/token/session-claims.ts'
import { keysFrom } from '../kit/keys.ts'
import { deriveKeys } from '../../src/token/keys-crypto.ts'
import { signToken, verifyToken } from '../../src/token/token-crypto.ts'
import { NOON } from '../kit/clock.ts'
import { createDeviceKey, createEd25519Key } from '../kit/device.ts'
import { SECRET } from '../kit/server.ts'
import { createTexts, createValues } from './random-texts.ts'

const TIMES = 10_000
const keys = deriveKeys(utf8(SECRET), 'pair')
const { stackTraceLimit } = Error
beforeAll(() => void (Error.stackTraceLimit = 0))
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))

const segment = (text: string): string => toBase64Url(utf8(text))

vi.setConfig({ testTimeout: 20_000 })

describe('tokens of our key', () => {
  test('SEC-14 verifyToken takes 10^4 texts that our key signed, and 10^4 that it did not (its text 10^6: parseTokenText)', () => {
    const claims = { iss: keys.instance, aud: keys.instance, sub: 'owner', sid: 'ses_x', iat: 1 }
    const good = signToken(keys.session, claims)
    const unsigned = createTexts(1, { valid: [good], words: ['.', good, 'AAAA', '=', 'e30'] })
    const inner = createTexts(2, {
      valid: [JSON.stringify(claims)],
      words: ['{', '}', '"a"', ':', '1', ',', 'null', '"__proto__"', '1e400'],
    })
    let read = 0
    for (let left = TIMES; left > 0; left--) {
      const text = unsigned()
      if (verifyToken(keys.session, text) !== null && text !== good) throw new Error(text)
      const head = `${keys.session.headerSegment}.${segment(inner())}`
      const signed = `${head}.${toBase64Url(hmacSha256(keys.session.key, utf8(head)))}`
      const payload = verifyToken(keys.session, signed)
      if (payload === null) continue
      read++
      // Signed or not, it is the claims that have to be right.
      if (parseSessionClaims(payload, keys.instance) !== null) throw new Error(signed)
    }
    expect(read).toBeGreaterThan(100)
  })

  test('SEC-14 readPendingProof takes 10^4 sets of claims that our key signed', async () => {
    const signer = keysFrom(SECRET)
    const { instance } = signer
    const valid = {
      iss: instance,
      aud: instance,
      sub: `apr_${'A'.repeat(22)}`,
      state: 'pending',
      nonce: 'n',
      requestedAt: 'x',
      iat: NOON / 1_000,
      exp: NOON / 1_000 + 60,
      cnf: { jkt: 'A'.repeat(43) },
    }
    const next = createValues(3, [valid])
    let taken = 0
    for (let left = TIMES; left > 0; left--) {
      const text = await signer.sign('approval', Object(next()) as object)
      const proof = await readPendingProof(signer, text, NOON)
      if (proof === null) continue
      taken++
      const isRight = proof.expiresAt > NOON && /^(?:pending|approved)$/.test(proof.state)
      if (!isRight || typeof proof.requestedAt !== 'string') throw new Error(JSON.stringify(proof))
    }
    expect(taken).toBeGreaterThan(100)
    expect(taken).toBeLessThan(TIMES)
  })
})

test('SEC-14 openProof takes 10^4 proofs, signed and not (its text 10^6: parseTokenText, its key: parseProofJwk)', async () => {
  const signers = [await createDeviceKey(), await createEd25519Key()] as const
  const right = await signers[0].prove({ htm: 'GET', htu: 'http://localhost/', at: NOON })
  const texts = createTexts(4, { valid: [right], words: ['.', right, 'AAAA', 'e30', '='] })
  const headers = signers.map(({ jwk }) =>
    createValues(5, [{ typ: 'dpop+jwt', alg: jwk.kty === 'EC' ? 'ES256' : 'EdDSA', jwk }]),
  )
  const payload = createValues(6, [
    { jti: 'a', htm: 'GET', htu: 'u', iat: 1, ath: 'b', nonce: 'c' },
  ])
  let opened = 0
  for (let left = TIMES; left > 0; left -= 20) {
    const batch = Array.from({ length: 20 }, (_, at) =>
      at % 2 === 0
        ? texts()
        : signers[at % 4 === 1 ? 0 : 1].sign(headers[at % 4 === 1 ? 0 : 1]!(), payload()),
    )
    for (const found of await Promise.all(batch.map(async (text) => openProof(await text)))) {
      if (found === null) continue
      opened++
      const { claims, thumbprint } = found
      if (!signers.some((key) => key.thumbprint === thumbprint)) throw new Error('x')
      if (!Number.isSafeInteger(claims.iat)) throw new Error('x')
    }
  }
  expect(opened).toBeGreaterThan(100)
  expect(opened).toBeLessThan(TIMES)
})

describe('tokens by public keys', () => {
  test('SEC-14 verifyByPublicKeys takes 10^4 texts, signed and not, and sets of anything (its text 10^6: parseTokenText)', async () => {
    const signer = keysFrom(SECRET, { signing: 'eddsa' })
    const { instance: issuer } = signer
    const keys = await signer.publicKeys()
    const aud = `${issuer}/resource`
    const [iat, sid] = [NOON / 1_000, `ses_${'A'.repeat(22)}`]
    const more = { resource: 'screen:1', mode: 'view', cnf: { jkt: 'A'.repeat(43) } }
    const valid = { iss: issuer, aud, sub: 'o', sid, iat, exp: iat + 60, jti: 'x', ...more }
    const right = await signer.sign('resource', valid)
    const texts = createTexts(7, { valid: [right], words: ['.', right, 'AAAA', 'e30', '='] })
    const [payload, sets] = [createValues(8, [valid]), createValues(9, [keys])]
    let taken = 0
    for (let left = TIMES; left > 0; left--) {
      const isSigned = left % 3 === 0
      const text = isSigned ? await signer.sign('resource', Object(payload()) as object) : texts()
      const set = left % 5 === 0 ? [sets(), sets()].flat() : keys
      const options = { keys: { keys: set }, issuer, now: NOON }
      const claims = await verifyByPublicKeys('resource', text, options)
      if (claims === null || text === right) continue
      taken++
      if (!isSigned || claims.iss !== issuer || claims.exp <= iat) throw new Error(text)
    }
    expect(taken).toBeGreaterThan(100)
    expect(taken).toBeLessThan(TIMES / 3)
  })
})
