import { isPairError, PairError } from '../errors.ts'
import type { Logger } from '../ports/runtime.ts'
import { ALGORITHMS } from '../proof/proof-key.ts'

/** Every answer of ours: nothing is cached, sniffed or told to the next page. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** How long to leave a store alone that failed. */
const RETRY_AFTER_SECONDS = 1

/** A refusal or fault as RFC 9457 problem details. What is not ours is told as `internal` and logged. */
export function problemResponse(
  error: unknown,
  logger: Logger,
  headers: Readonly<Record<string, string>> = {},
): Response {
  // What is wrong with the configuration is the operator's to know.
  const known =
    isPairError(error) && error.code !== 'config_invalid'
      ? error
      : new PairError('internal', { cause: error })
  // A clock that is off is told once a minute by who compares it.
  if (known.status >= 500 && known.code !== 'clock_skew')
    logger.error(known.message, {
      code: known.code,
      reason: known.reason,
      cause: nameOf(known.cause),
    })
  const { code, status, message, hint, members } = known
  const wait = status === 503 ? RETRY_AFTER_SECONDS : members.retryAfter
  const body = {
    type: `urn:pair:problem:${code}`,
    title: TITLES[status] ?? 'Error',
    status,
    detail: message,
    code,
    hint,
    docs: `docs/errors.md#${code}`,
    ...(wait === undefined ? {} : { retryAfter: wait }),
    ...members,
  }
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      ...SECURITY_HEADERS,
      'content-type': 'application/problem+json',
      ...challenge(known),
      ...(wait === undefined ? {} : { 'retry-after': String(wait) }),
      ...headers,
    },
  })
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

const ALGS = Object.values(ALGORITHMS).flat().join(' ')

/** RFC 9110 §11.6.1: a 401 says how to authenticate; RFC 6750 §3.1, RFC 9449 §7.1 and §9 name the error. */
function challenge({ status, code, members }: PairError): Record<string, string> {
  if (status === 401) {
    const isStale = code === 'use_dpop_nonce'
    const error = isStale ? code : code.startsWith('proof_') ? 'invalid_dpop_proof' : null
    return {
      'www-authenticate': `DPoP${error === null ? '' : ` error="${error}",`} algs="${ALGS}"`,
      ...(isStale ? { 'dpop-nonce': String(members.nonce) } : {}),
    }
  }
  if (code !== 'insufficient_scope' || !Array.isArray(members.scopes)) return {}
  return {
    'www-authenticate': `DPoP error="insufficient_scope", scope="${members.scopes.join(' ')}"`,
  }
}

/** The cause of a fault for the log: what kind of error, and its message. */
function nameOf(cause: unknown): string | undefined {
  if (cause === undefined) return undefined
  if (!(cause instanceof Error)) return typeof cause
  // what is wrong with the configuration comes with its mend
  return `${cause.name}: ${cause.message}${isPairError(cause) ? ` ${cause.hint}` : ''}`
}
