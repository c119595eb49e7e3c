import { isId, isThumbprint, type ApprovalId, type Thumbprint } from '../ids.ts'
import { isBegun, SECOND, type Millis } from '../time.ts'
import { isAudience, isOnce, isRelayId, isSeconds } from './mint-request.ts'

/** What an environment opened for one key. */
export type Way =
  | {
      status: 'authorized'
      /** The secret of a pairing link. Only the key that asked may redeem it, once. */
      code: string
      codeExpiresAt: Millis
      /** Whether a person decides when it is redeemed. */
      isDecided: boolean
    }
  | {
      status: 'pending'
      /** `matchCode` is what the person who decides sees too. */
      approval: { id: ApprovalId; matchCode: string; expiresAt: Millis }
      /** What the key that asked collects with. */
      claim: string
    }

/** What an environment says to a mint request, signed. Instants in milliseconds. */
export type MintAnswer = Way & {
  /** The environment's audience. */
  environment: string
  relayId: string
  /** RFC 7638 thumbprint of the one key that it is for. */
  thumbprint: Thumbprint
  jti: string
  nonce: string
  issuedAt: Millis
  /** Nobody believes it from then on. */
  expiresAt: Millis
}

const LINK = /^[A-Za-z0-9_-]{22}$/
const CLAIM = /^apr_[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/
const MATCH_CODE = /^\d{3} \d{3}$/
const LONGEST_S = 300

/** The claims of an answer (RFC 7519 §4.1), instants in seconds. */
export function toAnswerClaims(answer: MintAnswer): Record<string, unknown> {
  return {
    iss: answer.environment,
    aud: answer.relayId,
    sub: answer.thumbprint,
    jti: answer.jti,
    nonce: answer.nonce,
    iat: Math.floor(answer.issuedAt / SECOND),
    exp: Math.floor(answer.expiresAt / SECOND),
    status: answer.status,
    ...(answer.status === 'authorized'
      ? {
          code: answer.code,
          codeExpiresAt: Math.floor(answer.codeExpiresAt / SECOND),
          isDecided: answer.isDecided,
        }
      : {
          approval: {
            ...answer.approval,
            expiresAt: Math.floor(answer.approval.expiresAt / SECOND),
          },
          claim: answer.claim,
        }),
  }
}

/** The answer that these claims are, all there and of their types, or `null`. */
export function parseMintAnswer(payload: Readonly<Record<string, unknown>>): MintAnswer | null {
  const { iss, aud, sub, jti, nonce, iat, exp } = payload
  if (!isAudience(iss) || !isRelayId(aud) || !isThumbprint(sub)) return null
  if (!isOnce(jti) || !isOnce(nonce) || !isSeconds(iat) || !isSeconds(exp)) return null
  if (!(exp > iat && exp - iat <= LONGEST_S)) return null
  const way = parseWay(payload)
  return (
    way && {
      ...way,
      environment: iss,
      relayId: aud,
      thumbprint: sub,
      jti,
      nonce,
      issuedAt: iat * SECOND,
      expiresAt: exp * SECOND,
    }
  )
}

function parseWay(payload: Readonly<Record<string, unknown>>): Way | null {
  const { status, code, codeExpiresAt, isDecided, approval, claim } = payload
  if (status === 'authorized') {
    if (typeof code !== 'string' || !LINK.test(code) || typeof isDecided !== 'boolean') return null
    if (!isSeconds(codeExpiresAt) || approval !== undefined || claim !== undefined) return null
    return { status, code, codeExpiresAt: codeExpiresAt * SECOND, isDecided }
  }
  if (status !== 'pending' || code !== undefined) return null
  if (typeof approval !== 'object' || approval === null) return null
  const { id, matchCode, expiresAt } = approval as Record<string, unknown>
  if (typeof id !== 'string' || !isId('apr', id) || !isSeconds(expiresAt)) return null
  if (typeof matchCode !== 'string' || !MATCH_CODE.test(matchCode)) return null
  if (typeof claim !== 'string' || !CLAIM.test(claim) || !claim.startsWith(`${id}.`)) return null
  return { status, approval: { id, matchCode, expiresAt: expiresAt * SECOND }, claim }
}

/** What an answer has to be of. */
export interface Expected {
  /** The environment's audience: whose answer it is. */
  environment: string
  relayId: string
  /** That of the wish. */
  nonce: string
  /** The request's `jti`, where the relay asks. */
  jti?: string
  /** The key that is to be let in: a client says its own. */
  thumbprint?: Thumbprint
  now: Millis
}

/** Is it the answer to that request, and not too late? */
export function isAnswerTo(answer: MintAnswer, expected: Expected): boolean {
  const { environment, relayId, nonce, jti, thumbprint, now } = expected
  return (
    answer.environment === environment &&
    answer.relayId === relayId &&
    answer.nonce === nonce &&
    (jti === undefined || answer.jti === jti) &&
    (thumbprint === undefined || answer.thumbprint === thumbprint) &&
    isBegun(answer.issuedAt, now) &&
    now < answer.expiresAt
  )
}
