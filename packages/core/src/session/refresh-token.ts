import { isId, type SessionId } from '../ids.ts'
import type { RandomSource } from '../ports/runtime.ts'
import { drawNamedSecret, parseNamedSecret, type Secret } from '../token/secret.ts'

/** A single-use refresh token: it names its session and carries a secret that is stored hashed. */
export function drawRefreshToken(sessionId: SessionId, random: RandomSource): Secret {
  return drawNamedSecret(sessionId, random)
}

export function parseRefreshToken(text: string): { sessionId: SessionId; hash: string } | null {
  const parsed = parseNamedSecret(text)
  return parsed && isId('ses', parsed.id) ? { sessionId: parsed.id, hash: parsed.hash } : null
}
