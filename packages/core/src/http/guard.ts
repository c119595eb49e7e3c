import type { AuthResult, Guarded, Identified, Need, RequestHead, RequestInfo } from '../pair.ts'
import type { SocketGuard } from '../socket-guard.ts'
import { exchangeTicket, requireNeed, toAuthResult } from './authentication.ts'
import { createOwns } from './handler.ts'
import { checkOrigin, checkUpgradeOrigin } from './origin-rules.ts'
import { neededAccess } from './resource-need.ts'
import { withUrl } from './request-facts.ts'
import type { HttpParts } from './route.ts'
import { guardSocket } from './socket.ts'
import type { Visits } from './visit.ts'

/** The guards that stand on the app's own routes and sockets. */
export interface Guards {
  authenticate(request: RequestHead, info?: RequestInfo): Promise<AuthResult>
  identify(request: RequestHead, info?: RequestInfo): Promise<Identified>
  guard(request: RequestHead, info: RequestInfo | undefined, need: Need): Promise<Guarded>
  openSocket(
    request: Request,
    info: RequestInfo | undefined,
    need: Need,
  ): Promise<SocketGuard | Response>
}

export function createGuards(parts: HttpParts, visits: Visits): Guards {
  const owns = createOwns(parts.settings.basePath)

  function read(request: RequestHead, info: RequestInfo | undefined): ReturnType<Visits['read']> {
    const facts = visits.facts(request, info)
    checkOrigin(facts, parts.settings)
    return visits.read(facts)
  }

  async function authenticate(request: RequestHead, info?: RequestInfo): Promise<AuthResult> {
    const brought = await read(request, info)
    return toAuthResult(await brought.authenticate())
  }

  return {
    authenticate,

    async identify(request, info) {
      // Our own routes ask for themselves: what is spent before them would be missing there.
      if (owns(request.url)) return { ok: true, auth: { kind: 'none' } }
      try {
        return { ok: true, auth: await authenticate(request, info) }
      } catch (error) {
        return { ok: false, response: visits.refuse(error, request, info) }
      }
    },

    async guard(request, info, need) {
      try {
        const reading = read(request, info)
        // Nothing is waited for that is there.
        const { authenticate } = reading instanceof Promise ? await reading : reading
        const { resources } = parts.settings
        const needed = neededAccess(need, resources)
        const asking = authenticate(needed)
        const found = asking instanceof Promise ? await asking : asking
        return { ok: true, auth: requireNeed(found, need, resources) }
      } catch (error) {
        return { ok: false, response: visits.refuse(error, request, info) }
      }
    },

    async openSocket(request, info, need) {
      try {
        const facts = withUrl(visits.facts(request, info))
        const { credentials, authenticate } = await visits.read(facts)
        const { by } = credentials.presented
        checkUpgradeOrigin(facts, parts.settings, by === 'cookie' ? 'cookie' : 'other')
        // If Authorization is there it alone decides.
        const ticket = request.headers.has('authorization')
          ? null
          : facts.url.searchParams.get('ticket')
        const { resources } = parts.settings
        const needed = neededAccess(need, resources)
        if (ticket === null) {
          const found = await authenticate(needed)
          return guardSocket(parts, facts, requireNeed(found, need, resources), need, null)
        }
        // Where there is a key it counts as proven from now on: the first frame will prove it, before anything else passes.
        const found = await exchangeTicket(parts, facts, 'socket', ticket, null, needed)
        const auth = requireNeed(found, need, resources)
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
