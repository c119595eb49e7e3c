import { toBase64Url } from '../encoding/base64url.ts'
import { hmacSha256 } from '../encoding/bytes.ts'
import { canonicalJson } from '../encoding/canonical-json.ts'
import type { Seal } from './seal.ts'

/** What a seal keeps of the text of an item: without the key nobody finds out what it was by trying. */
export function itemDigest(key: Uint8Array, text: string): string {
  return toBase64Url(hmacSha256(key, `item:${text}`))
}

/** The digest of all that a seal says, with that of the seal before. @see https://www.rfc-editor.org/rfc/rfc8785 */
export function sealDigest(key: Uint8Array, seal: Omit<Seal, 'digest'>): string {
  const { number, previous, previousAt, at, from, to, gap, items } = seal
  const said = canonicalJson({
    number,
    previous,
    previousAt,
    at,
    from,
    to,
    gap,
    items: items.map(({ id, at, digest }) => ({ id, at, digest })),
  })
  return toBase64Url(hmacSha256(key, `seal:${said}`))
}
