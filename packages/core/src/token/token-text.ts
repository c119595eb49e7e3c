import { fromBase64Url } from '../encoding/base64url.ts'
import { parseStrictJson } from '../encoding/strict-json.ts'

/** The longest token text that is looked at. */
export const TOKEN_LIMIT = 4_096

export interface TokenText {
  header: Readonly<Record<string, unknown>>
  payload: Readonly<Record<string, unknown>>
  signature: Uint8Array
  /** What the signature covers, and the header segment in it. */
  signed: string
  headerSegment: string
}

/**
 * A JWS in compact form (RFC 7515 §7.1), or `null`: exactly three non-empty canonical base64url segments, header and
 * payload each one JSON object without a duplicate key, 4 KiB at most. Says nothing of whether the signature holds.
 */
export function parseTokenText(text: string): TokenText | null {
  if (text.length > TOKEN_LIMIT) return null
  const segments = text.split('.', 4)
  const [head, body, tail] = segments
  if (segments.length !== 3 || !head || !body || !tail) return null
  const signature = fromBase64Url(tail)
  const header = jsonObject(head)
  const payload = jsonObject(body)
  if (!signature || !header || !payload) return null
  return {
    header,
    payload,
    signature,
    signed: text.slice(0, head.length + 1 + body.length),
    headerSegment: head,
  }
}

function jsonObject(segment: string): Readonly<Record<string, unknown>> | null {
  const bytes = fromBase64Url(segment)
  if (!bytes) return null
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
  const parsed = parseStrictJson(text, { maxDepth: 4 })
  if (
    !parsed.ok ||
    typeof parsed.value !== 'object' ||
    parsed.value === null ||
    Array.isArray(parsed.value)
  )
    return null
  return parsed.value as Record<string, unknown>
}
