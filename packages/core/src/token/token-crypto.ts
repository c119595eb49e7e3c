import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { toBase64Url } from '../encoding/base64url.ts'
import { equalText, sha256Base64Url, utf8 } from '../encoding/bytes.ts'
import { canonicalJson } from '../encoding/canonical-json.ts'
import { parseOwnSegment, TOKEN_LIMIT } from './token-text.ts'

/** The kinds of token, each with a key of its own, so that none passes for another. */
export type TokenKind = 'session' | 'resource' | 'approval' | 'relay'

/** What a token's header calls its kind (RFC 8725 §3.11). */
export function typOf(kind: TokenKind): string {
  return `pair-${kind}+jwt`
}

export type TokenPayload = Readonly<Record<string, unknown>>

/** A key that signs with HS256, and the one header that its tokens have. */
export interface TokenKey {
  key: Uint8Array
  /** RFC 7515 §4.1.4 */
  kid: string
  headerSegment: string
  /** The signature of that text, as its segment. */
  mac(signed: string): string
}

export function tokenKey(kind: TokenKind, key: Uint8Array): TokenKey {
  const kid = sha256Base64Url(key).slice(0, 8)
  const header = { alg: 'HS256', kid, typ: typOf(kind) }
  // What comes before the message in an HMAC is the same for all of them: it is hashed once.
  const keyed = hmac.create(sha256, key)
  const [scratch, digest] = [keyed.clone(), new Uint8Array(keyed.outputLen)]
  return {
    key,
    kid,
    headerSegment: toBase64Url(utf8(canonicalJson(header))),
    mac(signed) {
      keyed._cloneInto(scratch).update(utf8(signed)).digestInto(digest)
      return toBase64Url(digest)
    },
  }
}

/** A signed token (RFC 7515, HS256) of those claims. */
export function signToken(key: TokenKey, claims: object): string {
  const signed = `${key.headerSegment}.${toBase64Url(utf8(JSON.stringify(claims)))}`
  return `${signed}.${key.mac(signed)}`
}

/**
 * The payload of a token that this key signed, or `null`. The header has to be the key's own to the letter: there is no
 * `alg` to choose, no `none`, no `crit`. So has the signature: it has one spelling.
 */
export function verifyToken(key: TokenKey, text: string): TokenPayload | null {
  const { length } = key.headerSegment
  if (text.length > TOKEN_LIMIT || !text.startsWith(key.headerSegment) || text[length] !== '.')
    return null
  const end = text.lastIndexOf('.')
  if (!equalText(key.mac(text.slice(0, end)), text.slice(end + 1))) return null
  return parseOwnSegment(text.slice(length + 1, end))
}
