import { toBase64Url } from '../encoding/base64url.ts'
import { sha256Base64Url } from '../encoding/bytes.ts'
import type { RandomSource } from '../ports/runtime.ts'

/** 256 random bits as text, and what is stored of them. */
export interface Secret {
  text: string
  hash: string
}

const SECRET = /^[A-Za-z0-9_-]{43}$/

export function drawSecret(random: RandomSource): Secret {
  const text = toBase64Url(random(32))
  return { text, hash: sha256Base64Url(text) }
}

/** What is stored of such a secret; `null` where this is none. */
export function hashSecret(text: string): string | null {
  return SECRET.test(text) ? sha256Base64Url(text) : null
}

/** A secret that names what it is for: `<id>.<secret>`. */
export function drawNamedSecret(id: string, random: RandomSource): Secret {
  const { text, hash } = drawSecret(random)
  return { text: `${id}.${text}`, hash }
}

export function parseNamedSecret(text: string): { id: string; hash: string } | null {
  const [id = '', secret = '', ...rest] = text.split('.', 3)
  const hash = hashSecret(secret)
  return rest.length > 0 || hash === null ? null : { id, hash }
}
