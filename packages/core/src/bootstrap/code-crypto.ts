import { toBase64Url } from '../encoding/base64url.ts'
import { hmacSha256, utf8 } from '../encoding/bytes.ts'
import type { ParsedCode } from './typed-code.ts'

/** What was handed in and may be a code. */
export type HandedCode = Exclude<ParsedCode, { form: 'none' }>

/**
 * The name under which a code is looked up: an HMAC under a key that is not in the database, so that a copy of the
 * database alone does not give a typed code away.
 */
export function codeLookup(pepper: Uint8Array, code: HandedCode): string {
  return toBase64Url(hmacSha256(pepper, utf8(`${code.form}:${code.secret}`)))
}

/** The same for support codes, which no pairing code is found by, nor they by one. */
export function supportLookup(pepper: Uint8Array, { form, secret }: HandedCode): string {
  return toBase64Url(hmacSha256(pepper, utf8(`support:${form}:${secret}`)))
}

/** The same under each key that counts. */
export function codeLookups(peppers: readonly Uint8Array[], code: HandedCode): string[] {
  return peppers.map((pepper) => codeLookup(pepper, code))
}
