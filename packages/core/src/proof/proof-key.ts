import { fromBase64Url } from '../encoding/base64url.ts'
import { sha256Base64Url } from '../encoding/bytes.ts'
import { canonicalJson } from '../encoding/canonical-json.ts'
import type { Thumbprint } from '../ids.ts'

/** The public proof key that a DPoP header carries. */
export interface ProofJwk {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
}

/** The RFC 7638 thumbprint of a public key. */
export function thumbprintOf({ kty, crv, x, y }: ProofJwk): Thumbprint {
  return sha256Base64Url(canonicalJson({ kty, crv, x, y }))
}

/** 32 bytes in their one spelling: another would give the same key a second thumbprint. */
function isCoordinate(text: unknown): text is string {
  return typeof text === 'string' && fromBase64Url(text)?.length === 32
}

/** A public P-256 key and nothing beside it, or `null`. */
export function parseProofJwk(value: unknown): ProofJwk | null {
  if (typeof value !== 'object' || value === null) return null
  const { kty, crv, x, y, ...others } = value as Record<string, unknown>
  if (kty !== 'EC' || crv !== 'P-256' || 'd' in others || 'k' in others) return null
  if (!isCoordinate(x) || !isCoordinate(y)) return null
  return { kty, crv, x, y }
}
