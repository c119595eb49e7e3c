import { isPairError, PairError, type ErrorCode } from '../errors.ts'
import type { Authorized } from '../session/credential.ts'
import { SECOND } from '../time.ts'
import { problemResponse } from './problem.ts'
import { json, type Visit } from './route.ts'

/** The errors of OAuth endpoints: of RFC 6749 §5.2 (and §4.1.2.1 for what is over in a moment), RFC 8628 §3.5 and RFC 9449 §5, §8. */
export type OAuthWord =
  | 'access_denied'
  | 'authorization_pending'
  | 'expired_token'
  | 'invalid_client'
  | 'invalid_dpop_proof'
  | 'invalid_grant'
  | 'invalid_request'
  | 'invalid_scope'
  | 'server_error'
  | 'slow_down'
  | 'temporarily_unavailable'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'use_dpop_nonce'

/** As what our refusals are told there; those that are not here, by their status. */
const WORDS: Readonly<Partial<Record<ErrorCode, OAuthWord>>> = {
  admission_refused: 'unauthorized_client',
  admission_unknown: 'unauthorized_client',
  approval_rejected: 'access_denied',
  policy_refused: 'access_denied',
  approval_expired: 'expired_token',
  approval_collected: 'invalid_grant',
  code_invalid: 'invalid_grant',
  session_expired: 'invalid_grant',
  session_invalid: 'invalid_grant',
  session_revoked: 'invalid_grant',
  insufficient_scope: 'invalid_scope',
  proof_invalid: 'invalid_dpop_proof',
  proof_required: 'invalid_dpop_proof',
  use_dpop_nonce: 'use_dpop_nonce',
}

function wordOf({ code, status, members }: PairError): OAuthWord {
  if (members.error !== undefined) return members.error as OAuthWord
  const known = WORDS[code]
  if (known !== undefined) return known
  if (status === 429 || status === 503) return 'temporarily_unavailable'
  return status >= 500 ? 'server_error' : 'invalid_request'
}

/** A refusal that OAuth has a word for and we have not. `reason` is the operator's to know. */
export function refusal(error: OAuthWord, message: string, reason: string = message): PairError {
  return new PairError('invalid_request', { message, members: { error }, reason })
}

/** RFC 6749 §5.2: `error_description` is ASCII without quotes and backslashes. */
function toDescription(text: string): string {
  return text.replace(/[^ !#-[\]-~]/g, "'")
}

/** An error as an OAuth client reads it. */
export function oauthError(
  word: OAuthWord,
  description: string,
  headers: Readonly<Record<string, string>> = {},
  status = 400,
): Response {
  const body = { error: word, error_description: toDescription(description) }
  return json(body, { pragma: 'no-cache', ...headers }, status)
}

/** A refusal as an OAuth client reads it; the operator hears why. */
export function refuseClient({ parts, facts, tell }: Visit, error: unknown): Response {
  parts.refused(error, facts)
  const known = isPairError(error) ? error : new PairError('internal', { cause: error })
  if (known.limit) tell(known.limit)
  const { headers } = problemResponse(error, parts.logger)
  const kept: Record<string, string> = {}
  for (const name of ['retry-after', 'dpop-nonce']) {
    const value = headers.get(name)
    if (value !== null) kept[name] = value
  }
  const word = wordOf(known)
  // RFC 6749 §5.2: all are 400, but for a client that came with an Authorization.
  const isSent = word === 'invalid_client' && facts.request.headers.has('authorization')
  if (isSent) kept['www-authenticate'] = 'Basic realm="pair"'
  const isOfTime = known.status === 413 || known.status === 429 || known.status >= 500
  return oauthError(word, known.message, kept, isSent ? 401 : isOfTime ? known.status : 400)
}

/**
 * The credentials of a session as an OAuth client reads them. Where a key renews it, the refresh token only names the session:
 * whoever brings it proves that key.
 *
 * @see RFC 6749 §5.1, RFC 9449 §5
 */
export function oauthToken({ parts }: Visit, authorized: Authorized): Response {
  const { session, credential, refreshToken } = authorized
  const isBound = session.transport === 'dpop'
  const refresh = isBound ? session.id : refreshToken
  const body = {
    access_token: credential.token,
    token_type: isBound ? 'DPoP' : 'Bearer',
    expires_in: Math.max(1, Math.floor((credential.expiresAt - parts.clock()) / SECOND)),
    scope: session.scopes.join(' '),
    ...(refresh === null ? {} : { refresh_token: refresh }),
  }
  return json(body, { pragma: 'no-cache' })
}
