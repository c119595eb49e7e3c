import { PairError } from '../errors.ts'
import type { RenewBy } from '../session/renew-service.ts'
import { toRfc3339 } from '../time.ts'
import { unlessUnknown } from './authentication.ts'
import { authorize } from './authorize.ts'
import { clearCookie } from './cookie.ts'
import { actorOf, json, noContent, type Route, type Visit } from './route.ts'
import { parseBody, Renew, TicketBody } from './schemas.ts'
import { toServer, toSession } from './views.ts'
import type { SessionAnswer } from './wire.ts'

/** Who am I, renewal, logout, tickets. */
export const sessionRoutes: readonly Route[] = [
  { method: 'GET', path: 'session', handle: describeSession },
  { method: 'POST', path: 'renew', handle: renew },
  { method: 'POST', path: 'logout', handle: logout },
  { method: 'POST', path: 'tickets', handle: mintTicket },
  { method: 'GET', path: 'health', handle: async () => json({ status: 'ok' }) },
]

async function describeSession({ parts, authenticate }: Visit): Promise<Response> {
  const found = await authenticate()
  const { mode } = await parts.admission.get()
  const server = toServer(parts.clock(), mode)
  const answer: SessionAnswer =
    found.kind === 'session'
      ? {
          authenticated: true,
          session: toSession(found.session),
          credentialExpiresAt: toRfc3339(found.expiresAt),
          server,
        }
      : {
          authenticated: false,
          ...(found.reason === undefined ? {} : { reason: found.reason }),
          server,
        }
  return json(answer)
}

async function renew(visit: Visit): Promise<Response> {
  const { parts, facts } = visit
  const { refreshToken } = parseBody(Renew, visit.body)
  const by = await renewBy(visit, refreshToken)
  const renewed = parts.renewer.renew(by, facts.address ?? undefined)
  const authorized = await (by.by === 'secret' ? unlessUnknown(parts, facts, renewed) : renewed)
  return authorize(visit, authorized)
}

async function renewBy(visit: Visit, refreshToken: string | undefined): Promise<RenewBy> {
  const { parts, facts, credentials } = visit
  if (refreshToken !== undefined) return { by: 'secret', refreshToken }
  if (credentials.proof !== null) {
    const target = {
      method: facts.method,
      url: facts.externalUrl,
      ath: null,
      bodyHash: null,
      thumbprint: null,
    }
    // Keys that nobody knows leave no mark behind.
    const thumbprint = await parts.proofs.prove(credentials.proof, target, async (key) => {
      const isKnown = await parts.renewer.isKnown(key)
      await (isKnown ? parts.limiter.countKnown('poll', key) : parts.limiter.count('poll', facts))
      if (!isKnown) throw new PairError('session_invalid', { reason: 'no device has that key' })
    })
    return { by: 'proof', thumbprint }
  }
  const { session, proven } = await visit.require({})
  await parts.limiter.countKnown('poll', session.id)
  if (session.device.thumbprint !== null && !proven) throw new PairError('proof_required')
  return { by: 'cookie', sessionId: session.id }
}

async function logout(visit: Visit): Promise<Response> {
  const auth = await visit.require({})
  await visit.parts.sessions.logout(auth.session.id, actorOf(auth, visit.facts))
  return noContent({ 'set-cookie': clearCookie(visit.cookie) })
}

async function mintTicket(visit: Visit): Promise<Response> {
  const { parts, facts } = visit
  const { for: use } = parseBody(TicketBody, visit.body)
  const { session, proven, credentialExpiresAt } = await visit.require({})
  visit.tell(await parts.limiter.countKnown('poll', session.id))
  if (session.device.thumbprint !== null && !proven) throw new PairError('proof_required')
  const { ticket, expiresAt } = await parts.tickets.mint(
    session.id,
    use,
    facts.request.headers.get('origin'),
    // What a bearer opens by a ticket ends with the bearer; a key proves itself over the ticket.
    proven ? null : credentialExpiresAt,
  )
  return json({ ticket, expiresAt: toRfc3339(expiresAt) })
}
