import { sha256Base64Url, utf8 } from '../../src/encoding/bytes.ts'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import { canonicalJson } from '../../src/encoding/canonical-json.ts'
import type { PublicKeyJwk } from '../../src/http/wire.ts'

export interface ProofWish {
  htm: string
  htu: string
  /** Milliseconds; the proof holds whole seconds of it. */
  at: number
  /** The access token or ticket beside it. */
  token?: string
  /** The body that it covers. */
  body?: unknown
  jti?: string
  /** Claims and header members that replace the right ones; `undefined` takes one away. */
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
}

type EcJwk = Extract<PublicKeyJwk, { kty: 'EC' }>
type OkpJwk = Extract<PublicKeyJwk, { kty: 'OKP' }>

/** A key that signs DPoP proofs, right ones and wrong ones. */
export interface DeviceKey<J extends PublicKeyJwk = PublicKeyJwk> {
  jwk: J
  thumbprint: string
  privateKey: CryptoKey
  prove(wish: ProofWish): Promise<string>
  /** A JWS of exactly these two segments. */
  sign(header: unknown, payload: unknown): Promise<string>
}

/** An ES256 key. */
export async function createDeviceKey(): Promise<DeviceKey<EcJwk>> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    { name: 'ECDSA', namedCurve: 'P-256' },
    true,
    ['sign', 'verify'],
  )
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey)
  const jwk: EcJwk = { kty: 'EC', crv: 'P-256', x, y }
  const members = `{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`
  return toDeviceKey(jwk, members, privateKey, 'ES256', { name: 'ECDSA', hash: 'SHA-256' })
}

/** An Ed25519 key; its algorithm by the older name or by its own. */
export async function createEd25519Key(
  alg: 'EdDSA' | 'Ed25519' = 'EdDSA',
): Promise<DeviceKey<OkpJwk>> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey('Ed25519', true, [
    'sign',
    'verify',
  ])
  const { x = '' } = await crypto.subtle.exportKey('jwk', publicKey)
  const jwk: OkpJwk = { kty: 'OKP', crv: 'Ed25519', x }
  const members = `{"crv":"Ed25519","kty":"OKP","x":"${x}"}`
  return toDeviceKey(jwk, members, privateKey, alg, { name: 'Ed25519' })
}

function toDeviceKey<J extends PublicKeyJwk>(
  jwk: J,
  members: string,
  privateKey: CryptoKey,
  alg: string,
  algorithm: { name: string; hash?: string },
): DeviceKey<J> {
  const sign = async (header: unknown, payload: unknown): Promise<string> => {
    const signed = [header, payload]
      .map((part) => toBase64Url(utf8(JSON.stringify(part))))
      .join('.')
    const signature = await crypto.subtle.sign(algorithm, privateKey, utf8(signed))
    return `${signed}.${toBase64Url(new Uint8Array(signature))}`
  }
  return {
    jwk,
    thumbprint: sha256Base64Url(members),
    privateKey,
    sign,
    prove: ({ htm, htu, at, token, body, jti, claims = {}, header = {} }) =>
      sign(
        { typ: 'dpop+jwt', alg, jwk, ...header },
        {
          jti: jti ?? toBase64Url(crypto.getRandomValues(new Uint8Array(12))),
          htm,
          htu,
          iat: Math.floor(at / 1000),
          ...(token === undefined ? {} : { ath: sha256Base64Url(token) }),
          ...(body === undefined ? {} : { bodyHash: sha256Base64Url(canonicalJson(body)) }),
          ...claims,
        },
      ),
  }
}
