import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import { createAdaptorServer, type WebSocketServerLike } from '@hono/node-server'
import { createPair, memoryStore, type Pair, type PairOptions } from '@pair/core'
import { Hono } from 'hono'
import { onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { pairHono } from '../../src/index.ts'
import {
  pairKeyed,
  read,
  toRequest,
  type Answer,
  type Call,
  type Keyed,
} from '../../../core/test/kit/edge.ts'

export type { Answer, Keyed }
export type Scope = 'notes:read' | 'notes:write'

/** A real server on a real port, spoken to over the network. */
export interface Home {
  pair: Pair<Scope>
  server: Server
  origin: string
  host: string
  call(path: string, call?: Call): Promise<Answer>
  owner(): Promise<Keyed>
  /** Pairs without a key; answers the Authorization and the session. */
  bearer(scopes?: Scope[]): Promise<{ authorization: string; sessionId: `ses_${string}` }>
  /** Bytes to the letter over one connection; answers all that comes back until it closes. */
  raw(lines: readonly string[], body?: string): Promise<string>
}

export interface HomeOptions extends Partial<PairOptions<Scope>> {
  /** Adds to the app what stands before the mount. */
  before?: (app: Hono, pair: Pair<Scope>) => void
}

/** Starts an app with @pair mounted and what `routes` adds, until the test has finished. */
export async function startHome(
  routes: (app: Hono, pair: Pair<Scope>) => void = () => {},
  { before, ...options }: HomeOptions = {},
): Promise<Home> {
  const pair = createPair<Scope>({
    secret: 'a secret of these tests, 32 bytes or more',
    store: memoryStore(),
    scopes: ['notes:read', 'notes:write'],
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    ...options,
  })
  const app = new Hono()
  before?.(app, pair)
  app.use(pairHono(pair))
  routes(app, pair)
  const server = createAdaptorServer({
    fetch: app.fetch,
    websocket: {
      server: new WebSocketServer({ noServer: true }) as unknown as WebSocketServerLike,
    },
  }) as Server
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const host = `127.0.0.1:${port}`
  const origin = `http://${host}`
  onTestFinished(async () => {
    await pair.close()
    server.closeAllConnections()
    server.close()
  })
  const call: Home['call'] = async (path, more = {}) =>
    read(await fetch(toRequest(path, { at: origin, ...more })))
  const home: Home = {
    pair,
    server,
    origin,
    host,
    call,
    async owner() {
      const scopes = ['notes:read', 'notes:write', 'access:read', 'access:write'] as const
      const { typed } = await pair.codes.issue({ scopes, origin })
      return pairKeyed({ call, now: Date.now }, typed, origin)
    },
    async bearer(scopes = ['notes:read', 'notes:write']) {
      const { typed } = await pair.codes.issue({ scopes, origin })
      const { body } = await call('/auth/redeem', { body: { code: typed, transport: 'bearer' } })
      return { authorization: `Bearer ${body.accessToken}`, sessionId: body.session.id }
    },
    raw(lines, body = '') {
      const socket = connect(port, '127.0.0.1')
      let answer = ''
      socket.on('data', (chunk) => (answer += chunk.toString()))
      socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
      return new Promise((resolve) => {
        socket.on('error', () => resolve(answer))
        socket.on('close', () => resolve(answer))
      })
    },
  }
  return home
}

/** A socket that must open. */
export function opened(url: string, headers: Record<string, string> = {}): Promise<WebSocket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers })
  onTestFinished(() => socket.terminate())
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** The code with which a socket closes. */
export function closeCode(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once('close', resolve))
}
