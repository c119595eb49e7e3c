import { compactVerify, CompactSign, exportJWK, importPKCS8, type CryptoKey } from 'jose'
import { fromBase64Url, toBase64Url } from '../encoding/base64url.ts'
import { sha256Base64Url, utf8 } from '../encoding/bytes.ts'
import { canonicalJson } from '../encoding/canonical-json.ts'
import { parseOwnSegment, TOKEN_LIMIT } from './token-text.ts'
import { typOf, type TokenKind, type TokenPayload } from './token-crypto.ts'

/** A public key as others find it in our key set (RFC 7517, RFC 8037). */
export interface PublicJwk {
  kty: 'OKP'
  crv: 'Ed25519'
  x: string
  kid: string
  alg: 'EdDSA'
  use: 'sig'
}

/** A key that signs with EdDSA over Ed25519, and the one header that its tokens have. */
export interface PairKey {
  privateKey: CryptoKey
  publicJwk: PublicJwk
  header: { alg: 'EdDSA'; kid: string; typ: string }
  headerSegment: string
}

/** How an Ed25519 seed becomes PKCS #8 (RFC 8410 §7). */
const PKCS8_HEAD = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32)

/** The key of that seed of 32 bytes. */
export async function pairKey(kind: TokenKind, seed: Uint8Array): Promise<PairKey> {
  const der = btoa(String.fromCharCode(...PKCS8_HEAD, ...seed))
  const pem = `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----`
  const { x = '' } = await exportJWK(await importPKCS8(pem, 'EdDSA', { extractable: true }))
  // RFC 7638 and RFC 8037 §2: what names the key is all that makes it.
  const kid = sha256Base64Url(canonicalJson({ crv: 'Ed25519', kty: 'OKP', x }))
  const header = { alg: 'EdDSA', kid, typ: typOf(kind) } as const
  return {
    privateKey: await importPKCS8(pem, 'EdDSA'),
    publicJwk: { kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' },
    header,
    headerSegment: toBase64Url(utf8(canonicalJson(header))),
  }
}

/** A signed token (RFC 8037 §3.1) of those claims. */
export async function signWithPair(
  { privateKey, header }: PairKey,
  claims: object,
): Promise<string> {
  return new CompactSign(utf8(JSON.stringify(claims))).setProtectedHeader(header).sign(privateKey)
}

/** The payload of a token of exactly that header whose signature holds, or `null`. */
export async function verifyWithPublic(
  publicJwk: PublicJwk,
  headerSegment: string,
  text: string,
): Promise<TokenPayload | null> {
  const { length } = headerSegment
  if (text.length > TOKEN_LIMIT || !text.startsWith(headerSegment) || text[length] !== '.')
    return null
  const end = text.lastIndexOf('.')
  // jose takes other spellings of the same bytes.
  if (fromBase64Url(text.slice(end + 1))?.length !== 64) return null
  try {
    await compactVerify(text, publicJwk, { algorithms: ['EdDSA'] })
  } catch {
    return null
  }
  return parseOwnSegment(text.slice(length + 1, end))
}
