import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AgentAuth, AuthOf, Need, Pair, SessionAuth, SocketGuard } from '@pair/core'
import { runSocket, type ConnectionHandlers } from './run-socket.ts'
import { toRequest, toRequestInfo } from './to-request.ts'
import { writeResponse } from './write-response.ts'
import type { WsModule, WsServer, WsSocket } from './ws-types.ts'

/** A socket that the app may use. */
export interface Connection<
  S extends string = string,
  A extends SessionAuth<S> | AgentAuth<S> = SessionAuth<S>,
> {
  readonly socket: WsSocket
  /** The session or agent as it is now: scopes that were taken away meanwhile are gone from it. */
  readonly auth: A
  /** The upgrade request. */
  readonly request: Request
}

export interface UpgradeOptions<S extends string = string, W extends Need['who'] = undefined> {
  pair: Pair<S>
  /** The exact path of the socket: `/live`. */
  path: string
  /** What a session must hold to open it, or what a request says of it: the resource that its address names. */
  need: NeedBy<NoInfer<S>, W> | ((request: Request) => NeedBy<NoInfer<S>, W>)
  /** The module `ws`, or a `WebSocketServer` of it made with `noServer: true`. */
  ws: WsModule | WsServer
  /** Called when the app may use the socket: at once, or after its proven `hello`. */
  onConnection(connection: Connection<S, AuthOf<S, W>>): ConnectionHandlers | void
  /** Frames above this many bytes close the socket with 1009. Default 65,536. For a server passed in, its own counts. */
  maxPayloadBytes?: number
  /** A peer that answers no ping for this long is cut. Milliseconds, default 30,000. */
  heartbeatMs?: number
  /** Hears what the app's handlers throw; the socket is then closed with 1011. Default: the console. */
  onError?(error: unknown): void
}

/** A need that says by its `who` whose sockets they are; people's devices' by default. */
export type NeedBy<S extends string, W extends Need['who']> = Need<S> & { who?: W }

type UpgradeListener = (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void

/** What we ask of a Node server, http or https. */
export interface UpgradeServer {
  on(event: 'upgrade', listener: UpgradeListener): unknown
  off(event: 'upgrade', listener: UpgradeListener): unknown
  listeners(event: 'upgrade'): readonly unknown[]
}

// Marks our listeners, so that several on one server know of each other.
const pathOf = Symbol.for('@pair/node upgrade path')

/**
 * Lets sockets of the library `ws` open on a path, each under guard. A refusal is an ordinary HTTP response before any
 * 101. Returns what takes it off the server again; open sockets stay until `pair.close()`.
 */
export function attachUpgrade<S extends string, W extends Need['who'] = undefined>(
  server: UpgradeServer,
  options: UpgradeOptions<S, W>,
): () => void {
  const { maxPayloadBytes = 65_536, heartbeatMs = 30_000 } = options
  const onError = (error: unknown): void =>
    options.onError ? options.onError(error) : console.error(error)
  if (!options.path.startsWith('/'))
    throw new TypeError('attachUpgrade: `path` starts with a slash')
  requirePositive('maxPayloadBytes', maxPayloadBytes)
  requirePositive('heartbeatMs', heartbeatMs)
  const sockets = toServer(options.ws, maxPayloadBytes)

  const answer = async (
    incoming: IncomingMessage,
    request: Request,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> => {
    const judged = await judge(options, incoming, request, onError)
    if (judged instanceof Response) return await writeResponse(socket, judged)
    if (socket.destroyed) return
    sockets.handleUpgrade(incoming, socket, head, (opened) =>
      runSocket(opened, judged, { heartbeatMs, onError }, () =>
        options.onConnection({
          socket: opened,
          request,
          get auth() {
            return judged.auth
          },
        }),
      ),
    )
  }
  const listener: UpgradeListener = (incoming, socket, head) => {
    const request = toRequest(incoming)
    const path = request === null ? null : new URL(request.url).pathname
    if (request === null || path !== options.path) {
      if (!answersForAll(server, listener, path)) return
      socket.on('error', () => socket.destroy())
      void writeResponse(socket, new Response(null, { status: request === null ? 400 : 404 }))
      return
    }
    // Nobody else listens for errors of a bare socket, and an unheard one ends the process.
    socket.on('error', () => socket.destroy())
    answer(incoming, request, socket, head).catch((error: unknown) => {
      onError(error)
      socket.destroy()
    })
  }
  Object.assign(listener, { [pathOf]: options.path })
  server.on('upgrade', listener)
  return () => void server.off('upgrade', listener)
}

async function judge<S extends string, W extends Need['who']>(
  { pair, need }: UpgradeOptions<S, W>,
  incoming: IncomingMessage,
  request: Request,
  onError: (error: unknown) => void,
): Promise<SocketGuard<S, AuthOf<S, W>> | Response> {
  try {
    const needed = typeof need === 'function' ? need(request) : need
    return await pair.openSocket<W>(request, toRequestInfo(incoming), needed)
  } catch (error) {
    onError(error)
    return new Response(null, { status: 500 })
  }
}

/** Whether this listener is the one to refuse a path that nobody has: all are ours, none has it, this is the first. */
function answersForAll(
  server: UpgradeServer,
  listener: UpgradeListener,
  path: string | null,
): boolean {
  const listeners = server.listeners('upgrade')
  const paths = listeners.map((one) =>
    typeof one === 'function' && pathOf in one ? one[pathOf] : undefined,
  )
  return listeners[0] === listener && !paths.includes(undefined) && !paths.includes(path)
}

function toServer(ws: WsModule | WsServer, maxPayload: number): WsServer {
  if ('handleUpgrade' in ws) return ws
  // A peer that ignores our close frame keeps its connection one second longer, not thirty.
  return new ws.WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload,
    closeTimeout: 1_000,
  })
}

function requirePositive(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new TypeError(`attachUpgrade: \`${name}\` is a whole number of at least 1`)
}
