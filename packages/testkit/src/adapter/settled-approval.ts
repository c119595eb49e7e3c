import type { SettledSession } from './settled.ts'

interface SettledRequest extends SettledSession {
  /** The state of the one that it came in by; whether it brought a code. */
  withCode?: boolean
}

/** The answer to a request that waits. `retryAfter`: 0 where the answer was waited for. */
export function pending({ label = 'A device', scopes }: SettledSession, retryAfter = 5): object {
  return {
    status: 'pending_approval',
    approval: {
      id: 'apr_…',
      matchCode: '<match>',
      label,
      scopes,
      requestedAt: '<time>',
      expiresAt: '<time>',
    },
    claim: 'apr_….<secret>',
    proof: '<token>',
    retryAfter,
  }
}

/** A decision as a settled answer shows it; `by` is a session unless it was the operator. */
export interface SettledDecision {
  by?: 'session' | 'operator'
  reason?: string | null
  scopes: readonly string[] | null
}

/** A request as whoever decides sees it. */
export function approvalItem(
  { transport, keyed = transport === 'dpop', label = 'A device', scopes, withCode }: SettledRequest,
  state: 'pending' | 'approved' | 'rejected' = 'pending',
  decision: SettledDecision | null = null,
): object {
  return {
    id: 'apr_…',
    digest: '<secret>',
    state,
    matchCode: '<match>',
    label,
    kind: 'browser',
    thumbprint: keyed ? '<secret>' : null,
    origin: null,
    address: '127.0.0.1',
    transport,
    subject: 'owner',
    scopes,
    data: null,
    life: { slidingSeconds: 2_592_000, absoluteSeconds: null },
    codeId: withCode === true ? 'cod_…' : null,
    clientId: null,
    requestedAt: '<time>',
    expiresAt: state === 'rejected' ? null : '<time>',
    decision: decision && {
      at: '<time>',
      by:
        decision.by === 'operator'
          ? { kind: 'operator' }
          : { kind: 'session', sessionId: 'ses_…', deviceId: 'dev_…', address: '127.0.0.1' },
      reason: decision.reason ?? null,
      scopes: decision.scopes,
    },
  }
}

/** The line that sets the cookie of a request without a key. Its life is in seconds; 0 takes it away. */
export function claimLine(maxAge: number): string {
  const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}`
  return `pair_…_claim=${maxAge === 0 ? '' : '<secret>'}; ${attributes}`
}
