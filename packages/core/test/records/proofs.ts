import { CompactSign, type JWK } from 'jose'
import { sha256Base64Url, utf8 } from '../../src/encoding/bytes.ts'
import { canonicalJson } from '../../src/encoding/canonical-json.ts'
import { createDeviceKey, type DeviceKey } from '../kit/device.ts'

/** What a proof is made for. `at` in milliseconds. */
export interface ProofFor {
  htm: string
  htu: string
  at: number
  token?: string | undefined
  body?: unknown
}

/** A device's key that can be written down: the private JWK. */
export async function createKeptKey(): Promise<{ key: DeviceKey; jwk: JWK }> {
  const key = await createDeviceKey()
  return { key, jwk: (await crypto.subtle.exportKey('jwk', key.privateKey)) as JWK }
}

/** A DPoP proof by a key that was written down. */
export function proofBy(jwk: JWK, { htm, htu, at, token, body }: ProofFor): Promise<string> {
  const claims = {
    jti: crypto.randomUUID(),
    htm,
    htu,
    iat: Math.floor(at / 1_000),
    ...(token === undefined ? {} : { ath: sha256Base64Url(token) }),
    ...(body === undefined ? {} : { bodyHash: sha256Base64Url(canonicalJson(body)) }),
  }
  return new CompactSign(utf8(JSON.stringify(claims)))
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicPart(jwk) })
    .sign({ ...jwk, key_ops: ['sign'] }, { crit: {} })
}

/** What of a key is told to others. */
export function publicPart({ x = '', y = '' }: JWK): {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
} {
  return { kty: 'EC', crv: 'P-256', x, y }
}
