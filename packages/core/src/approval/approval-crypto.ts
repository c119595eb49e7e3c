import { sha256Base64Url } from '../encoding/bytes.ts'
import { canonicalJson } from '../encoding/canonical-json.ts'
import { isId, isThumbprint, type ApprovalId, type Thumbprint } from '../ids.ts'
import { isBegun, SECOND, toRfc3339, type Millis } from '../time.ts'
import type { Keys } from '../token/keys-crypto.ts'
import type { PendingAnswer } from './approval-view.ts'
import { entryOfWish, wishOf, type ApprovalTerms, type Approved, type Pending } from './approval.ts'
import type { Drawn } from './opening.ts'

/**
 * What a decision names: the SHA-256 of all that was shown. Reckoned from the record each time, so that whatever changes
 * in it changes this too.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export function digestOf(keys: Pick<Keys, 'instance'>, approval: ApprovalTerms): string {
  const { id, nonce, matchCode } = approval
  const { thumbprint, codeId, ...wish } = wishOf(approval)
  return sha256Base64Url(
    canonicalJson({
      server: keys.instance,
      approval: id,
      nonce,
      matchCode,
      key: thumbprint,
      code: codeId,
      admission: entryOfWish(approval),
      ...wish,
    }),
  )
}

/** What a server says of a request that waits, in a form that others can hold it to. It lets nobody in. */
export interface PendingProof {
  approvalId: ApprovalId
  /** `approved`: it only has to be collected. */
  state: 'pending' | 'approved'
  /** RFC 3339. */
  requestedAt: string
  thumbprint: Thumbprint | null
  /** As the requester gave it. */
  nonce: string | null
  expiresAt: Millis
}

/** When a request is over that nobody decides or collects. */
function endOfWaiting(approval: Pending | Approved): Millis {
  return approval.state === 'pending' ? approval.expiresAt : approval.collectBy
}

export interface ProofFacts {
  nonce: string | null
  jti: string
  now: Millis
}

export async function signPendingProof(
  keys: Keys,
  approval: Pending | Approved,
  { nonce, jti, now }: ProofFacts,
): Promise<string> {
  return keys.sign('approval', {
    iss: keys.instance,
    aud: keys.instance,
    sub: approval.id,
    state: approval.state,
    requestedAt: toRfc3339(approval.requestedAt),
    iat: Math.floor(now / SECOND),
    exp: Math.ceil(endOfWaiting(approval) / SECOND),
    jti,
    ...(nonce === null ? {} : { nonce }),
    ...(approval.thumbprint === null ? {} : { cnf: { jkt: approval.thumbprint } }),
  })
}

/** What such a text says, or `null` where this server did not sign it or it has run out. */
export async function readPendingProof(
  keys: Keys,
  text: string,
  now: Millis,
): Promise<PendingProof | null> {
  const claims = await keys.verify('approval', text)
  if (claims === null) return null
  const { iss, aud, sub, state, requestedAt, iat, exp, nonce = null, cnf } = claims
  if (iss !== keys.instance || aud !== keys.instance) return null
  if (state !== 'pending' && state !== 'approved') return null
  if (typeof sub !== 'string' || !isId('apr', sub) || typeof requestedAt !== 'string') return null
  if (typeof exp !== 'number' || !(now < exp * SECOND)) return null
  if (typeof iat !== 'number' || !isBegun(iat * SECOND, now)) return null
  if (nonce !== null && typeof nonce !== 'string') return null
  const jkt = cnf === undefined ? null : (cnf as { jkt?: unknown } | null)?.jkt
  if (jkt !== null && !(typeof jkt === 'string' && isThumbprint(jkt))) return null
  const expiresAt = exp * SECOND
  return { approvalId: sub, state, requestedAt, thumbprint: jkt, nonce, expiresAt }
}

/** What who asked is handed while it waits. */
export async function toPending(
  keys: Keys,
  approval: Pending | Approved,
  handed: { claim: string; cookie: PendingAnswer['cookie'] },
  facts: ProofFacts,
): Promise<PendingAnswer> {
  const { id, matchCode, label, scopes, requestedAt } = approval
  const expiresAt = endOfWaiting(approval)
  return {
    status: 'pending',
    approval: { id, matchCode, label, scopes, requestedAt, expiresAt },
    ...handed,
    proof: await signPendingProof(keys, approval, facts),
  }
}

/** The same with the secrets of a request that was just put into the queue. */
export async function toOpened(
  keys: Keys,
  approval: Pending | Approved,
  drawn: Drawn,
  { nonce, now, collectMs }: { nonce: string | null; now: Millis; collectMs: Millis },
): Promise<PendingAnswer> {
  const { id } = approval
  const handed = {
    claim: `${id}.${drawn.claim.text}`,
    cookie: drawn.cookie && {
      text: drawn.cookie.text,
      expiresAt: endOfWaiting(approval) + collectMs,
    },
  }
  return toPending(keys, approval, handed, { nonce, jti: drawn.jti, now })
}
