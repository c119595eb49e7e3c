import { fromBase64Url } from '../encoding/base64url.ts'
import { sha256Base64Url } from '../encoding/bytes.ts'
import type { CodeId } from '../ids.ts'

/**
 * The id of the code that this seed makes: the same whoever asks and when, so that a seed makes one code. `null`: it is no seed,
 * which is 32 random bytes as base64url. By their 256 bits a hash without a key gives nothing of it away.
 */
export function seededId(seed: unknown): CodeId | null {
  const bytes = typeof seed === 'string' ? fromBase64Url(seed) : null
  // As of a master secret: what repeats a few bytes was never drawn.
  if (bytes?.length !== 32 || new Set(bytes).size < 8) return null
  return `cod_${sha256Base64Url(`seeded-code:${String(seed)}`).slice(0, 22)}`
}
