import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPair, memoryStore, type Pair, type PairOptions } from '@pair/core'
import express, { type Express } from 'express'
import express4 from 'express4'
import { onTestFinished } from 'vitest'
import {
  pairKeyed,
  read,
  toRequest,
  type Answer,
  type Call,
  type Keyed,
} from '../../../core/test/kit/edge.ts'
import { dial, type Dialled } from '../../../node/test/dial.ts'
import { pairExpress } from '../../src/index.ts'

export type { Answer, Dialled, Keyed }
export type Scope = 'notes:read' | 'notes:write'
export type ExpressModule = typeof express

export const frameworks: readonly [name: string, module: ExpressModule][] = [
  // the tests use only what both have
  ['Express 4', express4 as unknown as ExpressModule],
  ['Express 5', express],
]

/** A real server on a real port, spoken to over the network. */
export interface Home {
  pair: Pair<Scope>
  server: Server
  origin: string
  host: string
  /** What went to the app's error handler. */
  errors: unknown[]
  call(path: string, call?: Call): Promise<Answer>
  /** Pairs a device with a key, which may do all. */
  owner(at?: { origin?: string; below?: string; headers?: Record<string, string> }): Promise<Keyed>
  /** A fresh code, typed. */
  code(): Promise<string>
  /** Pairs without a key; answers the Authorization and the session. */
  bearer(scopes?: Scope[]): Promise<{ authorization: string; sessionId: `ses_${string}` }>
  /** Bytes to the letter over one connection; answers all that comes back until it closes. */
  raw(lines: readonly string[], body?: string): Promise<string>
  /** A bare connection on which these bytes were written. */
  dial(bytes: string): Dialled
}

export interface HomeOptions extends Partial<PairOptions<Scope>> {
  /** Adds to the app what stands before the mount. */
  before?: (app: Express, pair: Pair<Scope>) => void
  /** Mounts @pair where it is not the whole app's. */
  mount?: (app: Express, pair: Pair<Scope>) => void
}

/** Starts an app with @pair mounted and what `routes` adds, until the test has finished. */
export async function startHome(
  module: ExpressModule,
  routes: (app: Express, pair: Pair<Scope>) => void = () => {},
  { before, mount = (app, pair) => void app.use(pairExpress(pair)), ...options }: HomeOptions = {},
): Promise<Home> {
  const pair = createPair<Scope>({
    secret: 'a secret of these tests, 32 bytes or more',
    store: memoryStore(),
    scopes: ['notes:read', 'notes:write'],
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    ...options,
  })
  const app = module()
  const errors: unknown[] = []
  before?.(app, pair)
  mount(app, pair)
  routes(app, pair)
  const onError: express.ErrorRequestHandler = (error, _, res, next) => {
    errors.push(error)
    if (res.headersSent) next(error)
    else res.status(error.status ?? 500).json({ app: 'it went wrong' })
  }
  app.use(onError)
  const server = createServer(app)
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
  return {
    pair,
    server,
    origin,
    host,
    errors,
    call,
    async owner({ origin: seen = origin, below = '', headers = {} } = {}) {
      const scopes = ['notes:read', 'notes:write', 'access:read', 'access:write'] as const
      const { typed } = await pair.codes.issue({ scopes, origin: seen })
      const callThere: Home['call'] = (path, more = {}) =>
        call(below + path, { ...more, headers: { ...headers, ...more.headers } })
      return pairKeyed({ call: callThere, now: Date.now }, typed, seen + below)
    },
    code: async () => (await pair.codes.issue({ origin })).typed,
    async bearer(scopes = ['notes:read', 'notes:write']) {
      const { typed } = await pair.codes.issue({ scopes, origin })
      const { body } = await call('/auth/redeem', { body: { code: typed, transport: 'bearer' } })
      return { authorization: `Bearer ${body.accessToken}`, sessionId: body.session.id }
    },
    raw: (lines, body = '') => dial(port, `${lines.join('\r\n')}\r\n\r\n${body}`).closed(),
    dial: (bytes) => dial(port, bytes),
  }
}
