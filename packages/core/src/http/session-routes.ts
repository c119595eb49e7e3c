import { PairError } from '../errors.ts'
import type { RenewBy } from '../session/renewal.ts'
import type { SessionView } from '../session/session.ts'
import { toRfc3339, type Millis } from '../time.ts'
import { unlessUnknown } from './authentication.ts'
import { authorize } from './authorize.ts'
import { clearCookie } from './cookie.ts'
import { parseAccess, type ResourceAccess } from '../resource/resource.ts'
import { actorOf, json, noContent, taking, type Route, type Visit } from './route.ts'
import { Renew, ResourceTokenBody, TicketBody } from './schemas.ts'
import { toServer, toSession } from './views.ts'
import type { ResourceTokenAnswer, ResourceTokenRequest } from './token-wire.ts'
import type { RenewRequest, SessionAnswer, TicketRequest } from './wire.ts'

/** Who am I, renewal, logout, tickets, resource tokens. */
export const sessionRoutes: readonly Route[] = [
  { method: 'GET', path: 'session', handle: describeSession },
  { method: 'POST', path: 'renew', ...taking(Renew, renew) },
  { method: 'POST', path: 'logout', handle: logout },
  { method: 'POST', path: 'tickets', ...taking(TicketBody, mintTicket) },
  { method: 'POST', path: 'resource-tokens', ...taking(ResourceTokenBody, mintResourceToken) },
  { method: 'GET', path: 'health', handle: async () => json({ status: 'ok' }) },
]

async function describeSession({ parts, authenticate }: Visit): Promise<Response> {
  const asking = await authenticate()
  // The key of an agent is no session.
  const found = asking.kind === 'agent' ? ({ kind: 'none', reason: 'invalid' } as const) : asking
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

async function renew(visit: Visit, read: () => RenewRequest): Promise<Response> {
  const { parts, facts } = visit
  const { refreshToken } = read()
  const by = await renewBy(visit, refreshToken)
  const renewed = parts.renewer.renew(by, facts.address ?? undefined)
  const authorized = await (by.by === 'secret' ? unlessUnknown(parts, facts, renewed) : renewed)
  return authorize(visit, authorized)
}

async function renewBy(visit: Visit, refreshToken: string | undefined): Promise<RenewBy> {
  const { parts, facts, credentials } = visit
  if (refreshToken !== undefined) {
    const id = await parts.renewer.sessionOf(refreshToken)
    if (id !== null) visit.tell(await parts.limiter.countKnown('poll', id))
    return { by: 'secret', refreshToken }
  }
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
      if (await parts.renewer.isKnown(key)) return 'device'
      await parts.limiter.count('poll', facts)
      throw new PairError('session_invalid', { reason: 'no device has that key' })
    })
    // Behind its mark: who sends a copied proof again uses up nothing of the key's.
    await parts.limiter.countKnown('poll', thumbprint)
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

async function mintTicket(visit: Visit, read: () => TicketRequest): Promise<Response> {
  const { parts, facts } = visit
  const { for: use, resource, mode } = read()
  const { session, endsAt } = await requireMinter(visit)
  const access = resource === undefined ? null : accessOf(visit, resource, mode ?? '')
  const { ticket, expiresAt } = await parts.tickets.mint(
    session.id,
    use,
    facts.request.headers.get('origin'),
    endsAt,
    access,
  )
  return json({ ticket, expiresAt: toRfc3339(expiresAt) })
}

async function mintResourceToken(
  visit: Visit,
  read: () => ResourceTokenRequest,
): Promise<Response> {
  const { resource, mode } = read()
  const { session, endsAt } = await requireMinter(visit)
  const access = accessOf(visit, resource, mode)
  const made = await visit.parts.resources.mint(session.id, access, endsAt)
  const answer: ResourceTokenAnswer = {
    resourceToken: made.token,
    tokenType: made.thumbprint === null ? 'Bearer' : 'DPoP',
    expiresAt: toRfc3339(made.expiresAt),
    resource,
    mode,
  }
  return json(answer)
}

/** The session that a ticket or token is made for, and when that ends which it opens. A cookie alone makes none of a key. */
async function requireMinter(
  visit: Visit,
): Promise<{ session: SessionView; endsAt: Millis | null }> {
  const { session, proven, credentialExpiresAt } = await visit.require({})
  visit.tell(await visit.parts.limiter.countKnown('poll', session.id))
  if (session.device.thumbprint !== null && !proven) throw new PairError('proof_required')
  // What a bearer opens ends with the bearer; a key proves itself again over what it was given.
  return { session, endsAt: proven ? null : credentialExpiresAt }
}

/** @throws PairError `invalid_request` */
function accessOf({ parts }: Visit, resource: string, mode: string): ResourceAccess {
  const access = parseAccess(parts.settings.resources, resource, mode)
  if (access !== null) return access
  throw new PairError('invalid_request', {
    message: 'There is no such kind of resource, or it has no such mode.',
    hint: 'Name `<kind>` or `<kind>:<id>`, and a mode of that kind: `screen:left`, `view`.',
  })
}
