import { connect, type Socket } from 'node:net'

/**
 * What befalls a connection.
 *
 * - `pass`: nothing.
 * - `cut`: both ends are reset. A request that meets it never reaches the server.
 * - `lose-answer`: the next request reaches the server, and when its answer comes, both ends are reset instead: it is
 *   done, and nobody hears of it.
 * - `swallow`: from now on what either end sends is taken and goes nowhere, and nobody is told: half open.
 * - `delayMs`: what either end sends comes that many milliseconds later, in its order.
 */
export type NetworkFault = 'pass' | 'cut' | 'lose-answer' | 'swallow' | { delayMs: number }

export type NetworkFaultName = 'cut' | 'lose-answer' | 'swallow' | 'delay'

export interface FaultyLineOptions {
  app: Socket
  server: { host: string; port: number }
  /** What the request that begins meets, it alone; `null`: what its connection meets. */
  faultOf(request: Buffer): NetworkFault | null
  struck(fault: NetworkFaultName): void
  ended(): void
}

/** One connection of an app through the proxy to its server. */
export interface FaultyLine {
  meet(fault: NetworkFault): void
  /** Passes from now on. Where something was swallowed it is cut, since what follows would make no sense. */
  heal(): void
  /** Resets both ends. */
  end(): void
}

export function faultyLine(options: FaultyLineOptions): FaultyLine {
  const { app, struck } = options
  const server = connect({ ...options.server, allowHalfOpen: true, noDelay: true })
  let ofAll: NetworkFault = 'pass'
  let ofRequest: NetworkFault | null = null
  /** A request has gone to the server since the last answer. */
  let isAsked = false
  /** The answer to what is asked now is to be lost. */
  let isLost = false
  let isDeaf = false

  const faultNow = (): NetworkFault => ofRequest ?? ofAll
  const delayMs = (): number => {
    const fault = faultNow()
    return typeof fault === 'object' ? fault.delayMs : 0
  }
  const toServer = lateWriter(app, server, delayMs)
  const toApp = lateWriter(server, app, delayMs)

  function end(): void {
    app.resetAndDestroy()
    server.resetAndDestroy()
  }

  /** What is so from the moment on at which the fault is there. */
  function begin(fault: NetworkFault): void {
    if (typeof fault === 'object') return struck('delay')
    if (fault === 'pass' || fault === 'lose-answer') return
    struck(fault)
    if (fault === 'swallow') isDeaf = true
    else end()
  }

  function fromApp(bytes: Buffer): void {
    if (isDeaf) return
    if (!isAsked) {
      isAsked = true
      ofRequest = options.faultOf(bytes)
      if (ofRequest) begin(ofRequest)
    }
    const fault = faultNow()
    if (fault === 'cut' || isDeaf) return
    if (fault === 'lose-answer') isLost = true
    toServer.write(bytes)
  }

  function fromServer(bytes: Buffer): void {
    if (isDeaf) return
    isAsked = false
    if (!isLost) return toApp.write(bytes)
    struck('lose-answer')
    end()
  }

  app.on('data', fromApp)
  server.on('data', fromServer)
  app.on('end', () => !isDeaf && toServer.end())
  server.on('end', () => !isDeaf && toApp.end())
  // an end that is reset, or a server that is not there, is told to the other end; where it hangs nobody is told
  for (const [socket, other] of [
    [app, server],
    [server, app],
  ] as const) {
    socket.on('error', () => !isDeaf && other.resetAndDestroy())
    socket.on('close', () => {
      if (app.destroyed && server.destroyed) options.ended()
    })
  }
  return {
    meet(fault) {
      ofAll = fault
      begin(fault)
    },
    end,
    heal() {
      if (isDeaf) end()
      ofAll = 'pass'
      ofRequest = null
      isLost = false
    },
  }
}

/** Hands on what one end sends to the other, late where it has to be, and no faster than that one takes it. */
function lateWriter(
  from: Socket,
  to: Socket,
  delayMs: () => number,
): { write(bytes: Buffer): void; end(): void } {
  const waiting: (Buffer | null)[] = []
  const handOn = (bytes: Buffer | null): void => {
    if (to.destroyed) return
    if (bytes === null) to.end()
    else if (!to.write(bytes) && !from.isPaused()) {
      from.pause()
      to.once('drain', () => from.resume())
    }
  }
  let due = 0
  const later = (bytes: Buffer | null): void => {
    const now = performance.now()
    due = Math.max(due, now + delayMs())
    if (due <= now && waiting.length === 0) return handOn(bytes)
    waiting.push(bytes)
    // whichever timer is first, the oldest goes first; it is the sockets that keep a process alive
    setTimeout(() => handOn(waiting.shift()!), due - now).unref()
  }
  return { write: later, end: () => later(null) }
}
