import { compactVerify, importJWK, type CryptoKey } from 'jose'
import type { Thumbprint } from '../ids.ts'
import { parseTokenText } from '../token/token-text.ts'
import { ALGORITHMS, parseProofJwk, thumbprintOf, type ProofJwk } from './proof-key.ts'
import type { ProofClaims } from './proof.ts'

export interface OpenedProof {
  claims: ProofClaims
  jwk: ProofJwk
  thumbprint: Thumbprint
}

/** What the header of a proof says, and its key, ready to verify. */
interface ProofHeader {
  alg: string
  jwk: ProofJwk
  thumbprint: Thumbprint
  key: CryptoKey
}

/** Headers of proofs that held, by their segment: a device sends the same one each time. */
export type KnownHeaders = Map<string, ProofHeader>

/** How many headers are known at a time. */
const KNOWN = 1_000

/**
 * What a DPoP proof says where its signature holds (RFC 9449 §4.3 steps 2 to 7), or `null`. The header is exactly `typ`,
 * `alg` and a public `jwk`: no `crit`, no `kid`, no private member.
 */
export async function openProof(
  text: string,
  known: KnownHeaders = new Map(),
): Promise<OpenedProof | null> {
  const parsed = parseTokenText(text)
  const claims = parsed && parseClaims(parsed.payload)
  if (!claims) return null
  const segment = parsed.headerSegment
  try {
    const header = known.get(segment) ?? (await openHeader(parsed.header))
    if (!header) return null
    await compactVerify(text, header.key, { algorithms: [header.alg] })
    remember(known, segment, header)
    return { claims, jwk: header.jwk, thumbprint: header.thumbprint }
  } catch {
    return null
  }
}

async function openHeader(header: Readonly<Record<string, unknown>>): Promise<ProofHeader | null> {
  const { typ, alg, jwk: given, ...others } = header
  const jwk = parseProofJwk(given)
  if (!jwk || typ !== 'dpop+jwt' || Object.keys(others).length > 0) return null
  // The algorithms of that type of key and no others: nobody gets to choose how a key is read.
  if (typeof alg !== 'string' || !ALGORITHMS[jwk.kty].includes(alg)) return null
  const key = await importJWK({ ...jwk }, alg)
  return key instanceof Uint8Array ? null : { alg, jwk, thumbprint: thumbprintOf(jwk), key }
}

function remember(known: KnownHeaders, segment: string, header: ProofHeader): void {
  if (known.has(segment)) return
  if (known.size >= KNOWN) known.clear()
  known.set(segment, header)
}

function parseClaims(payload: Readonly<Record<string, unknown>>): ProofClaims | null {
  const { jti, htm, htu, iat } = payload
  if (typeof jti !== 'string' || typeof htm !== 'string' || typeof htu !== 'string') return null
  if (!Number.isSafeInteger(iat)) return null
  const claims: ProofClaims = { jti, htm, htu, iat: iat as number }
  for (const name of ['ath', 'bodyHash', 'nonce'] as const) {
    const value = payload[name]
    if (value === undefined) continue
    if (typeof value !== 'string') return null
    claims[name] = value
  }
  return claims
}
