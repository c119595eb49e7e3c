import { ERROR_TABLE, type ErrorCode } from './error-table.ts'

export type { ErrorCode } from './error-table.ts'

/** Where somebody stands in a limit: what `RateLimit` headers tell. */
export interface LimitStanding {
  name: string
  /** How many there may be in each window. */
  max: number
  /** Milliseconds. */
  windowMs: number
  /** How many more there may be until it starts anew. */
  remaining: number
  /** When it does, as an instant in milliseconds. */
  resetAt: number
}

export interface ErrorDetail {
  /** A safe sentence for this occurrence; the default is the code's own. */
  message?: string
  /** The line that mends it; the default is the code's own. */
  hint?: string
  /** Extra members of the problem body. Never secrets. */
  members?: Readonly<Record<string, string | number | boolean | readonly string[] | null>>
  /** For the operator alone: why, precisely. Never on the wire. */
  reason?: string
  /** Where the limit stands that refused, for `RateLimit` headers. */
  limit?: LimitStanding
  /** For stores: `true` where it is certain that nothing was done, nor will be. */
  undone?: boolean
  cause?: unknown
}

/** Thrown for every refusal and fault that a caller meets. The message is safe to show. */
export class PairError extends Error {
  override readonly name = 'PairError'
  readonly code: ErrorCode
  /** The HTTP status that this answers with. */
  readonly status: number
  readonly hint: string
  readonly members: Readonly<Record<string, string | number | boolean | readonly string[] | null>>
  /** For logs: the precise reason. */
  readonly reason: string | undefined
  /** Where the limit stands that refused. */
  readonly limit: LimitStanding | undefined
  /** A store is certain that nothing was done: its commit was refused, and its outcome is not unknown. */
  readonly undone: boolean | undefined

  constructor(code: ErrorCode, detail: ErrorDetail = {}) {
    const [status, message, hint] = ERROR_TABLE[code]
    super(
      detail.message ?? message,
      detail.cause === undefined ? undefined : { cause: detail.cause },
    )
    this.code = code
    this.status = status
    this.hint = detail.hint ?? hint
    this.members = detail.members ?? {}
    this.reason = detail.reason
    this.limit = detail.limit
    this.undone = detail.undone
  }
}

/** Is this one of ours? Holds across copies of the package. */
export function isPairError(error: unknown): error is PairError {
  return (
    error instanceof Error &&
    error.name === 'PairError' &&
    'code' in error &&
    Object.hasOwn(ERROR_TABLE, String(error.code))
  )
}

/** Every error code, for tables and documentation. */
export const errorCodes: readonly ErrorCode[] = Object.keys(ERROR_TABLE) as ErrorCode[]

/** Nothing is told or decided without the time. @throws PairError `store_unavailable` */
export function requireTime(now: number): void {
  if (!(now >= 0 && now <= 8.64e15))
    throw new PairError('store_unavailable', { reason: 'the clock does not tell the time' })
}
