import { toBase64Url } from '../encoding/base64url.ts'
import { utf8 } from '../encoding/bytes.ts'
import { canonicalJson } from '../encoding/canonical-json.ts'
import { isBegun, SECOND, type Millis } from '../time.ts'
import { verifyWithPublic, type PublicJwk } from './eddsa-crypto.ts'
import { parseResourceClaims, type ResourceClaims } from './resource-claims.ts'
import { parseSessionClaims, type SessionClaims } from './session-claims.ts'
import { typOf, type TokenKind, type TokenPayload } from './token-crypto.ts'

/** The tokens that others can verify, and what each says. */
export interface PublicClaims {
  session: SessionClaims
  resource: ResourceClaims
}

export interface VerifyOptions {
  /** What `GET /jwks.json` answered. */
  keys: { readonly keys: readonly unknown[] }
  /** The server whose tokens count: `pair.signingKeys.issuer()`. */
  issuer: string
  now: Millis
}

const CLAIMS: Readonly<{
  [K in keyof PublicClaims]: (
    payload: Readonly<Record<string, unknown>>,
    issuer: string,
  ) => PublicClaims[K] | null
}> = { session: parseSessionClaims, resource: parseResourceClaims }

/**
 * What a token of that kind says that this server signed and that has not run out, or `null`. Whether its session was revoked
 * nobody but the server knows. Where the claims have `cnf`, the token counts only beside a proof of that key, which is not looked at here.
 *
 * @example
 * ```ts
 * import { verifyByPublicKeys } from '@pair/core/token'
 * const keys = (await (await fetch('https://home.example/auth/jwks.json')).json()) as { keys: unknown[] }
 * const claims = await verifyByPublicKeys('resource', token, { keys, issuer: '9f86d081', now: Date.now() })
 * ```
 * @see RFC 7519 §7.2, RFC 8037 §3.1, RFC 8725 §3
 */
export async function verifyByPublicKeys<K extends keyof PublicClaims>(
  kind: K,
  text: string,
  { keys, issuer, now }: VerifyOptions,
): Promise<PublicClaims[K] | null> {
  const payload = await payloadByPublicKeys(kind, text, keys)
  const claims = payload && CLAIMS[kind](payload, issuer)
  return claims && isBegun(claims.iat * SECOND, now) && now < claims.exp * SECOND ? claims : null
}

/** What a token of that kind says that one of these keys signed, or `null`. Nothing of what it says was looked at. */
export async function payloadByPublicKeys(
  kind: TokenKind,
  text: string,
  { keys }: VerifyOptions['keys'],
): Promise<TokenPayload | null> {
  for (const jwk of keys.filter(isOfOurs)) {
    const header = toBase64Url(
      utf8(canonicalJson({ alg: 'EdDSA', kid: jwk.kid, typ: typOf(kind) })),
    )
    if (!text.startsWith(`${header}.`)) continue
    const { kty, crv, x, kid } = jwk
    return verifyWithPublic({ kty, crv, x, kid, alg: 'EdDSA', use: 'sig' }, header, text)
  }
  return null
}

/** A set may hold keys of other sorts, which are passed over (RFC 7517 §5). */
function isOfOurs(jwk: unknown): jwk is Pick<PublicJwk, 'kty' | 'crv' | 'x' | 'kid'> {
  if (typeof jwk !== 'object' || jwk === null) return false
  const { kty, crv, x, kid } = jwk as Partial<PublicJwk>
  return kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string' && typeof kid === 'string'
}
