import { toBase64Url } from '../encoding/base64url.ts'
import { equalBytes, hmacSha256, utf8 } from '../encoding/bytes.ts'
import type { SessionId } from '../ids.ts'
import type { RefreshToken } from './refresh-token.ts'

/**
 * The refresh token of that generation. It is made of what it names and of a key, so that nothing of it is stored, and the
 * same one can be handed out again.
 */
export function makeRefreshToken(
  key: Uint8Array,
  sessionId: SessionId,
  generation: number,
): string {
  const name = `${sessionId}.${generation}`
  return `${name}.${toBase64Url(hmacSha256(key, utf8(name)))}`
}

/** Did that key make this token? */
export function isGenuineRefresh(
  key: Uint8Array,
  { sessionId, generation, secret }: RefreshToken,
): boolean {
  const own = makeRefreshToken(key, sessionId, generation)
  return equalBytes(utf8(own), utf8(`${sessionId}.${generation}.${secret}`))
}
