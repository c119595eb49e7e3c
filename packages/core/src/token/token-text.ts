import { fromBase64Url } from '../encoding/base64url.ts'
import { fromUtf8 } from '../encoding/bytes.ts'
import { parseStrictJson, parseWrittenJson } from '../encoding/strict-json.ts'

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
  const header = parseSegment(head)
  const payload = parseSegment(body)
  if (!signature || !header || !payload) return null
  return {
    header,
    payload,
    signature,
    signed: text.slice(0, head.length + 1 + body.length),
    headerSegment: head,
  }
}

function parseSegment(segment: string): Readonly<Record<string, unknown>> | null {
  const text = textOf(segment)
  const parsed = text === null ? null : parseStrictJson(text, { maxDepth: 4 })
  return parsed?.ok ? asObject(parsed.value) : null
}

/** The object that a segment of a token spells which we signed ourselves, or `null`: it is written as we write. */
export function parseOwnSegment(segment: string): Readonly<Record<string, unknown>> | null {
  const text = textOf(segment)
  return text === null ? null : asObject(parseWrittenJson(text))
}

function textOf(segment: string): string | null {
  const bytes = fromBase64Url(segment)
  return bytes && fromUtf8(bytes)
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}
