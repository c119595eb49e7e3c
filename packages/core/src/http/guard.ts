import type { AuthResult, Guarded, Identified, Need, RequestInfo, SocketGuard } from '../pair.ts'
import { exchangeTicket, requireNeed, toAuthResult } from './authentication.ts'
import { checkOrigin, checkUpgradeOrigin } from './origin-rules.ts'
import type { HttpParts } from './route.ts'
import { guardSocket } from './socket.ts'
import type { Visits } from './visit.ts'

/** The guards that stand on the app's own routes and sockets. */
export interface Guards {
  authenticate(request: Request, info?: RequestInfo): Promise<AuthResult>
  identify(request: Request, info?: RequestInfo): Promise<Identified>
  guard(request: Request, info: RequestInfo | undefined, need: Need): Promise<Guarded>
  openSocket(
    request: Request,
    info: RequestInfo | undefined,
    need: Need,
  ): Promise<SocketGuard | Response>
}

export function createGuards(parts: HttpParts, visits: Visits): Guards {
  async function open(request: Request, info: RequestInfo | undefined): ReturnType<Visits['open']> {
    const facts = visits.facts(request, info)
    checkOrigin(facts, parts.settings)
    return visits.open(facts, info)
  }

  async function authenticate(request: Request, info?: RequestInfo): Promise<AuthResult> {
    const visit = await open(request, info)
    return toAuthResult(await visit.authenticate())
  }

  return {
    authenticate,

    async identify(request, info) {
      try {
        return { ok: true, auth: await authenticate(request, info) }
      } catch (error) {
        return { ok: false, response: visits.refuse(error, request, info) }
      }
    },

    async guard(request, info, need) {
      try {
        const visit = await open(request, info)
        return { ok: true, auth: await visit.require(need) }
      } catch (error) {
        return { ok: false, response: visits.refuse(error, request, info) }
      }
    },

    async openSocket(request, info, need) {
      try {
        const facts = visits.facts(request, info)
        const { credentials, authenticate } = await visits.open(facts, info)
        const { by } = credentials.presented
        checkUpgradeOrigin(facts, parts.settings, by === 'cookie' ? 'cookie' : 'other')
        // If Authorization is there it alone decides.
        const ticket = request.headers.has('authorization')
          ? null
          : facts.url.searchParams.get('ticket')
        if (ticket === null) {
          const found = await authenticate()
          return guardSocket(parts, facts, requireNeed(found, need), need, null)
        }
        // Where there is a key it counts as proven from now on: the first frame will prove it, before anything else passes.
        const found = await exchangeTicket(parts, facts, 'socket', ticket, null)
        const auth = requireNeed(found, need)
        const { thumbprint } = found
        return guardSocket(
          parts,
          facts,
          auth,
          need,
          thumbprint === null ? null : { ticket, thumbprint },
        )
      } catch (error) {
        return visits.refuse(error, request, info)
      }
    },
  }
}
