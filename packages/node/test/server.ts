import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPair, memoryStore, type Pair } from '@pair/core'
import { onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import {
  attachUpgrade,
  type Connection,
  type ConnectionHandlers,
  type UpgradeOptions,
} from '../src/index.ts'
import { createDevice, sha256, type Device } from './device.ts'

export type Scope = 'notes:read' | 'notes:write'

export interface TestServer {
  pair: Pair<Scope>
  server: Server
  origin: string
  /** Pairs without a key; answers the bearer token. */
  pairBearer: () => Promise<{ token: string; sessionId: string }>
  /** Pairs with a key; answers a ticket and the `hello` that it needs. */
  pairKeyed: (
    path: string,
  ) => Promise<{ device: Device; ticket: string; hello: string; sessionId: string }>
}

type Overrides = Partial<UpgradeOptions<Scope>>

/** A real server with the socket `/live`, until the test has finished. */
export async function startServer(
  onConnection: (connection: Connection<Scope>) => ConnectionHandlers | void = () => undefined,
  overrides: Overrides = {},
): Promise<TestServer> {
  const pair = createPair({
    secret: 'a secret of this test, 32 bytes or more',
    store: memoryStore(),
    scopes: ['notes:read', 'notes:write'],
  })
  const server = createServer((_, response) => response.end('page'))
  attachUpgrade(server, {
    pair,
    path: '/live',
    need: { scopes: ['notes:read'] },
    ws: { WebSocketServer },
    onConnection,
    ...overrides,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  onTestFinished(async () => {
    await pair.close()
    server.close()
    server.closeAllConnections()
  })

  const post = async (
    path: string,
    body: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const request = new Request(origin + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', host: new URL(origin).host, ...headers },
      body: JSON.stringify(body),
    })
    const response = await pair.handler(request, { remoteAddress: '127.0.0.1' })
    if (response?.ok !== true)
      throw new Error(`${path}: ${response?.status} ${await response?.text()}`)
    return (await response.json()) as Answer
  }
  const newCode = async (): Promise<string> =>
    (await pair.codes.issue({ scopes: ['notes:read'], origin })).typed

  return {
    pair,
    server,
    origin,
    async pairBearer() {
      const { accessToken, session } = await post('/auth/redeem', {
        code: await newCode(),
        transport: 'bearer',
      })
      return { token: accessToken, sessionId: session.id }
    },
    async pairKeyed(path) {
      const device = await createDevice()
      const body = {
        code: await newCode(),
        device: { kind: 'app', label: 'Test', publicKey: device.publicKey },
        transport: 'dpop',
      }
      // keys in the order of RFC 8785
      const bodyHash = sha256(canonical(body))
      const redeem = await device.prove({ htm: 'POST', htu: `${origin}/auth/redeem`, bodyHash })
      const { accessToken, session } = await post('/auth/redeem', body, { dpop: redeem })
      const proof = await device.prove({
        htm: 'POST',
        htu: `${origin}/auth/tickets`,
        ath: sha256(accessToken),
      })
      const headers = { authorization: `DPoP ${accessToken}`, dpop: proof }
      const { ticket } = await post('/auth/tickets', { for: 'socket' }, headers)
      const hello = {
        type: 'hello',
        proof: await device.prove({ htm: 'GET', htu: origin + path, ath: sha256(ticket) }),
      }
      return { device, ticket, hello: JSON.stringify(hello), sessionId: session.id }
    },
  }
}

interface Answer {
  accessToken: string
  ticket: string
  session: { id: `ses_${string}` }
}

/** As RFC 8785 writes what has no numbers and no odd characters. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`
}

/** The outcome of an upgrade: the refusal, or the open socket. */
export type Outcome = { status: number; headers: Record<string, unknown>; body: string } | WebSocket

/** Tries to open a socket. */
export function open(url: string, headers: Record<string, string> = {}): Promise<Outcome> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers })
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket))
    socket.once('error', reject)
    socket.once('unexpected-response', (_, response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      )
    })
  })
}

/** Opens a socket that must open. */
export async function opened(
  url: string,
  headers: Record<string, string> = {},
): Promise<WebSocket> {
  const outcome = await open(url, headers)
  if (!(outcome instanceof WebSocket)) throw new Error(`refused: ${outcome.status} ${outcome.body}`)
  onTestFinished(() => outcome.terminate())
  return outcome
}

/** The code with which a socket closes. */
export function closeCode(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once('close', resolve))
}
