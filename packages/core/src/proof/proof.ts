import type { Thumbprint } from '../ids.ts'
import { SECOND, type Millis } from '../time.ts'

/** What a DPoP proof says (RFC 9449 §4.2), and what it says of a body. `iat` is in seconds. */
export interface ProofClaims {
  jti: string
  htm: string
  htu: string
  iat: number
  ath?: string
  bodyHash?: string
  /** A nonce of the server's: its time counts then, and `iat` does not. */
  nonce?: string
}

/** The request that a proof has to be made for. */
export interface ProofTarget {
  method: string
  /** As the client sees it; query and fragment don't count. */
  url: string
  /** SHA-256 of the access token or ticket beside it, base64url; `null`: there is none. */
  ath: string | null
  /** SHA-256 of the canonical body, where the proof has to cover it; `null`: it need not. */
  bodyHash: string | null
  /** The key that it has to be; `null`: any. */
  thumbprint: Thumbprint | null
}

/** How far a proof, or the nonce in it, may lie behind our clock, and before it. */
export const PROOF_PAST_MS: Millis = 300 * SECOND
export const PROOF_FUTURE_MS: Millis = 5 * SECOND

export type ProofFault = 'method' | 'url' | 'time' | 'ath' | 'body' | 'key' | 'jti'
export type ProofOutcome = { ok: true } | { ok: false; fault: ProofFault }

/**
 * Was this proof made for this request, by that key, lately? (RFC 9449 §4.3; replay is told apart.) `madeAt` is the time of
 * the nonce in it, `null` for one that is not ours; without a nonce it is `iat`. `time` is the fault where all else is right.
 */
export function checkProof(
  claims: ProofClaims,
  thumbprint: Thumbprint,
  target: ProofTarget,
  now: Millis,
  madeAt: Millis | null = claims.iat * SECOND,
): ProofOutcome {
  const fail = (fault: ProofFault): ProofOutcome => ({ ok: false, fault })
  if (target.thumbprint !== null && thumbprint !== target.thumbprint) return fail('key')
  if (claims.jti.length < 8 || claims.jti.length > 128) return fail('jti')
  if (claims.htm !== target.method) return fail('method')
  const htu = withoutQuery(claims.htu)
  if (htu === null || htu !== withoutQuery(target.url)) return fail('url')
  // A proof beside a token names it; one beside none must not name another.
  if ((claims.ath ?? null) !== target.ath) return fail('ath')
  if (target.bodyHash !== null && claims.bodyHash !== target.bodyHash) return fail('body')
  const age = madeAt === null ? NaN : now - madeAt
  if (!(age <= PROOF_PAST_MS && age >= -PROOF_FUTURE_MS)) return fail('time')
  return { ok: true }
}

/** A URL by its normal form without query and fragment (RFC 9449 §4.3 step 9, RFC 3986 §6.2). */
function withoutQuery(text: string): string | null {
  if (text.length > 2_048 || !URL.canParse(text)) return null
  const { protocol, host, pathname } = new URL(text)
  return protocol === 'http:' || protocol === 'https:' ? `${protocol}//${host}${pathname}` : null
}
