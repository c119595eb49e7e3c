import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { fixedRandom } from '../runtime/fixed-random.ts'
import {
  faultyLine,
  type FaultyLine,
  type NetworkFault,
  type NetworkFaultName,
} from './faulty-line.ts'

export interface FaultProxyOptions {
  /** Where the server listens. Default: `127.0.0.1`. */
  host?: string
  port: number
}

export interface Storm {
  /** The same seed draws the same faults for the same requests in the same order. */
  seed: number
  /** How many of the requests meet a fault: from 0, none, to 1, all. */
  chance: number
  /** One of these, drawn evenly. */
  faults: readonly NetworkFault[]
}

export interface FaultProxy {
  /** Where the app connects to: `127.0.0.1`, and a port of its own. */
  host: string
  port: number
  /**
   * The next connections meet these faults from their first byte on, one each; `null` lets one through. Takes the place
   * of what was planned before.
   */
  plan(faults: NetworkFault | readonly (NetworkFault | null)[]): void
  /**
   * A fault for what is there already: for all open connections at this moment, or, with `when`, for the next request
   * of any connection of which it says so, and that one alone. A request is what the app sends between two answers;
   * `when` sees as much of it as came at once.
   */
  strike(fault: NetworkFault, options?: { when?: (request: Buffer) => boolean }): void
  /** From now on requests of all connections meet faults by chance, each for itself; `null` ends it. */
  storm(storm: Storm | null): void
  /** Takes no connections: they are refused, and those that are open stay so. */
  refuse(): void
  /** Takes connections again, at the same port. */
  accept(): Promise<void>
  /** No faults any more, planned, struck or by chance. What was swallowed stays lost: such connections are cut. */
  heal(): void
  /** How many connections there are at this moment. */
  open(): number
  /** How often each fault struck, so that a test can tell that it had any. */
  struck(): Readonly<Record<NetworkFaultName, number>>
  /** Cuts all connections and frees the port. */
  close(): Promise<void>
}

/**
 * A proxy between an app and its database, on which the network fails on plan or by chance: connections that break
 * before or after the database did what it was asked, that hang half open, are slow, or are refused. It knows no
 * protocol. For a store without network there is `faultyStore`.
 *
 * @example
 * const proxy = await faultProxy({ port: 5432 })
 * const store = postgresStore(new Pool({ host: proxy.host, port: proxy.port }))
 * proxy.strike('lose-answer', { when: (request) => request.includes('COMMIT') })
 * proxy.storm({ seed: 1, chance: 0.05, faults: ['cut', 'lose-answer', { delayMs: 50 }] })
 * await proxy.close()
 */
export async function faultProxy({
  host = '127.0.0.1',
  port,
}: FaultProxyOptions): Promise<FaultProxy> {
  const lines = new Set<FaultyLine>()
  const counts = { cut: 0, 'lose-answer': 0, swallow: 0, delay: 0 }
  let planned: (NetworkFault | null)[] = []
  let armed: { fault: NetworkFault; when: (request: Buffer) => boolean }[] = []
  let chance: (() => NetworkFault | null) | null = null

  function faultOf(request: Buffer): NetworkFault | null {
    const found = armed.find(({ when }) => when(request))
    if (!found) return chance?.() ?? null
    armed = armed.filter((other) => other !== found)
    return found.fault
  }

  function listen(at: number): Promise<Server> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const line: FaultyLine = faultyLine({
        app: socket,
        server: { host, port },
        faultOf,
        struck: (name) => counts[name]++,
        ended: () => lines.delete(line),
      })
      lines.add(line)
      const fault = planned.shift()
      if (fault) line.meet(fault)
    })
    server.listen(at, '127.0.0.1')
    return once(server, 'listening').then(() => server)
  }

  let listening: Server | null = await listen(0)
  const own = (listening.address() as AddressInfo).port
  const refuse = (): void => {
    listening?.close()
    listening = null
  }

  return {
    host: '127.0.0.1',
    port: own,
    plan(faults) {
      planned = isOne(faults) ? [faults] : [...faults]
    },
    strike(fault, { when } = {}) {
      if (when) armed.push({ fault, when })
      else for (const line of lines) line.meet(fault)
    },
    storm(storm) {
      chance = storm && drawing(storm)
    },
    refuse,
    async accept() {
      listening ??= await listen(own)
    },
    heal() {
      planned = []
      armed = []
      chance = null
      for (const line of lines) line.heal()
    },
    open: () => lines.size,
    struck: () => ({ ...counts }),
    async close() {
      const ended = listening && once(listening, 'close')
      refuse()
      for (const line of lines) line.end()
      await ended
    },
  }
}

function isOne(faults: NetworkFault | readonly (NetworkFault | null)[]): faults is NetworkFault {
  return !Array.isArray(faults)
}

function drawing({ seed, chance, faults }: Storm): () => NetworkFault | null {
  const random = fixedRandom(seed)
  /** From 0 up to 1. */
  const draw = (): number => {
    const [high = 0, low = 0] = random(2)
    return (high * 256 + low) / 65_536
  }
  return () => {
    const [isHit, which] = [draw() < chance, draw()]
    return isHit ? (faults[Math.floor(which * faults.length)] ?? null) : null
  }
}
