import { compactVerify, importJWK } from 'jose'
import { sha256Base64Url } from '../encoding/bytes.ts'
import { canonicalJson } from '../encoding/canonical-json.ts'
import type { Thumbprint } from '../ids.ts'
import { parseTokenText } from '../token/token-text.ts'
import type { ProofClaims, ProofJwk } from './proof.ts'

export interface OpenedProof {
  claims: ProofClaims
  jwk: ProofJwk
  thumbprint: Thumbprint
}

/** The RFC 7638 thumbprint of a public key. */
export function thumbprintOf({ kty, crv, x, y }: ProofJwk): Thumbprint {
  return sha256Base64Url(canonicalJson({ kty, crv, x, y }))
}

/**
 * What a DPoP proof says where its signature holds (RFC 9449 §4.3 steps 2 to 7), or `null`. The header is exactly `typ`,
 * `alg` and a public `jwk`: no `crit`, no `kid`, no private member.
 */
export async function openProof(text: string): Promise<OpenedProof | null> {
  const parsed = parseTokenText(text)
  if (!parsed) return null
  const { typ, alg, jwk: key, ...others } = parsed.header
  if (typ !== 'dpop+jwt' || alg !== 'ES256' || Object.keys(others).length > 0) return null
  const jwk = parseProofJwk(key)
  const claims = parseClaims(parsed.payload)
  if (!jwk || !claims) return null
  try {
    await compactVerify(text, await importJWK({ ...jwk, alg: 'ES256' }, 'ES256'), { algorithms: ['ES256'] })
  } catch {
    return null
  }
  return { claims, jwk, thumbprint: thumbprintOf(jwk) }
}

const COORDINATE = /^[A-Za-z0-9_-]{43}$/

/** A public P-256 key and nothing beside it, or `null`. */
export function parseProofJwk(value: unknown): ProofJwk | null {
  if (typeof value !== 'object' || value === null) return null
  const { kty, crv, x, y, ...others } = value as Record<string, unknown>
  if (kty !== 'EC' || crv !== 'P-256' || 'd' in others || 'k' in others) return null
  if (typeof x !== 'string' || typeof y !== 'string' || !COORDINATE.test(x) || !COORDINATE.test(y)) return null
  return { kty, crv, x, y }
}

function parseClaims(payload: Readonly<Record<string, unknown>>): ProofClaims | null {
  const { jti, htm, htu, iat, ath, bodyHash } = payload
  if (typeof jti !== 'string' || typeof htm !== 'string' || typeof htu !== 'string') return null
  if (!Number.isSafeInteger(iat)) return null
  if (ath !== undefined && typeof ath !== 'string') return null
  if (bodyHash !== undefined && typeof bodyHash !== 'string') return null
  return { jti, htm, htu, iat: iat as number, ...(ath === undefined ? {} : { ath }), ...(bodyHash === undefined ? {} : { bodyHash }) }
}
