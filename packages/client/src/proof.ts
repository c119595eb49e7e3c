import { sha256, toBase64url } from './base64url.ts'
import { canonicalJson } from './canonical-json.ts'
import type { DeviceKey } from './device-key.ts'

export interface ProofFacts {
  method: string
  url: URL
  /** Seconds since 1970 by the clock of the server. */
  at: number
  /** The access token or ticket that the proof goes with. */
  token?: string | undefined
  /** The body that the proof covers. */
  body?: unknown
  /** A nonce of the server, by whose time the proof goes. */
  nonce?: string | undefined
}

/**
 * A DPoP proof: this device asks for exactly this, now.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9449#section-4.2
 */
export async function createProof(key: DeviceKey, facts: ProofFacts): Promise<string> {
  const { method, url, at, token, body, nonce } = facts
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicKey }
  const claims = {
    jti: toBase64url(crypto.getRandomValues(new Uint8Array(16))),
    htm: method,
    htu: url.origin + url.pathname,
    iat: at,
    nonce,
    ath: token && (await sha256(token)),
    bodyHash: body === undefined ? undefined : await sha256(canonicalJson(body)),
  }
  const input = `${segment(header)}.${segment(claims)}`
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    key.privateKey,
    new TextEncoder().encode(input),
  )
  return `${input}.${toBase64url(new Uint8Array(signature))}`
}

function segment(value: object): string {
  return toBase64url(new TextEncoder().encode(JSON.stringify(value)))
}
