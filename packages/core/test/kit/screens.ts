import type { TicketAnswer, Transport } from '../../src/http/wire.ts'
import type { ResourceTokenAnswer } from '../../src/http/token-wire.ts'
import type { SessionNeed } from '../../src/pair.ts'
import type { SocketGuard } from '../../src/socket-guard.ts'
import type { DeviceKey } from './device.ts'
import { ORIGIN, startServer, type Server, type ServerOptions } from './server.ts'
import { pairVisitor, type Answer, type Visitor } from './visitor.ts'

/** Two kinds of resource: of one a peer may send nothing at all. */
export const SCREENS = {
  screen: {
    modes: ['view', 'point', 'control'],
    messages: { point: ['pointer'], control: ['key', 'paste'] },
  },
  camera: { modes: ['view'] },
} as const

export const WALL = 'screen:wall-1'
export const LIVE = `${ORIGIN}/live`

export function startScreens(options: ServerOptions = {}): Server {
  return startServer({ resources: SCREENS, ...options })
}

/** Somebody whose session has exactly these scopes. */
export function pairWith(
  server: Server,
  scopes: readonly string[],
  wish: {
    key?: DeviceKey
    transport?: Transport
    session?: { slidingMs?: number; absoluteMs?: number }
  } = {},
): Promise<Visitor> {
  const { session, ...rest } = wish
  const code = { scopes: scopes as never, ...(session && { session }) }
  return pairVisitor(server, { ...rest, code })
}

/** Asks for a token; with a proof where there is a key. */
export function askToken(
  visitor: Visitor,
  resource: unknown,
  mode: unknown,
): Promise<Answer<ResourceTokenAnswer>> {
  const proof = visitor.key !== null
  return visitor.call('POST', '/resource-tokens', { body: { resource, mode }, proof })
}

export async function tokenOf(visitor: Visitor, resource: string, mode: string): Promise<string> {
  const answer = await askToken(visitor, resource, mode)
  if (answer.status !== 200) throw new Error(`no token: ${answer.text}`)
  return answer.body.resourceToken
}

export async function sealedTicket(
  visitor: Visitor,
  resource: string,
  mode: string,
  use: 'socket' | 'stream' = 'socket',
): Promise<string> {
  const body = { for: use, resource, mode }
  const proof = visitor.key !== null
  const answer = await visitor.call<TicketAnswer>('POST', '/tickets', { body, proof })
  if (answer.status !== 200) throw new Error(`no ticket: ${answer.text}`)
  return answer.body.ticket
}

/** The headers with which a token is presented at `LIVE`: with a proof where its holder has a key. */
export async function presented(
  server: Server,
  visitor: Visitor,
  token: string,
): Promise<Record<string, string>> {
  if (visitor.key === null) return { authorization: `Bearer ${token}` }
  const dpop = await visitor.key.prove({ htm: 'GET', htu: LIVE, at: server.clock(), token })
  return { authorization: `DPoP ${token}`, dpop }
}

export function viewOf(resource: string, mode = 'view'): SessionNeed<never> {
  return { resource, mode }
}

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { code: string }).code
}

/** The mode that a route lets somebody in with, or the code with which it does not. */
export async function enter(
  server: Server,
  headers: Record<string, string>,
  need: SessionNeed<never> = viewOf(WALL),
): Promise<string> {
  const guarded = await server.pair.guard(new Request(LIVE, { headers }), undefined, need)
  return guarded.ok ? (guarded.auth.resource?.mode ?? 'a session') : codeOf(guarded.response)
}

/** The same for a socket. */
export async function upgrade(
  server: Server,
  headers: Record<string, string>,
  need: SessionNeed<never> = viewOf(WALL),
  query = '',
): Promise<SocketGuard | string> {
  const request = new Request(LIVE + query, { headers })
  const answer = await server.pair.openSocket(request, undefined, need)
  return answer instanceof Response ? codeOf(answer) : answer
}

export interface Line {
  guard: SocketGuard
  closes: [number, string][]
  readies: () => number
  receive(frame: string | ArrayBuffer | Uint8Array): Promise<boolean>
  closed(): void
}

/** A socket that must open. */
export async function openLine(
  server: Server,
  headers: Record<string, string>,
  need?: SessionNeed<never>,
  query?: string,
): Promise<Line> {
  const guard = await upgrade(server, headers, need, query)
  if (typeof guard === 'string') throw new Error(`no socket: ${guard}`)
  const closes: [number, string][] = []
  let readies = 0
  const attached = guard.attach(
    { send() {}, close: (code, reason) => void closes.push([code, reason]) },
    () => void readies++,
  )
  return { guard, closes, readies: () => readies, ...attached }
}
