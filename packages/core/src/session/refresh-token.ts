import { toBase64Url } from '../encoding/base64url.ts'
import { sha256Base64Url } from '../encoding/bytes.ts'
import { isId, type SessionId } from '../ids.ts'
import type { RandomSource } from '../ports/runtime.ts'

/** A single-use refresh token: it names its session and carries a secret that is stored hashed. */
export interface RefreshToken {
  text: string
  hash: string
}

const SECRET = /^[A-Za-z0-9_-]{43}$/

export function drawRefreshToken(sessionId: SessionId, random: RandomSource): RefreshToken {
  const secret = toBase64Url(random(32))
  return { text: `${sessionId}.${secret}`, hash: sha256Base64Url(secret) }
}

export function parseRefreshToken(text: string): { sessionId: SessionId; hash: string } | null {
  const [sessionId = '', secret = '', ...rest] = text.split('.', 3)
  if (rest.length > 0 || !isId('ses', sessionId) || !SECRET.test(secret)) return null
  return { sessionId, hash: sha256Base64Url(secret) }
}
