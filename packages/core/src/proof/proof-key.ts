import { fromBase64Url, toBase64Url } from '../encoding/base64url.ts'
import { sha256Base64Url } from '../encoding/bytes.ts'
import { canonicalJson } from '../encoding/canonical-json.ts'
import type { Thumbprint } from '../ids.ts'

/** The public proof key that a DPoP header carries: P-256 (RFC 7518 §6.2), or Ed25519 (RFC 8037 §2). */
export type ProofJwk =
  | { kty: 'EC'; crv: 'P-256'; x: string; y: string }
  | { kty: 'OKP'; crv: 'Ed25519'; x: string }

/** What a key of that type signs with; for Ed25519 by its older name or its own (RFC 9864 §2.2). */
export const ALGORITHMS: Readonly<Record<ProofJwk['kty'], readonly string[]>> = {
  EC: ['ES256'],
  OKP: ['EdDSA', 'Ed25519'],
}

/** The RFC 7638 thumbprint of a public key; of Ed25519 by the members of RFC 8037 §2. */
export function thumbprintOf(jwk: ProofJwk): Thumbprint {
  const { kty, crv, x } = jwk
  return sha256Base64Url(
    canonicalJson(jwk.kty === 'EC' ? { kty, crv, x, y: jwk.y } : { kty, crv, x }),
  )
}

/** 32 bytes in their one spelling: another would give the same key a second thumbprint. */
function bytesOf(text: unknown): Uint8Array | null {
  const bytes = typeof text === 'string' ? fromBase64Url(text) : null
  return bytes?.length === 32 ? bytes : null
}

/** A public key of one of the two kinds and nothing beside it, or `null`. */
export function parseProofJwk(value: unknown): ProofJwk | null {
  if (typeof value !== 'object' || value === null) return null
  const { kty, crv, x, y, ...others } = value as Record<string, unknown>
  const first = bytesOf(x)
  if (first === null || 'd' in others || 'k' in others) return null
  if (kty === 'EC' && crv === 'P-256' && bytesOf(y))
    return { kty, crv, x: x as string, y: y as string }
  if (kty === 'OKP' && crv === 'Ed25519' && y === undefined && isSoundPoint(first))
    return { kty, crv, x: x as string }
  return null
}

/** The points of small order, by their y: for these, signatures can be made that hold for messages that nobody signed. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  '7P_______________________________________38',
  'JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU',
  'xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o',
])

/** Is that a point in its one encoding (RFC 8032 §5.1.3), and of an order that binds? Runtimes differ in what they take. */
function isSoundPoint(bytes: Uint8Array): boolean {
  const y = bytes.slice()
  // The highest bit is the sign of x.
  y[31] = y[31]! & 0x7f
  const isBelowPrime = y[0]! < 0xed || y[31] < 0x7f || y.subarray(1, 31).some((byte) => byte < 0xff)
  return isBelowPrime && !SMALL_ORDER.has(toBase64Url(y))
}
