import { sha256Base64Url } from '../encoding/bytes.ts'
import { canonicalJson } from '../encoding/canonical-json.ts'
import { cleanLabel } from '../encoding/text.ts'
import { PairError } from '../errors.ts'
import type { Authorized } from '../session/credential.ts'
import type { Thumbprint } from '../ids.ts'
import { parseCode } from '../bootstrap/typed-code.ts'
import { thumbprintOf } from '../proof/proof-key.ts'
import type { RenewBy } from '../session/renew-service.ts'
import { toRfc3339 } from '../time.ts'
import { clearCookie, setCookie } from './cookie.ts'
import { actorOf, json, noContent, type Route, type Visit } from './route.ts'
import { parseBody, Redeem, Renew, TicketBody } from './schemas.ts'
import { toAuthorized, toServer, toSession } from './views.ts'
import type { DeviceRequest, SessionAnswer } from './wire.ts'

/** Who am I, pairing by code, renewal, logout, tickets. */
export const sessionRoutes: readonly Route[] = [
  { method: 'GET', path: 'session', handle: describeSession },
  { method: 'POST', path: 'redeem', handle: redeem },
  { method: 'POST', path: 'renew', handle: renew },
  { method: 'POST', path: 'logout', handle: logout },
  { method: 'POST', path: 'tickets', handle: mintTicket },
  { method: 'GET', path: 'health', handle: async () => json({ status: 'ok' }) },
]

async function describeSession({ parts, authenticate }: Visit): Promise<Response> {
  const found = await authenticate()
  const server = toServer(parts.clock())
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

async function redeem(visit: Visit): Promise<Response> {
  const { parts, facts } = visit
  const { code, device, transport = 'cookie', scopes = null } = parseBody(Redeem, visit.body)
  const label = device === undefined ? 'Device without a name' : cleanLabel(device.label)
  if (label === null)
    throw new PairError('invalid_request', {
      message: '`device.label` must be 1 to 80 printable characters.',
    })
  // Before a proof is spent on it.
  if (parseCode(code).form === 'none') throw new PairError('code_malformed')
  const thumbprint = await proveDevice(visit, device)
  const authorized = await parts.redeemer.redeem({
    code,
    scopes,
    newcomer: {
      label,
      kind: device?.kind ?? 'app',
      thumbprint,
      origin: facts.request.headers.get('origin'),
      transport,
    },
    ...(facts.address === null ? {} : { address: facts.address }),
  })
  return authorize(visit, authorized)
}

/** A key is only ever named together with a proof of it that covers what is asked with it. */
async function proveDevice(
  { parts, facts, credentials, body }: Visit,
  device: DeviceRequest | undefined,
): Promise<Thumbprint | null> {
  if (device?.publicKey === undefined) return null
  if (credentials.proof === null) throw new PairError('proof_required')
  return parts.proofs.prove(credentials.proof, {
    method: facts.method,
    url: facts.externalUrl,
    ath: null,
    bodyHash: sha256Base64Url(canonicalJson(body)),
    thumbprint: thumbprintOf(device.publicKey),
  })
}

async function renew(visit: Visit): Promise<Response> {
  const { parts, facts } = visit
  const { refreshToken } = parseBody(Renew, visit.body)
  const authorized = await parts.renewer.renew(
    await renewBy(visit, refreshToken),
    facts.address ?? undefined,
  )
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
    const thumbprint = await parts.proofs.prove(
      credentials.proof,
      target,
      parts.renewer.requireKnown,
    )
    return { by: 'proof', thumbprint }
  }
  const { session, proven } = await visit.require({})
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

function authorize({ parts, cookie }: Visit, authorized: Authorized): Response {
  const { session, credential } = authorized
  const headers: Record<string, string> =
    session.transport === 'cookie'
      ? { 'set-cookie': setCookie(cookie, credential.token, credential.expiresAt, parts.clock()) }
      : {}
  return json(toAuthorized(authorized), headers)
}
