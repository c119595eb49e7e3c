import type { Agent } from '../agent/agent.ts'
import { PairError } from '../errors.ts'
import type { AgentAuth, Need } from '../pair.ts'
import type { SocketGuard } from '../socket-guard.ts'
import type { HttpParts } from './route.ts'
import { CLOSE } from './socket.ts'

/** An agent's socket that was let through: held to its key. */
export function guardAgentSocket(
  parts: HttpParts,
  auth: AgentAuth,
  need: Need,
): SocketGuard<string, AgentAuth> {
  const { agents } = parts
  if (agents === null) throw new PairError('internal', { reason: 'an agent where there are none' })
  let current: AgentAuth = auth
  return {
    get auth() {
      return current
    },
    attach(socket, ready) {
      let open = true
      const shut = (code: number, reason: string): void => {
        if (!open) return
        open = false
        release()
        socket.close(code, reason)
      }
      const release = parts.live.holdAgent(auth.agent, agents, {
        changed: (agent: Agent) => {
          current = { ...current, agent }
          // Judged again, as a request would be: what was taken away is gone from open sockets too.
          if (need.scopes?.some((scope) => !agent.scopes.includes(scope)))
            shut(4003, 'no longer allowed')
        },
        ended: (reason) => shut(...CLOSE[reason]),
      })
      const closed = (): void => {
        open = false
        release()
      }
      ready()
      return { receive: async () => open, closed }
    },
  }
}
