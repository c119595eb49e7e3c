import type { Millis, PublicKeyJwk } from '@pair/core'

export interface ProofWish {
  method: string
  url: URL
  at: Millis
  /** The access token beside it. */
  token?: string
  /** The body that it covers, in the form of RFC 8785. */
  body?: string
  /** Claims that stand in place of the right ones, for proofs that must be refused. */
  claims?: Readonly<Record<string, unknown>>
}

/** A fresh ES256 key that signs DPoP proofs. */
export interface ProofKey {
  publicKey: PublicKeyJwk
  prove(wish: ProofWish): Promise<string>
}

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** @see RFC 9449 section 4.2 */
export async function createProofKey(): Promise<ProofKey> {
  const pair = await crypto.subtle.generateKey(ES256, false, ['sign', 'verify'])
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const publicKey: PublicKeyJwk = { crv: 'P-256', kty: 'EC', x, y }
  return {
    publicKey,
    async prove({ method, url, at, token, body, claims }) {
      const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicKey }
      const payload = {
        jti: crypto.randomUUID(),
        htm: method,
        htu: url.origin + url.pathname,
        iat: Math.floor(at / 1_000),
        ...(token === undefined ? {} : { ath: await sha256(token) }),
        ...(body === undefined ? {} : { bodyHash: await sha256(body) }),
        ...claims,
      }
      const signed = [header, payload]
        .map((part) => toBase64Url(new TextEncoder().encode(JSON.stringify(part))))
        .join('.')
      const signature = await crypto.subtle.sign(
        ES256,
        pair.privateKey,
        new TextEncoder().encode(signed),
      )
      return `${signed}.${toBase64Url(new Uint8Array(signature))}`
    },
  }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return toBase64Url(new Uint8Array(digest))
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
