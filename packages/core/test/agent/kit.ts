import { agent, type AgentOptions } from '../../src/agent.ts'
import type { AgentAuth, Guarded, Need, SessionAuth } from '../../src/pair.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import { createEdge, HERE, read, type Answer, type Edge } from '../kit/edge.ts'

/** A server with agents. */
export function createTown(
  options: Partial<PairOptions> = {},
  agents: AgentOptions<string> = {},
): Edge {
  return createEdge({ extensions: [agent(agents)], ...options })
}

export type Anyone = SessionAuth | AgentAuth

/** Asks a guard on a route of the app's, as an agent or whoever else sends these headers. */
export async function knock(
  { pair }: Pick<Edge, 'pair'>,
  headers: Readonly<Record<string, string>>,
  need: Need = { who: 'agent' },
): Promise<Guarded<Anyone>> {
  const request = new Request(`${HERE}/jobs`, { headers })
  return pair.guard(request, { remoteAddress: '127.0.0.1' }, need as Need & { who: 'any' })
}

/** `in`, or the code of the refusal. */
export async function outcome(
  edge: Pick<Edge, 'pair'>,
  headers: Readonly<Record<string, string>>,
  need?: Need,
): Promise<string> {
  const guarded = await knock(edge, headers, need)
  return guarded.ok ? 'in' : ((await read(guarded.response)).body.code as string)
}

export const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` })

/** Comes with a support code. */
export async function bind(
  edge: Pick<Edge, 'call'>,
  code: string,
  name: string,
  remoteAddress = '127.0.0.1',
): Promise<Answer> {
  const body = { code, agent: name }
  return edge.call('/auth/agent-keys/bind', { body, info: { remoteAddress } })
}
