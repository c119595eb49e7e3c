import type { ProblemWire } from '@pair/core'

/** The problems that the client finds by itself; all other codes are the server's. */
export type ClientCode =
  | 'offline'
  | 'bad_answer'
  | 'redirected'
  | 'session_expired'
  | 'session_revoked'
  | 'key_lost'
  | 'key_refused'
  | 'cookie_refused'
  | 'insecure_context'
  | 'code_missing'
  | 'code_malformed'
  | 'foreign_origin'
  | 'socket_failed'
  | 'config_invalid'

/** The sentence for people, and the mend. */
const TABLE: Record<ClientCode, readonly [message: string, hint: string]> = {
  offline: ['The server can not be reached.', 'Check the connection and try again.'],
  bad_answer: ['The answer did not come from the pairing server.', 'Check the address.'],
  redirected: [
    'The server sent this request to another address.',
    'Use that address as `baseUrl`.',
  ],
  session_expired: ['This pairing has run out.', 'Pair again with a fresh code.'],
  session_revoked: ['This device was signed out.', 'Pair again with a fresh code.'],
  key_lost: ['The key of this device is gone.', 'Pair again with a fresh code.'],
  key_refused: [
    'No key for this device can be kept here.',
    'Allow site data for this page, or leave the private window.',
  ],
  cookie_refused: [
    'This browser did not keep the sign-in.',
    'Allow cookies for this page, or use the transport `dpop`.',
  ],
  insecure_context: [
    'This connection is not secure: nothing can be signed here.',
    'Open it over https, or on localhost.',
  ],
  code_missing: ['There is no pairing code.', 'Open a pairing link, or type a code.'],
  code_malformed: ['That is not a pairing code.', 'Copy the whole link, or type the code anew.'],
  foreign_origin: ['That address belongs to another server.', 'Requests go to `baseUrl` only.'],
  socket_failed: ['The live connection could not be opened.', 'Try again in a moment.'],
  config_invalid: ['The address of the server is not usable.', 'Give `baseUrl` as https://host.'],
}

export interface ClientErrorFacts {
  message?: string | undefined
  hint?: string | undefined
  status?: number
  retryAfter?: number | undefined
  scopes?: readonly string[] | undefined
  cause?: unknown
}

const PASSING: readonly string[] = ['offline', 'socket_failed'] satisfies ClientCode[]

/** Every failure of the client: a sentence that may be shown, and a stable code. */
export class PairClientError extends Error {
  override readonly name = 'PairClientError'
  /** A code of the server, or one of the client's own, such as `offline` and `key_lost`. */
  declare readonly code: string
  /** The HTTP status; 0 where there was no answer. */
  declare readonly status: number
  /** The line that mends it. */
  declare readonly hint: string
  /** Seconds to wait before another try. */
  declare readonly retryAfter: number | undefined
  /** Beside `insufficient_scope`: what was needed. */
  declare readonly scopes: readonly string[] | undefined
  /** Whether the same request may succeed later without anyone mending anything. */
  declare readonly transient: boolean

  constructor(code: string, facts: ClientErrorFacts = {}) {
    const [message, hint] = Object.hasOwn(TABLE, code)
      ? TABLE[code as ClientCode]
      : TABLE.bad_answer
    super(facts.message ?? message, facts)
    this.code = code
    this.status = facts.status ?? 0
    this.hint = facts.hint ?? hint
    this.retryAfter = facts.retryAfter
    this.scopes = facts.scopes
    this.transient =
      PASSING.includes(code) || this.status >= 500 || this.status === 429 || this.status === 408
  }
}

/** Is this one of the client's? Holds across copies of the package. */
export function isPairClientError(error: unknown): error is PairClientError {
  return error instanceof Error && error.name === 'PairClientError' && 'code' in error
}

/** What was thrown, as the client's error: all that is not one already is a failed connection. */
export function toClientError(error: unknown): PairClientError {
  return isPairClientError(error) ? error : new PairClientError('offline', { cause: error })
}

/** The problem that a refusal holds; `undefined` where something else wrote it. Reads the body. */
export async function readProblem(response: Response): Promise<ProblemWire | undefined> {
  const problem = parse(await response.text().catch(() => '')) as ProblemWire | undefined
  return typeof problem?.code === 'string' && typeof problem.detail === 'string'
    ? problem
    : undefined
}

/** A refusal as an error, also where its body is empty, HTML or JSON of something else. Reads the body. */
export async function toRefusal(response: Response): Promise<PairClientError> {
  const { status } = response
  const problem = await readProblem(response)
  // a proxy whose server is away answers these with a page of its own
  if (!problem)
    return new PairClientError(status >= 502 && status <= 504 ? 'offline' : 'bad_answer', {
      status,
    })
  const { code, detail, hint, scopes } = problem
  const wait = Number(problem.retryAfter ?? response.headers.get('retry-after') ?? undefined)
  return new PairClientError(code, {
    message: detail,
    hint: typeof hint === 'string' ? hint : '',
    status,
    retryAfter: Number.isFinite(wait) ? wait : undefined,
    scopes: Array.isArray(scopes) ? scopes : undefined,
  })
}

/** The object that a good answer holds, with this member at least. @throws PairClientError `bad_answer`, `offline` */
export async function readObject<T>(response: Response, member: keyof T): Promise<T> {
  const text = await response.text().catch((error: unknown) => {
    throw toClientError(error)
  })
  const body = parse(text) as T | undefined
  if (typeof body === 'object' && body?.[member] !== undefined) return body
  throw new PairClientError('bad_answer', { status: response.status })
}

/** What a text holds as JSON; `undefined` where it is none, or an empty one. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined
  } catch {
    return undefined
  }
}
