import { toBase64Url } from '../encoding/base64url.ts'
import { deriveKey, equalBytes, hmacSha256, sha256Base64Url, utf8 } from '../encoding/bytes.ts'
import { canonicalJson } from '../encoding/canonical-json.ts'
import { parseTokenText } from './token-text.ts'

/** The kinds of token, each with a key of its own, so that none passes for another. */
export type TokenKind = 'pair-session+jwt' | 'pair-approval+jwt'

export interface TokenKey {
  kind: TokenKind
  key: Uint8Array
  /** The one header that tokens of this key have, as its segment. */
  headerSegment: string
}

/** What an instance derives from its master secret by HKDF (RFC 5869), one key a purpose. */
export interface Keys {
  session: TokenKey
  /** Says of a request that it waits; no credential. */
  approval: TokenKey
  /** Keys the digests under which codes are looked up. */
  codePepper: Uint8Array
  /** Eight characters that tell this server from others on the host. */
  instance: string
}

export function deriveKeys(master: Uint8Array, namespace: string): Keys {
  const derive = (purpose: string): Uint8Array => deriveKey(master, `${namespace}/${purpose}`)
  return {
    session: tokenKey('pair-session+jwt', derive('token/session')),
    approval: tokenKey('pair-approval+jwt', derive('token/approval')),
    codePepper: derive('code-lookup'),
    // Lower case without punctuation: cookie names are compared by case in some places and not in others.
    instance: Array.from(derive('instance').subarray(0, 4))
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(''),
  }
}

function tokenKey(kind: TokenKind, key: Uint8Array): TokenKey {
  const header = { alg: 'HS256', kid: sha256Base64Url(key).slice(0, 8), typ: kind }
  return { kind, key, headerSegment: toBase64Url(utf8(canonicalJson(header))) }
}

/** A signed token (RFC 7515, HS256) of those claims. */
export function signToken(key: TokenKey, claims: object): string {
  const signed = `${key.headerSegment}.${toBase64Url(utf8(JSON.stringify(claims)))}`
  return `${signed}.${toBase64Url(hmacSha256(key.key, utf8(signed)))}`
}

/**
 * The payload of a token that this key signed, or `null`. The header has to be the key's own to the letter: there is no
 * `alg` to choose, no `none`, no `crit`.
 */
export function verifyToken(key: TokenKey, text: string): Readonly<Record<string, unknown>> | null {
  const parsed = parseTokenText(text)
  if (!parsed || parsed.headerSegment !== key.headerSegment) return null
  return equalBytes(hmacSha256(key.key, utf8(parsed.signed)), parsed.signature)
    ? parsed.payload
    : null
}
