import type { PendingWire } from '@pair/core'

/** The one request at a server of pages, and the questions that wait for what becomes of it. */
export interface PendingDesk {
  /** Whether a code has to be confirmed by a person as well. */
  confirms: boolean
  /** How many questions waited at once, at most. */
  most: number
  pending(): Response
  /** Waits for the decision: the session, or the refusal, or that nobody decided yet. */
  claim(signal: AbortSignal, session: () => Promise<Response>): Promise<Response>
  decide(verdict: 'approved' | 'rejected' | 'withdrawn'): void
}

export function createPendingDesk(): PendingDesk {
  let verdict: 'pending' | 'approved' | 'rejected' | 'withdrawn' | 'collected' = 'pending'
  let waiting: (() => void)[] = []

  const desk: PendingDesk = {
    confirms: false,
    most: 0,
    pending() {
      const body: PendingWire = {
        status: 'pending_approval',
        approval: {
          id: 'apr_1',
          matchCode: '123 456',
          label: 'A page',
          scopes: [],
          requestedAt: '',
          expiresAt: '',
        },
        claim: 'apr_1.secret',
        proof: '',
        retryAfter: 0,
      }
      return Response.json(body, { status: 202 })
    },
    async claim(signal, session) {
      if (verdict === 'pending') {
        await new Promise<void>((resolve) => {
          desk.most = Math.max(desk.most, waiting.push(resolve))
          signal.addEventListener('abort', () => {
            waiting = waiting.filter((other) => other !== resolve)
            resolve()
          })
        })
        signal.throwIfAborted()
      }
      switch (verdict) {
        case 'pending':
          return desk.pending()
        case 'approved':
          verdict = 'collected'
          return await session()
        case 'collected':
          return refuse('approval_collected', 410)
        case 'withdrawn':
          return refuse('approval_expired', 410)
        case 'rejected':
          return refuse('approval_rejected', 403)
      }
    },
    decide(next) {
      verdict = next
      for (const resolve of waiting.splice(0)) resolve()
    },
  }
  return desk
}

function refuse(code: string, status: number): Response {
  return Response.json({ code, detail: 'No.', hint: '', status }, { status })
}
