import { utf8 } from '../encoding/bytes.ts'
import { parseStrictJson } from '../encoding/strict-json.ts'
import { isPairError, PairError } from '../errors.ts'
import type { RequestInfo } from '../pair.ts'

export const LIMIT: number = 16 * 1024
const DEPTH = 8

/**
 * The JSON object that a request carries; `{}` where it has no body.
 *
 * @throws PairError `unsupported_media_type`, `body_too_large`, `invalid_request`
 */
export async function readBody(request: Request, info: RequestInfo | undefined): Promise<unknown> {
  const type = request.headers.get('content-type')
  if (info?.parsedBody !== undefined) {
    // Some parsers make an empty object of no body at all.
    if (!isEmptyObject(info.parsedBody)) requireJson(type)
    return requireObject(recheck(info.parsedBody))
  }
  const text = await readText(request, () => requireJson(type))
  return text === '' ? {} : requireObject(parseText(text))
}

/**
 * The text that a request carries; empty where it has no body. `checkType` is asked where it has one.
 *
 * @throws PairError `body_too_large`, `invalid_request`
 */
export async function readText(request: Request, checkType: () => void): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > LIMIT)
    throw new PairError('body_too_large')
  const bytes = await readBytes(request)
  // Somebody took it, or a part of it: what is left may ask for more than was meant.
  const told = request.headers.get('content-length') ?? ''
  const isCoded = request.headers.has('content-encoding')
  if (/^\d+$/.test(told) && !isCoded && Number(told) !== bytes.length)
    throw malformed('The body is not whole.')
  if (bytes.length === 0) return ''
  checkType()
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw malformed('The body is not UTF-8.')
  }
}

function requireJson(type: string | null): void {
  if (!/^application\/json[ \t]*(?:;|$)/i.test(type ?? ''))
    throw new PairError('unsupported_media_type')
}

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).length === 0
  )
}

function parseText(text: string): unknown {
  const parsed = parseStrictJson(text, { maxDepth: DEPTH })
  if (parsed.ok) return parsed.value
  switch (parsed.fault) {
    case 'syntax':
      throw malformed('The body is not JSON.')
    case 'duplicate_key':
      throw malformed('A member of the body is there twice.')
    case 'too_deep':
      throw malformed(`The body is nested deeper than ${DEPTH} levels.`)
    case 'forbidden_key':
      throw malformed('A member of the body has a name that is not accepted.')
    case 'bad_text':
      throw malformed('A text in the body holds NUL or half a character.')
  }
}

/** What a body parser read before us is held to the same rules, as far as they can still be seen. */
function recheck(value: unknown): unknown {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    throw malformed('The body is not JSON.')
  }
  if (text === undefined) return {}
  if (text.length > LIMIT || utf8(text).length > LIMIT) throw new PairError('body_too_large')
  return parseText(text)
}

function requireObject(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('The body is not a JSON object.')
  return value
}

async function readBytes(request: Request): Promise<Uint8Array> {
  if (!request.body) return new Uint8Array()
  if (request.bodyUsed || request.body.locked) {
    throw new PairError('internal', {
      reason: 'the body was read before us and not handed on: pass it as `parsedBody`',
    })
  }
  const reader = request.body.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw isPairError(error) ? error : malformed('The body broke off.')
    })
    if (done) break
    length += value.length
    if (length > LIMIT) {
      await reader.cancel().catch(() => {})
      throw new PairError('body_too_large')
    }
    chunks.push(value)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function malformed(message: string): PairError {
  return new PairError('invalid_request', { message })
}
