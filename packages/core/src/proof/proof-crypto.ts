import { compactVerify } from 'jose'
import type { Thumbprint } from '../ids.ts'
import { parseTokenText } from '../token/token-text.ts'
import { parseProofJwk, thumbprintOf, type ProofJwk } from './proof-key.ts'
import type { ProofClaims } from './proof.ts'

export interface OpenedProof {
  claims: ProofClaims
  jwk: ProofJwk
  thumbprint: Thumbprint
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
    await compactVerify(text, { ...jwk, alg: 'ES256' }, { algorithms: ['ES256'] })
  } catch {
    return null
  }
  return { claims, jwk, thumbprint: thumbprintOf(jwk) }
}

function parseClaims(payload: Readonly<Record<string, unknown>>): ProofClaims | null {
  const { jti, htm, htu, iat, ath, bodyHash } = payload
  if (typeof jti !== 'string' || typeof htm !== 'string' || typeof htu !== 'string') return null
  if (!Number.isSafeInteger(iat)) return null
  if (ath !== undefined && typeof ath !== 'string') return null
  if (bodyHash !== undefined && typeof bodyHash !== 'string') return null
  return {
    jti,
    htm,
    htu,
    iat: iat as number,
    ...(ath === undefined ? {} : { ath }),
    ...(bodyHash === undefined ? {} : { bodyHash }),
  }
}
