import type {
  AgentAuth,
  AuthResult,
  Guarded,
  Identified,
  Need,
  RequestHead,
  RequestInfo,
  SessionAuth,
} from '../pair.ts'
import { PairError } from '../errors.ts'
import type { SocketGuard } from '../socket-guard.ts'
import { toHttpDate } from '../time.ts'
import { exchangeTicket } from './authentication.ts'
import { isForSessions, requireAnyone, requireNeed, toAuthResult } from './require-need.ts'
import { checkOrigin, checkUpgradeOrigin } from './origin-rules.ts'
import { neededAccess } from './resource-need.ts'
import { withUrl } from './request-facts.ts'
import type { HttpParts } from './route.ts'
import { guardAgentSocket } from './agent-socket.ts'
import { guardSocket } from './socket.ts'
import type { Visits } from './visit.ts'

/** The guards that stand on the app's own routes and sockets. */
export interface Guards {
  authenticate(request: RequestHead, info?: RequestInfo): Promise<AuthResult>
  identify(request: RequestHead, info?: RequestInfo): Promise<Identified>
  guard(
    request: RequestHead,
    info: RequestInfo | undefined,
    need: Need,
  ): Promise<Guarded<SessionAuth | AgentAuth>>
  openSocket(
    request: Request,
    info: RequestInfo | undefined,
    need: Need,
  ): Promise<SocketGuard<string, SessionAuth | AgentAuth> | Response>
}

/** The shared key is deprecated from the first day. @see https://www.rfc-editor.org/rfc/rfc9745 @see https://www.rfc-editor.org/rfc/rfc8594 */
function deprecationOf({ credentialExpiresAt }: AgentAuth): Readonly<Record<string, string>> {
  return { deprecation: '@0', sunset: toHttpDate(credentialExpiresAt) }
}

export function createGuards(
  parts: HttpParts,
  visits: Visits,
  owns: (target: string) => boolean,
): Guards {
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
        const auth = requireAnyone(found, need, resources)
        return auth.kind === 'agent' && auth.agent.keyId === null
          ? { ok: true, auth, headers: deprecationOf(auth) }
          : { ok: true, auth }
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
          const auth = requireAnyone(await authenticate(needed), need, resources)
          return auth.kind === 'agent'
            ? guardAgentSocket(parts, auth, need)
            : guardSocket(parts, facts, auth, need, null)
        }
        if (!isForSessions(need))
          throw new PairError('agent_key_required', { reason: 'a ticket is of a session' })
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
