import type { AgentAuth, SessionAuth, SocketGuard } from '@pair/core'
import type { WsData, WsSocket } from './ws-types.ts'

/** What an app does with a socket. */
export interface ConnectionHandlers {
  /** Called with each frame, in order. Text comes as a string. */
  onMessage?(frame: string | Uint8Array): void
  /** Called once when the socket has closed, whoever closed it. */
  onClose?(): void
}

// Reading stops while this many frames wait, so that a peer can't fill our memory.
const backlog = 32

/** Puts an open socket under its guard: each frame goes to the guard first, in order, and then to the app. */
export function runSocket<S extends string, A extends SessionAuth<S> | AgentAuth<S>>(
  socket: WsSocket,
  guard: SocketGuard<S, A>,
  options: { heartbeatMs: number; onError(error: unknown): void },
  connect: () => ConnectionHandlers | void,
): void {
  let handlers: ConnectionHandlers = {}
  let waiting = 0
  let last: Promise<void> = Promise.resolve()
  const fail = (error: unknown): void => {
    options.onError(error)
    socket.close(1011, 'internal error')
  }
  const attempt = (step: () => void): void => {
    try {
      step()
    } catch (error) {
      fail(error)
    }
  }

  socket.on('error', () => {}) // its close event follows and says all that we need
  const stopHeartbeat = keepAlive(socket, options.heartbeatMs)
  const attached = guard.attach(
    { send: (text) => socket.send(text), close: (code, reason) => socket.close(code, reason) },
    () => attempt(() => (handlers = connect() ?? {})),
  )
  socket.on('message', (data, isBinary) => {
    const frame = toFrame(data, isBinary)
    if (++waiting === backlog) socket.pause()
    last = last
      .then(async () => {
        if (await attached.receive(frame)) attempt(() => handlers.onMessage?.(frame))
      })
      .catch(fail)
      .then(() => {
        if (waiting-- === backlog) socket.resume()
      })
  })
  socket.on('close', () => {
    stopHeartbeat()
    attached.closed()
    void last.then(() => attempt(() => handlers.onClose?.()))
  })
}

/** Cuts a peer that answers no ping: else a phone out of reach would be shown as online for ever. */
function keepAlive(socket: WsSocket, everyMs: number): () => void {
  let alive = true
  socket.on('pong', () => (alive = true))
  const timer = setInterval(() => {
    if (!alive) return socket.terminate()
    alive = false
    socket.ping()
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

function toFrame(data: WsData, isBinary: boolean): string | Uint8Array {
  const bytes =
    data instanceof ArrayBuffer
      ? new Uint8Array(data)
      : data instanceof Uint8Array
        ? data
        : Buffer.concat(data)
  return isBinary ? bytes : new TextDecoder().decode(bytes)
}
